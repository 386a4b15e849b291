"""Needs, calls, scoring sheets, frozen versions of rules, and the hidden seeds of draws."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """A version of rules is never changed: the API role has no right to."""
    m.tenant_table(
        "venture_need",
        """
        title text collate "C" not null check (length(title) between 1 and 100),
        description text not null default '' check (length(description) <= 5000),
        category text not null check (length(category) between 1 and 40),
        beneficiaries integer not null check (beneficiaries between 0 and 100000000),
        source text not null check (length(source) between 1 and 200),
        surveyed_on date not null,
        state text not null default 'recorded' check (state in ('recorded', 'published', 'withdrawn'))
        """,
        indexes=[("state", "id"), ("category", "id"), ("surveyed_on", "id"), ("beneficiaries", "id")],
        area=True,
    )
    _calls(m)
    m.tenant_table(
        "venture_criterion",
        """
        call_id uuid not null,
        position integer not null check (position between 1 and 30),
        key text not null check (length(key) between 1 and 40),
        title text not null check (length(title) between 1 and 100),
        weight integer not null check (weight between 1 and 100)
        """,
        references={"call_id": "venture_call"},
        unique=[("call_id", "key"), ("call_id", "position")],
        area=True,
    )
    m.tenant_table(
        "venture_call_version",
        """
        call_id uuid not null,
        number integer not null check (number between 1 and 1000),
        rules jsonb not null,
        digest text not null check (length(digest) = 64),
        note text not null default '' check (length(note) <= 5000),
        made_by uuid,
        made_at timestamptz not null
        """,
        references={"call_id": "venture_call"},
        unique=[("call_id", "number")],
        area=True,
        append_only=True,
    )
    m.tenant_table(
        "venture_draw_seed",
        """
        call_id uuid not null,
        seed bytea check (octet_length(seed) >= 46)
        """,
        references={"call_id": "venture_call"},
        unique=[("call_id",)],
        area=True,
    )


def _calls(m: Migration) -> None:
    m.tenant_table(
        "venture_call",
        """
        number text check (length(number) between 1 and 40),
        title text collate "C" not null check (length(title) between 1 and 100),
        guide text not null default '' check (length(guide) <= 20000),
        pool_id uuid not null,
        opens_at timestamptz not null,
        closes_at timestamptz not null check (closes_at > opens_at),
        cap_fen bigint not null check (cap_fen between 1 and 100000000000),
        grant_percent_max integer not null check (grant_percent_max between 1 and 100),
        floor_grade text check (floor_grade in ('1A', '2A', '3A', '4A', '5A')),
        categories text[] not null,
        tranche_shares integer[] not null,
        reviews_min integer not null check (reviews_min between 5 and 15),
        defence_percent integer not null default 0 check (defence_percent between 0 and 50),
        anonymous boolean not null default true,
        notice_days integer not null check (notice_days between 1 and 60),
        correction_days integer not null check (correction_days between 1 and 60),
        state text not null default 'draft' check (state in
            ('draft', 'published', 'closed', 'reviewing', 'notice', 'decided', 'cancelled')),
        rules_version integer not null default 0 check (rules_version between 0 and 1000),
        drafted_by uuid[] not null default '{}',
        published_by uuid,
        published_at timestamptz,
        closed_at timestamptz,
        ranked_at timestamptz,
        shortlisted_at timestamptz,
        defended_at timestamptz,
        seed_commitment text not null default '' check (length(seed_commitment) <= 64),
        cancel_reason text not null default '' check (length(cancel_reason) <= 500)
        """,
        references={"pool_id": "venture_pool"},
        unique=[("number",)],
        indexes=[("state", "closes_at"), ("closes_at", "id"), ("opens_at", "id"), ("pool_id", "id")],
        area=True,
    )
