"""Posts of coordinators, visits, the quarterly census, services and their deliveries, figures."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """The unique key of visits makes a second visit of a stay in a month impossible, however often a job runs."""
    _posts(m)
    _visits(m)
    _census(m)
    _services(m)
    m.tenant_table(
        "migrants_figure",
        """
        measure text not null check (measure in (
            'people_on_file', 'coordinators', 'people_checked', 'contracts_on_file', 'visits_done',
            'services_delivered', 'permits_issued', 'permits_valid', 'endorsements_on_time')),
        numerator bigint not null check (numerator >= 0),
        denominator bigint check (denominator >= 0),
        denominator_estimated boolean not null default false,
        as_of date not null,
        source text not null check (length(source) between 1 and 200),
        computed boolean not null default false
        """,
        indexes=[("measure", "as_of", "area_path"), ("as_of", "id")],
        area=True,
    )
    m.index("migrants_dwelling", "area_path", "grid", "building", "id", where="state = 'active'")
    m.index("migrants_stay", "state", "id")


def _posts(m: Migration) -> None:
    m.tenant_table(
        "migrants_post",
        """
        account_id uuid not null,
        person_id uuid,
        from_on date not null,
        to_on date check (to_on >= from_on)
        """,
        references={"account_id": "identity_account", "person_id": "identity_person"},
        indexes=[("account_id", "from_on"), ("person_id",), ("from_on", "id"), ("to_on", "id")],
        area=True,
    )


def _visits(m: Migration) -> None:
    m.tenant_table(
        "migrants_visit",
        """
        stay_id uuid not null,
        person_id uuid not null,
        dwelling_id uuid not null,
        month date not null check (extract(day from month) = 1),
        due_on date not null check (due_on >= month),
        appointed_for timestamptz,
        state text not null default 'planned'
            check (state in ('planned', 'appointed', 'done', 'declined', 'missed', 'cancelled')),
        done_on date check (done_on >= month),
        post_id uuid,
        outcome text check (outcome in ('informed', 'booked', 'delivered', 'corrected', 'nothing_needed')),
        overdue_at timestamptz,
        tier text check (tier in ('coordinator', 'community', 'street')),
        tier_due_at timestamptz,
        ended_at timestamptz,
        check ((state = 'done') = (done_on is not null)),
        check ((state = 'done') = (post_id is not null)),
        check ((state = 'done') = (outcome is not null)),
        check (state <> 'appointed' or appointed_for is not null),
        check (state <> 'missed' or overdue_at is not null),
        check ((tier is null) = (overdue_at is null)),
        check ((state in ('done', 'declined', 'cancelled')) = (ended_at is not null))
        """,
        references={
            "stay_id": "migrants_stay",
            "person_id": "identity_person",
            "dwelling_id": "migrants_dwelling",
            "post_id": "migrants_post",
        },
        unique=[("stay_id", "month")],
        indexes=[
            ("person_id", "month"),
            ("dwelling_id", "state"),
            ("month", "id"),
            ("due_on", "id"),
            ("state", "due_on", "id"),
            ("state", "appointed_for", "id"),
            ("post_id",),
            ("ended_at", "id"),
        ],
        area=True,
    )
    m.index("migrants_visit", "tier_due_at", "id", where="state = 'missed'")


def _census(m: Migration) -> None:
    m.tenant_table(
        "migrants_census_round",
        """
        year integer not null check (year between 2000 and 2199),
        quarter integer not null check (quarter between 1 and 4),
        state text not null default 'open' check (state in ('open', 'closed', 'cancelled')),
        opened_by uuid,
        reason text not null default '' check (length(reason) <= 500),
        closed_by uuid,
        closed_at timestamptz,
        dwellings integer,
        inhabited integer,
        vacant integer,
        nobody_met integer,
        refused integer,
        people_found integer,
        people_moved integer,
        people_new integer,
        check ((state = 'closed') = (closed_at is not null)),
        check ((state = 'closed') = (dwellings is not null)),
        check (dwellings = inhabited + vacant + nobody_met + refused),
        check (state <> 'cancelled' or reason <> '')
        """,
        indexes=[("year", "quarter", "area_path"), ("state", "id")],
        area=True,
    )
    m.tenant_table(
        "migrants_census_answer",
        """
        round_id uuid not null,
        dwelling_id uuid not null,
        answer text not null check (answer in ('inhabited', 'vacant', 'nobody_met', 'refused')),
        people_on_file integer not null check (people_on_file >= 0),
        people_found integer not null default 0 check (people_found >= 0),
        people_moved integer not null default 0 check (people_moved >= 0),
        people_new integer not null default 0 check (people_new between 0 and 200),
        answered_on date not null,
        answered_by uuid,
        answered_at timestamptz not null,
        check (people_found + people_moved <= people_on_file),
        check (answer = 'inhabited' or people_found + people_moved + people_new = 0)
        """,
        references={"round_id": "migrants_census_round", "dwelling_id": "migrants_dwelling"},
        unique=[("round_id", "dwelling_id")],
        indexes=[("dwelling_id",), ("answered_at", "id")],
        area=True,
    )


def _services(m: Migration) -> None:
    m.tenant_table(
        "migrants_service",
        """
        code text collate "C" not null check (code ~ '^[a-z][a-z0-9_]{1,59}$'),
        kind text not null check (kind in ('public', 'convenience')),
        name_zh text not null check (length(name_zh) between 1 and 100),
        name_en text not null default '' check (length(name_en) <= 200),
        position integer not null,
        only_by_person boolean not null default false,
        is_default boolean not null default false,
        state text not null default 'active' check (state in ('active', 'retired'))
        """,
        unique=[("code",)],
        indexes=[("kind", "id"), ("position", "id")],
    )
    m.tenant_table(
        "migrants_delivery",
        """
        service_id uuid not null,
        person_id uuid not null,
        stay_id uuid not null,
        state text not null default 'offered' check (state in ('offered', 'booked', 'delivered', 'cancelled')),
        booked_at timestamptz,
        delivered_on date,
        delivered_by uuid,
        ended_at timestamptz,
        check ((state = 'delivered') = (delivered_on is not null)),
        check (state <> 'booked' or booked_at is not null),
        check ((state in ('delivered', 'cancelled')) = (ended_at is not null))
        """,
        references={
            "service_id": "migrants_service",
            "person_id": "identity_person",
            "stay_id": "migrants_stay",
        },
        indexes=[
            ("person_id", "service_id"),
            ("service_id", "id"),
            ("stay_id",),
            ("state", "id"),
            ("delivered_on", "id"),
            ("ended_at", "id"),
        ],
        area=True,
    )
