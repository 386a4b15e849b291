"""Dwellings, agents of units, stays, reports by others, tenancy contracts."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """The partial unique index on stays makes a second present stay of a person impossible, whoever writes it."""
    _dwellings(m)
    _agents(m)
    _stays(m)
    _reports(m)
    m.tenant_table(
        "migrants_contract",
        """
        dwelling_id uuid not null,
        person_id uuid not null,
        number text collate "C" not null default '' check (length(number) <= 60),
        signed_on date not null,
        starts_on date not null,
        ends_on date not null check (ends_on > starts_on),
        state text not null default 'active' check (state in ('active', 'ended')),
        end_reason text not null default '' check (length(end_reason) <= 500),
        check ((state = 'ended') = (end_reason <> ''))
        """,
        references={"dwelling_id": "migrants_dwelling", "person_id": "identity_person"},
        indexes=[("person_id", "starts_on"), ("dwelling_id",), ("ends_on", "id")],
        area=True,
    )


def _dwellings(m: Migration) -> None:
    m.tenant_table(
        "migrants_dwelling",
        """
        address text collate "C" not null check (length(address) between 1 and 200),
        grid text collate "C" not null default '' check (length(grid) <= 60),
        building text collate "C" not null default '' check (length(building) <= 60),
        kind text not null default 'rented' check (kind in ('rented', 'own', 'employer', 'school', 'other')),
        landlord_person_id uuid,
        landlord_organisation_id uuid,
        state text not null default 'active' check (state in ('active', 'retired')),
        check (landlord_person_id is null or landlord_organisation_id is null)
        """,
        references={
            "landlord_person_id": "identity_person",
            "landlord_organisation_id": "identity_organisation",
        },
        indexes=[
            ("grid", "building", "id"),
            ("state", "id"),
            ("landlord_person_id",),
            ("landlord_organisation_id",),
        ],
        area=True,
    )
    # Not unique: two areas that merge may have dwellings with the same address. `dwellings.py` keeps the rule.
    m.index("migrants_dwelling", "area_id", "address", where="state = 'active'")


def _stays(m: Migration) -> None:
    m.tenant_table(
        "migrants_stay",
        """
        person_id uuid not null,
        dwelling_id uuid not null,
        origin_code text collate "C" not null check (origin_code ~ '^[0-9]{12}$'),
        origin_address bytea check (octet_length(origin_address) >= 46),
        reason text not null check (reason in ('work', 'business', 'study', 'family', 'other')),
        employer_id uuid,
        from_on date not null,
        to_on date check (to_on > from_on),
        state text not null default 'reported'
            check (state in ('reported', 'verified', 'active', 'departed', 'settled', 'refused', 'withdrawn')),
        reporter text not null check (reporter in ('person', 'landlord', 'employer', 'officer')),
        reported_by uuid,
        verified_by uuid check (verified_by <> reported_by),
        verified_at timestamptz,
        ended_at timestamptz,
        end_reason text not null default '' check (length(end_reason) <= 500),
        check (state not in ('verified', 'active') or verified_by is not null),
        check ((state in ('departed', 'settled', 'refused', 'withdrawn')) = (ended_at is not null)),
        check (state not in ('departed', 'settled') or to_on is not null),
        check (state <> 'refused' or end_reason <> '')
        """,
        references={
            "person_id": "identity_person",
            "dwelling_id": "migrants_dwelling",
            "employer_id": "identity_organisation",
        },
        indexes=[
            ("person_id", "from_on"),
            ("dwelling_id", "state"),
            ("employer_id",),
            ("from_on", "id"),
            ("state", "from_on"),
            ("ended_at", "id"),
        ],
        area=True,
    )
    m.index("migrants_stay", "person_id", unique=True, where="state in ('reported', 'verified', 'active')")


def _agents(m: Migration) -> None:
    m.tenant_table(
        "migrants_agent",
        """
        organisation_id uuid not null,
        person_id uuid not null,
        from_on date not null,
        to_on date check (to_on >= from_on)
        """,
        references={"organisation_id": "identity_organisation", "person_id": "identity_person"},
        indexes=[("person_id",), ("organisation_id",)],
        area=True,
    )
    m.index("migrants_agent", "organisation_id", "person_id", unique=True, where="to_on is null")


def _reports(m: Migration) -> None:
    m.tenant_table(
        "migrants_report",
        """
        dwelling_id uuid not null,
        full_name bytea check (octet_length(full_name) >= 46),
        id_number bytea check (octet_length(id_number) >= 46),
        phone bytea check (octet_length(phone) >= 46),
        masked_name text not null default '' check (length(masked_name) <= 20),
        origin_code text collate "C" not null check (origin_code ~ '^[0-9]{12}$'),
        reason text not null check (reason in ('work', 'business', 'study', 'family', 'other')),
        employer_id uuid,
        from_on date not null,
        reporter text not null check (reporter in ('landlord', 'employer')),
        reported_by uuid not null,
        reporter_person_id uuid not null,
        state text not null default 'reported' check (state in ('reported', 'taken', 'refused', 'withdrawn')),
        stay_id uuid,
        ended_at timestamptz,
        end_reason text not null default '' check (length(end_reason) <= 500),
        check ((state = 'taken') = (stay_id is not null)),
        check ((state = 'reported') = (ended_at is null)),
        check (state <> 'refused' or end_reason <> '')
        """,
        references={
            "dwelling_id": "migrants_dwelling",
            "employer_id": "identity_organisation",
            "reporter_person_id": "identity_person",
            "stay_id": "migrants_stay",
        },
        indexes=[
            ("reporter_person_id", "id"),
            ("state", "id"),
            ("dwelling_id",),
            ("employer_id",),
            ("stay_id",),
            ("ended_at", "id"),
        ],
        area=True,
    )
