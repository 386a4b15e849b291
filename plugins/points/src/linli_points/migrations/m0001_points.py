"""Standard, participants, claims, objections, rewards, redemptions, transfers, pools."""

from linli.plugin import Migration

_TEXT = 'text collate "C"'
_POINTS_MAX = 1_000_000_000


def upgrade(m: Migration) -> None:
    """The partial unique indexes on claims and evidence make a second award impossible, whoever writes it."""
    _standard(m)
    _participants(m)
    _claims(m)
    _rewards(m)
    _redemptions(m)
    _transfers(m)


def _standard(m: Migration) -> None:
    m.tenant_table(
        "points_subcategory",
        f"""
        code {_TEXT} not null check (code ~ '^[a-z][a-z0-9_]{{1,59}}$'),
        category text not null check (
            category in ('public_order', 'public_virtue', 'community_building', 'rewards_and_penalties')),
        name_zh text not null check (length(name_zh) between 1 and 50),
        name_en text not null default '' check (length(name_en) <= 100),
        is_default boolean not null default false,
        state text not null default 'active' check (state in ('active', 'retired'))
        """,
        unique=[("code",)],
        indexes=[("category", "code")],
    )
    m.tenant_table(
        "points_rule_set",
        """
        number integer not null check (number > 0),
        title text not null check (length(title) between 1 and 100),
        origin text not null default 'own' check (origin in ('own', 'inherited')),
        origin_id uuid,
        state text not null default 'draft' check (state in ('draft', 'adopted', 'discarded')),
        adopted_on date,
        drafted_by uuid,
        adopted_by uuid,
        check ((origin = 'inherited') = (origin_id is not null)),
        check ((state = 'adopted') = (adopted_on is not null)),
        check (adopted_by <> drafted_by)
        """,
        unique=[("origin", "number")],
        indexes=[("state", "adopted_on"), ("number",)],
    )
    m.tenant_table(
        "points_rule_set_area",
        "rule_set_id uuid not null",
        references={"rule_set_id": "points_rule_set"},
        unique=[("rule_set_id", "area_id")],
        area=True,
    )
    m.tenant_table(
        "points_rule",
        f"""
        rule_set_id uuid not null,
        code {_TEXT} not null check (code ~ '^[a-z][a-z0-9_]{{1,59}}$'),
        category text not null check (
            category in ('public_order', 'public_virtue', 'community_building', 'rewards_and_penalties')),
        subcategory_id uuid not null,
        title text not null check (length(title) between 1 and 100),
        points integer not null check (points between 1 and 10000),
        cap_claim integer check (cap_claim between 1 and 1000000),
        cap_day integer check (cap_day between 1 and 1000000),
        cap_year integer check (cap_year between 1 and 1000000),
        evidence_required boolean not null default true,
        for_person boolean not null default true,
        for_household boolean not null default false,
        for_unit boolean not null default false,
        source text not null default 'claim' check (source in ('claim', 'volunteer_hours')),
        check (for_person or for_household or for_unit)
        """,
        references={"rule_set_id": "points_rule_set", "subcategory_id": "points_subcategory"},
        unique=[("rule_set_id", "code")],
        indexes=[("subcategory_id",), ("code",), ("category",)],
    )


def _participants(m: Migration) -> None:
    m.tenant_table(
        "points_participant",
        """
        kind text not null check (kind in ('person', 'household', 'unit')),
        person_id uuid,
        household_id uuid,
        organisation_id uuid,
        contact_id uuid,
        account_id uuid not null,
        state text not null default 'active' check (state in ('active', 'left')),
        joined_on date not null,
        left_on date check (left_on >= joined_on),
        nickname text not null default '' check (length(nickname) <= 20),
        ranked boolean not null default false,
        charity boolean not null default false,
        check ((kind = 'person') = (person_id is not null)),
        check ((kind = 'household') = (household_id is not null)),
        check ((kind = 'unit') = (organisation_id is not null)),
        check ((state = 'left') = (left_on is not null)),
        check (not ranked or nickname <> ''),
        check (not charity or kind = 'unit')
        """,
        references={
            "person_id": "identity_person",
            "household_id": "identity_household",
            "organisation_id": "identity_organisation",
            "contact_id": "identity_person",
            "account_id": "ledger_account",
        },
        unique=[("person_id",), ("household_id",), ("organisation_id",), ("account_id",)],
        indexes=[("joined_on", "id"), ("kind",), ("contact_id",)],
        area=True,
    )


