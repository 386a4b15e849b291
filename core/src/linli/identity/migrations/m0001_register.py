"""The shared register: people, households, organisations."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Names are C-collated, so that a prefix search may use the index under row-level security."""
    _people(m)
    _households(m)
    m.tenant_table(
        "identity_organisation",
        """
        name text collate "C" not null check (length(name) between 1 and 200),
        name_pinyin text collate "C" not null,
        kind text not null
            check (kind in ('social_organisation', 'enterprise', 'government', 'committee', 'other')),
        uscc text collate "C" check (length(uscc) = 18),
        address text not null default '' check (length(address) <= 200),
        contact_phone text check (length(contact_phone) <= 20),
        state text not null default 'active' check (state in ('active', 'closed')),
        synthetic boolean not null default false
        """,
        unique=[("uscc",)],
        indexes=[("name_pinyin", "id"), ("name",), ("kind", "name_pinyin")],
        area=True,
    )


def _people(m: Migration) -> None:
    m.tenant_table(
        "identity_person",
        """
        full_name text collate "C" not null check (length(full_name) between 1 and 100),
        name_pinyin text collate "C" not null,
        gender text not null default 'unknown' check (gender in ('female', 'male', 'other', 'unknown')),
        birth_date date,
        phone text collate "C" check (length(phone) <= 20),
        state text not null default 'active' check (state in ('active', 'left', 'deceased', 'merged')),
        ended_on date,
        merged_into_id uuid,
        synthetic boolean not null default false,
        check ((state in ('left', 'deceased')) = (ended_on is not null)),
        check ((state = 'merged') = (merged_into_id is not null)),
        check (merged_into_id <> id)
        """,
        references={"merged_into_id": "identity_person"},
        indexes=[
            ("name_pinyin", "id"),
            ("full_name",),
            ("birth_date", "id"),
            ("phone",),
            ("merged_into_id",),
        ],
        area=True,
    )
    m.tenant_table(
        "identity_person_merge",
        """
        kept_person_id uuid not null,
        merged_person_id uuid not null,
        reason text not null check (length(reason) between 1 and 500),
        merged_by uuid,
        check (kept_person_id <> merged_person_id)
        """,
        references={"kept_person_id": "identity_person", "merged_person_id": "identity_person"},
        unique=[("merged_person_id",)],
        indexes=[("kept_person_id",)],
        append_only=True,
    )


def _households(m: Migration) -> None:
    m.tenant_table(
        "identity_household",
        """
        name text collate "C" not null check (length(name) between 1 and 100),
        number text collate "C" check (length(number) between 1 and 50),
        head_person_id uuid,
        address text not null default '' check (length(address) <= 200),
        state text not null default 'active' check (state in ('active', 'dissolved')),
        synthetic boolean not null default false
        """,
        references={"head_person_id": "identity_person"},
        unique=[("number",)],
        indexes=[("name", "id"), ("head_person_id",)],
        area=True,
    )
    m.tenant_table(
        "identity_household_member",
        """
        household_id uuid not null,
        person_id uuid not null,
        relation text not null
            check (relation in ('head', 'spouse', 'child', 'parent', 'grandchild', 'grandparent', 'sibling',
                'other_relative', 'unrelated')),
        valid_from date not null,
        valid_to date check (valid_to >= valid_from)
        """,
        references={"household_id": "identity_household", "person_id": "identity_person"},
        indexes=[("household_id", "valid_from"), ("person_id",)],
        area=True,
    )
    # Past memberships are kept apart by the service, under a lock on the household's row.
    m.index("identity_household_member", "household_id", "person_id", unique=True, where="valid_to is null")
