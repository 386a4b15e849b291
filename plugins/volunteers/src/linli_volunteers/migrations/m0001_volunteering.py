"""Activities, volunteers, enrolments, hours, certificates, numbers of residents."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """The partial unique index on hours is what makes a second entry impossible, whoever writes it."""
    _activities(m)
    _volunteers(m)
    _hours(m)
    _certificates(m)
    m.tenant_table(
        "volunteers_population",
        """
        residents bigint not null check (residents between 0 and 2000000000),
        as_of date not null,
        source text not null check (length(source) between 1 and 200)
        """,
        indexes=[("area_id", "as_of")],
        area=True,
    )


def _activities(m: Migration) -> None:
    m.tenant_table(
        "volunteers_activity",
        """
        title text collate "C" not null check (length(title) between 1 and 100),
        description text not null default '' check (length(description) <= 2000),
        organiser_id uuid,
        starts_at timestamptz not null,
        ends_at timestamptz not null check (ends_at > starts_at),
        places integer not null check (places between 1 and 10000),
        state text not null default 'draft'
            check (state in ('draft', 'recruiting', 'running', 'finished', 'settled', 'cancelled')),
        cancel_reason text not null default '' check (length(cancel_reason) <= 500),
        check ((state = 'cancelled') = (cancel_reason <> ''))
        """,
        references={"organiser_id": "identity_organisation"},
        indexes=[("starts_at", "id"), ("state", "starts_at"), ("organiser_id",)],
        area=True,
    )


def _volunteers(m: Migration) -> None:
    m.tenant_table(
        "volunteers_volunteer",
        """
        person_id uuid not null,
        registered_on date not null,
        withdrawn_on date check (withdrawn_on >= registered_on),
        state text not null default 'active' check (state in ('active', 'withdrawn')),
        check ((state = 'withdrawn') = (withdrawn_on is not null))
        """,
        references={"person_id": "identity_person"},
        unique=[("person_id",)],
        indexes=[("registered_on", "id")],
        area=True,
    )
    m.tenant_table(
        "volunteers_enrolment",
        """
        activity_id uuid not null,
        volunteer_id uuid not null,
        person_id uuid not null,
        state text not null default 'enrolled' check (state in ('enrolled', 'withdrawn'))
        """,
        references={
            "activity_id": "volunteers_activity",
            "volunteer_id": "volunteers_volunteer",
            "person_id": "identity_person",
        },
        unique=[("activity_id", "volunteer_id")],
        indexes=[("volunteer_id",), ("person_id",)],
        area=True,
    )


def _hours(m: Migration) -> None:
    m.tenant_table(
        "volunteers_hours",
        """
        activity_id uuid not null,
        volunteer_id uuid not null,
        person_id uuid not null,
        from_at timestamptz not null,
        to_at timestamptz not null check (to_at > from_at),
        minutes integer not null check (minutes > 0 and minutes * 60 <= extract(epoch from to_at - from_at)),
        state text not null default 'claimed' check (state in ('claimed', 'verified', 'posted', 'reversed')),
        claimed_by uuid,
        verified_by uuid check (verified_by <> claimed_by),
        verified_at timestamptz,
        posted_at timestamptz,
        reversed_at timestamptz,
        reverse_reason text not null default '' check (length(reverse_reason) <= 500),
        check (state not in ('verified', 'posted') or verified_by is not null),
        check (posted_at is null or verified_at is not null),
        check (state <> 'posted' or posted_at is not null),
        check ((state = 'reversed') = (reverse_reason <> ''))
        """,
        references={
            "activity_id": "volunteers_activity",
            "volunteer_id": "volunteers_volunteer",
            "person_id": "identity_person",
        },
        indexes=[("person_id", "to_at"), ("volunteer_id",), ("activity_id",), ("from_at", "id")],
        area=True,
    )
    m.index("volunteers_hours", "activity_id", "person_id", unique=True, where="state <> 'reversed'")


def _certificates(m: Migration) -> None:
    m.tenant_table(
        "volunteers_certificate",
        """
        number text collate "C" not null check (length(number) between 10 and 30),
        volunteer_id uuid not null,
        person_id uuid not null,
        minutes bigint not null check (minutes > 0),
        as_of date not null,
        issued_at timestamptz not null,
        state text not null default 'valid' check (state in ('valid', 'revoked')),
        revoke_reason text not null default '' check (length(revoke_reason) <= 500),
        check ((state = 'revoked') = (revoke_reason <> ''))
        """,
        references={"volunteer_id": "volunteers_volunteer", "person_id": "identity_person"},
        unique=[("number",)],
        indexes=[("person_id", "issued_at"), ("volunteer_id",), ("issued_at", "id")],
        area=True,
    )