def _claims(m: Migration) -> None:
    m.tenant_table(
        "points_claim",
        f"""
        participant_id uuid not null,
        person_id uuid,
        rule_id uuid not null,
        category text not null check (
            category in ('public_order', 'public_virtue', 'community_building', 'rewards_and_penalties')),
        activity text not null check (length(activity) between 1 and 100),
        activity_day date not null,
        slot {_TEXT} not null default '' check (length(slot) <= 40),
        quantity integer not null default 1 check (quantity between 1 and 1000000),
        points bigint not null check (points between 1 and {_POINTS_MAX}),
        note text not null default '' check (length(note) <= 500),
        source text not null default 'claim' check (source in ('claim', 'volunteer_hours')),
        source_id uuid,
        state text not null default 'draft' check (state in ('draft', 'submitted', 'returned', 'verified',
            'confirmed', 'publicised', 'objected', 'posted', 'rejected', 'withdrawn', 'reversed')),
        drafted_by uuid,
        submitted_by uuid,
        submitted_at timestamptz,
        verified_by uuid,
        verified_at timestamptz,
        confirmed_by uuid,
        confirmed_at timestamptz,
        publicised_at timestamptz,
        object_until timestamptz,
        rejected_by uuid,
        decision_reason text not null default '' check (length(decision_reason) <= 500),
        posted_at timestamptz,
        entry_id uuid,
        reversed_at timestamptz,
        blocked_code text not null default '' check (length(blocked_code) <= 100),
        check (verified_by <> submitted_by),
        check (confirmed_by <> submitted_by and confirmed_by <> verified_by),
        check ((state in ('posted', 'reversed')) = (posted_at is not null)),
        check ((state in ('posted', 'reversed')) = (entry_id is not null)),
        check ((source = 'claim') = (source_id is null))
        """,
        references={
            "participant_id": "points_participant",
            "person_id": "identity_person",
            "rule_id": "points_rule",
            "entry_id": "ledger_entry",
        },
        indexes=[
            ("participant_id", "activity_day"), ("person_id", "activity_day"), ("rule_id",), ("state", "object_until"),
            ("activity_day", "id"), ("category",), ("posted_at",), ("submitted_at",),
        ],
        area=True,
    )  # fmt: skip
    live = "state not in ('rejected', 'withdrawn', 'reversed')"
    m.index("points_claim", "participant_id", "activity_day", "activity", "slot", unique=True, where=live)
    m.index("points_claim", "source", "source_id", unique=True, where="source_id is not null")
    m.tenant_table(
        "points_evidence",
        f"""
        claim_id uuid not null,
        person_id uuid,
        kind text not null check (kind in ('reference', 'file')),
        reference text not null check (length(reference) between 1 and 500),
        digest {_TEXT} not null check (digest ~ '^[0-9a-f]{{64}}$'),
        in_use boolean not null default true
        """,
        references={"claim_id": "points_claim", "person_id": "identity_person"},
        indexes=[("claim_id",), ("person_id",)],
        area=True,
    )
    m.index("points_evidence", "digest", unique=True, where="in_use")
    m.tenant_table(
        "points_objection",
        """
        claim_id uuid not null,
        against text not null check (against in ('award', 'rejection')),
        person_id uuid,
        raised_by uuid,
        raised_at timestamptz not null,
        reason text not null check (length(reason) between 1 and 500),
        state text not null default 'open' check (state in ('open', 'upheld', 'dismissed')),
        decided_by uuid check (decided_by <> raised_by),
        decided_at timestamptz,
        decision_reason text not null default '' check (length(decision_reason) <= 500),
        check ((state = 'open') = (decided_at is null)),
        check ((state = 'open') = (decision_reason = ''))
        """,
        references={"claim_id": "points_claim", "person_id": "identity_person"},
        indexes=[("claim_id",), ("person_id",), ("raised_at", "id")],
        area=True,
    )
    m.index("points_objection", "claim_id", unique=True, where="state = 'open'")


