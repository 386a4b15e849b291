"""Identity numbers of people, and the secrets of authenticators, encrypted."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """An encrypted value has at least 46 bytes, so nothing in clear fits.

    Secrets of authenticators move to `totp_sealed` at the next log-in or by the nightly job, whichever is first;
    `totp_secret` is dropped in the release after.
    """
    m.add_column("identity_person", "id_number bytea check (octet_length(id_number) >= 46)")
    m.add_column("identity_person", "id_number_index bytea check (octet_length(id_number_index) = 32)")
    m.index("identity_person", "id_number_index", where="id_number_index is not null")
    m.add_column("identity_account", "totp_sealed bytea check (octet_length(totp_sealed) >= 46)")
    m.execute("alter table identity_account drop constraint identity_account_check")
    m.execute(
        "alter table identity_account add constraint identity_account_second_factor check"
        " (totp_confirmed_at is null or totp_secret is not null or totp_sealed is not null)"
    )
    m.index("identity_account", "id", where="totp_secret is not null")
