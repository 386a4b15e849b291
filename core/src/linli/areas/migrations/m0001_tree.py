"""Levels, areas, their history, change sets and counters."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Paths, codes and sort keys are C-collated: they are compared by range under row-level security."""
    _levels_and_areas(m)
    _history(m)
    _counters(m)


def _levels_and_areas(m: Migration) -> None:
    m.tenant_table(
        "areas_level",
        """
        key text collate "C" not null check (key ~ '^[a-z][a-z0-9_]{0,31}$'),
        name_zh text not null check (length(name_zh) between 1 and 40),
        name_en text not null check (length(name_en) between 1 and 80),
        rank integer not null check (rank between 0 and 99),
        top boolean not null default false,
        parents text[] not null default '{}'
        """,
        unique=[("key",), ("rank",)],
    )
    m.tenant_table(
        "areas_area",
        """
        code text collate "C" not null check (length(code) between 1 and 32),
        name text not null check (length(name) between 1 and 100),
        name_pinyin text collate "C" not null,
        name_letters text collate "C" not null default '',
        name_initials text collate "C" not null,
        name_grams text[] not null default '{}',
        level text collate "C" not null,
        parent_id uuid,
        path text collate "C" not null check (right(path, 1) = '.'),
        depth integer not null check (depth between 1 and 16),
        state text not null check (state in ('active', 'retired')),
        valid_from date not null,
        valid_to date check (valid_to > valid_from),
        renewed_on date check (renewed_on >= valid_from),
        descendants integer not null default 0 check (descendants >= 0),
        children_made integer not null default 0 check (children_made >= 0),
        check ((state = 'retired') = (valid_to is not null)),
        check ((parent_id is null) = (depth = 1))
        """,
        references={"parent_id": "areas_area"},
        unique=[("path",)],
        indexes=[("parent_id",), ("name_pinyin",), ("name_letters",), ("name_initials",)],
    )
    m.index("areas_area", "code", unique=True, where="state = 'active'")


def _history(m: Migration) -> None:
    m.tenant_table(
        "areas_change_set",
        """
        state text not null check (state in ('draft', 'previewed', 'applied', 'discarded')),
        title text not null default '' check (length(title) <= 200),
        effective_on date not null,
        content jsonb not null,
        preview jsonb,
        created_by uuid,
        applied_by uuid,
        applied_at timestamptz
        """,
        indexes=[("state", "id")],
    )
    m.tenant_table(
        "areas_version",
        """
        area_id uuid not null,
        code text collate "C" not null,
        name text not null,
        level text collate "C" not null,
        parent_id uuid,
        path text collate "C" not null,
        depth integer not null,
        valid_from date not null,
        valid_to date not null check (valid_to > valid_from),
        change_set_id uuid
        """,
        references={"area_id": "areas_area", "change_set_id": "areas_change_set"},
        unique=[("area_id", "valid_from")],
        indexes=[("path", "valid_from"), ("code", "valid_from"), ("parent_id", "valid_from")],
    )
    m.tenant_table(
        "areas_succession",
        """
        predecessor_id uuid not null,
        successor_id uuid not null,
        kind text not null check (kind in ('split', 'merge', 'retire')),
        effective_on date not null,
        change_set_id uuid not null,
        check (predecessor_id <> successor_id)
        """,
        references={
            "predecessor_id": "areas_area",
            "successor_id": "areas_area",
            "change_set_id": "areas_change_set",
        },
        unique=[("predecessor_id", "successor_id")],
        indexes=[("successor_id",)],
        append_only=True,
    )


def _counters(m: Migration) -> None:
    m.tenant_table(
        "areas_counter",
        """
        area_id uuid not null,
        kind text collate "C" not null check (kind ~ '^[a-z][a-z0-9_.]{0,62}$'),
        own bigint not null default 0,
        total bigint not null default 0
        """,
        references={"area_id": "areas_area"},
        unique=[("area_id", "kind")],
    )
    m.tenant_table(
        "areas_counter_delta",
        """
        area_id uuid not null,
        kind text collate "C" not null check (kind ~ '^[a-z][a-z0-9_.]{0,62}$'),
        delta bigint not null
        """,
        references={"area_id": "areas_area"},
    )
