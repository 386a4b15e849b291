"""Files and staged rows are encrypted; columns that are never kept, and those that nobody knows, are told."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """What lies there in clear goes: it was to be kept for some days, and can be sent in again.

    An import whose rows are gone fails with `transfer.file_gone`. A process of the release before cannot read what is
    written from now on: its jobs fail, and are tried again.
    """
    m.execute("alter table transfer_piece drop constraint transfer_piece_body_check")
    m.execute("truncate table transfer_piece")
    m.execute("truncate table transfer_block")
    m.execute(
        "alter table transfer_piece add constraint transfer_piece_body_check check (octet_length(body) >= 46),"
        " add constraint transfer_piece_body_size check (octet_length(body) <= 1048622)"
    )
    m.execute(
        "alter table transfer_block add constraint transfer_block_cells_check check (octet_length(cells) >= 46)"
    )
    m.add_column("transfer_import", "dropped_columns text[] not null default '{}'")
    m.add_column("transfer_import", "ignored_columns text[] not null default '{}'")