def _rewards(m: Migration) -> None:
    m.tenant_table(
        "points_reward",
        f"""
        name text not null check (length(name) between 1 and 100),
        description text not null default '' check (length(description) <= 2000),
        kind text not null check (kind in ('service', 'goods', 'honour', 'incentive')),
        points bigint not null check (points between 1 and {_POINTS_MAX}),
        value_fen bigint not null default 0 check (value_fen between 0 and 100000000),
        stock integer check (stock between 0 and 10000000),
        provider_id uuid,
        offered_until date,
        state text not null default 'draft' check (state in ('draft', 'offered', 'withdrawn'))
        """,
        references={"provider_id": "identity_organisation"},
        indexes=[("provider_id",), ("kind",), ("points", "id")],
        area=True,
    )
    m.tenant_table(
        "points_pool",
        """
        year integer not null check (year between 2000 and 2199),
        residents bigint not null check (residents between 0 and 2000000000),
        residents_as_of date not null,
        source text not null check (length(source) between 1 and 200),
        rate_fen bigint not null check (rate_fen between 0 and 1000000),
        budget_fen bigint not null check (budget_fen >= 0),
        account_id uuid not null
        """,
        references={"account_id": "ledger_account"},
        unique=[("area_id", "year"), ("account_id",)],
        indexes=[("year",)],
        area=True,
    )
    m.index("points_pool", "year", unique=True, where="area_id is null")


def _redemptions(m: Migration) -> None:
    m.tenant_table(
        "points_redemption",
        f"""
        participant_id uuid not null,
        person_id uuid,
        reward_id uuid not null,
        quantity integer not null check (quantity between 1 and 1000),
        points bigint not null check (points between 1 and {_POINTS_MAX}),
        value_fen bigint not null check (value_fen >= 0),
        number {_TEXT} not null check (length(number) between 10 and 30),
        state text not null default 'reserved'
            check (state in ('reserved', 'issued', 'fulfilled', 'cancelled', 'lapsed')),
        hold_id uuid not null,
        pool_id uuid,
        pool_hold_id uuid,
        requested_by uuid,
        reserved_at timestamptz not null,
        expires_at timestamptz not null,
        issued_at timestamptz,
        fulfilled_at timestamptz,
        fulfilled_by uuid,
        ended_at timestamptz,
        end_reason text not null default '' check (length(end_reason) <= 500),
        check (fulfilled_by <> requested_by),
        check ((pool_id is null) = (pool_hold_id is null)),
        check ((value_fen = 0) = (pool_id is null)),
        check ((state = 'fulfilled') = (fulfilled_at is not null)),
        check ((state in ('cancelled', 'lapsed')) = (ended_at is not null))
        """,
        references={
            "participant_id": "points_participant",
            "person_id": "identity_person",
            "reward_id": "points_reward",
            "hold_id": "ledger_hold",
            "pool_id": "points_pool",
            "pool_hold_id": "ledger_hold",
        },
        unique=[("number",)],
        indexes=[("participant_id",), ("person_id",), ("reward_id",), ("pool_id",), ("reserved_at", "id"),
                 ("state", "expires_at")],
        area=True,
    )  # fmt: skip


def _transfers(m: Migration) -> None:
    m.tenant_table(
        "points_transfer",
        f"""
        from_participant_id uuid not null,
        to_participant_id uuid not null,
        person_id uuid,
        purpose text not null check (purpose in ('household', 'charity')),
        points bigint not null check (points between 1 and {_POINTS_MAX}),
        state text not null default 'offered'
            check (state in ('offered', 'accepted', 'posted', 'declined', 'cancelled')),
        hold_id uuid not null,
        offered_by uuid,
        offered_at timestamptz not null,
        accepted_by uuid,
        accepted_at timestamptz,
        due_at timestamptz,
        posted_at timestamptz,
        ended_at timestamptz,
        end_reason text not null default '' check (length(end_reason) <= 500),
        check (from_participant_id <> to_participant_id),
        check (state not in ('accepted', 'posted') or due_at is not null),
        check ((state = 'posted') = (posted_at is not null)),
        check ((state in ('declined', 'cancelled')) = (ended_at is not null))
        """,
        references={
            "from_participant_id": "points_participant",
            "to_participant_id": "points_participant",
            "person_id": "identity_person",
            "hold_id": "ledger_hold",
        },
        indexes=[("from_participant_id", "offered_at"), ("to_participant_id",), ("person_id",), ("offered_at", "id"),
                 ("state", "due_at")],
        area=True,
    )  # fmt: skip
