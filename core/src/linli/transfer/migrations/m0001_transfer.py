"""Files in pieces, imports with their staged rows and problems, exports."""

from linli.db.ddl import Migration

_ACTING = """
    acting_kind text not null default 'account' check (acting_kind in ('account', 'client', 'system')),
    acting_id uuid,
    acting_name text not null default '',
    acting_permissions text[] not null default '{}',
    locale text not null default 'zh-CN',
    error_code text not null default '',
    error_details jsonb not null default '{}',
    finished_at timestamptz"""


def upgrade(m: Migration) -> None:
    """Pieces and staged rows hold personal data and go with their file's time; imports and exports stay as a log."""
    m.tenant_table(
        "transfer_file",
        """
        purpose text not null check (purpose in ('import', 'result', 'export')),
        name text not null check (length(name) between 1 and 200),
        format text not null check (format in ('xlsx', 'csv', 'jsonl')),
        size_bytes bigint not null check (size_bytes >= 0),
        sha256 text not null check (length(sha256) = 64),
        expires_at timestamptz not null,
        removed_at timestamptz
        """,
    )
    m.index("transfer_file", "expires_at", where="removed_at is null")
    m.tenant_table(
        "transfer_piece",
        """
        file_id uuid not null,
        place integer not null,
        body bytea not null check (length(body) <= 1048576)
        """,
        references={"file_id": "transfer_file"},
        unique=[("file_id", "place")],
    )
    _imports(m)
    m.tenant_table(
        "transfer_export",
        f"""
        connection text collate "C" not null,
        filter jsonb not null default '{{}}',
        order_by text not null default '',
        columns text[] not null default '{{}}',
        format text not null check (format in ('xlsx', 'csv', 'jsonl')),
        state text collate "C" not null default 'waiting' check (state in ('waiting', 'done', 'failed')),
        file_id uuid,
        rows_done integer not null default 0,
        {_ACTING}
        """,
        references={"file_id": "transfer_file"},
        indexes=[("state", "id"), ("connection", "id"), ("file_id",)],
        area=True,
    )


def _imports(m: Migration) -> None:
    m.tenant_table(
        "transfer_import",
        f"""
        kind text collate "C" not null,
        file_id uuid not null,
        file_name text not null default '',
        result_file_id uuid,
        has_result boolean not null default false,
        state text collate "C" not null default 'uploaded'
            check (state in ('uploaded', 'checking', 'checked', 'running', 'done', 'failed', 'cancelled')),
        ending text not null default '' check (ending in ('', 'checked', 'done', 'failed', 'cancelled')),
        mode text not null default 'good_rows' check (mode in ('all_or_nothing', 'good_rows')),
        uploaded_by uuid,
        headers jsonb not null default '[]',
        places jsonb not null default '{{}}',
        rows_total integer not null default 0,
        rows_done integer not null default 0,
        blocks_total integer not null default 0,
        blocks_done integer not null default 0,
        created_count integer not null default 0,
        updated_count integer not null default 0,
        unchanged_count integer not null default 0,
        refused_count integer not null default 0,
        problem_count integer not null default 0,
        cancel_asked_at timestamptz,
        {_ACTING}
        """,
        references={"file_id": "transfer_file", "result_file_id": "transfer_file"},
        indexes=[("state", "id"), ("kind", "id"), ("file_id",), ("result_file_id",)],
        area=True,
    )
    m.tenant_table(
        "transfer_block",
        """
        import_id uuid not null,
        place integer not null,
        rows_count integer not null,
        cells bytea not null,
        outcomes bytea
        """,
        references={"import_id": "transfer_import"},
        unique=[("import_id", "place")],
    )
    m.tenant_table(
        "transfer_problem",
        """
        import_id uuid not null,
        row_number integer not null,
        column_key text collate "C" not null default '',
        value text not null default '',
        code text collate "C" not null,
        details jsonb not null default '{}'
        """,
        references={"import_id": "transfer_import"},
        indexes=[("import_id", "row_number", "id"), ("code", "import_id"), ("row_number", "id")],
        area=True,
    )
