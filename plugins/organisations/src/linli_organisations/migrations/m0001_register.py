"""The register: categories, entries, officers, gradings and their assessors."""

from linli.plugin import Migration

LIVE = "state in ('applied', 'accepted', 'objected', 'active', 'suspended')"


def upgrade(m: Migration) -> None:
    """Rules that the database can hold stand here as well; those of the services have the better words."""
    m.tenant_table(
        "organisations_category",
        """
        key text collate "C" not null check (length(key) between 1 and 50),
        name_zh text not null check (length(name_zh) between 1 and 100),
        name_en text not null check (length(name_en) between 1 and 100)
        """,
        unique=[("key",)],
    )
    _registrations(m)
    _officers(m)
    _gradings(m)


def _registrations(m: Migration) -> None:
    m.tenant_table(
        "organisations_registration",
        """
        organisation_id uuid not null,
        track text not null check (track in ('registration', 'filing')),
        kind text not null check (kind in ('association', 'private_non_enterprise', 'foundation')),
        category_id uuid not null,
        scope text not null check (length(scope) between 1 and 1000),
        authority text not null default '' check (length(authority) <= 200),
        state text not null default 'applied'
            check (state in ('applied', 'accepted', 'refused', 'objected', 'rejected', 'withdrawn', 'active',
                'suspended', 'upgraded', 'cancelled')),
        number text collate "C" check (length(number) between 1 and 50),
        applied_on date not null,
        applied_by uuid,
        entered_on date,
        ended_on date check (ended_on >= entered_on),
        upgrades_id uuid check (upgrades_id <> id),
        decided_by uuid,
        decided_on date,
        reason text not null default '' check (length(reason) <= 500),
        rule text not null default '' check (length(rule) <= 500),
        object_until date,
        objection text not null default '' check (length(objection) <= 500),
        check ((state in ('active', 'suspended', 'upgraded', 'cancelled')) = (entered_on is not null)),
        check ((number is null) = (entered_on is null)),
        check ((state in ('upgraded', 'cancelled')) = (ended_on is not null)),
        check (upgrades_id is null or track = 'registration')
        """,
        references={
            "organisation_id": "identity_organisation",
            "category_id": "organisations_category",
            "upgrades_id": "organisations_registration",
        },
        unique=[("number",)],
        indexes=[
            ("track", "kind", "entered_on"),
            ("kind",),
            ("state",),
            ("category_id",),
            ("organisation_id",),
            ("applied_on", "id"),
            ("upgrades_id",),
        ],
        area=True,
    )
    m.index("organisations_registration", "organisation_id", "track", unique=True, where=LIVE)


def _officers(m: Migration) -> None:
    m.tenant_table(
        "organisations_officer",
        """
        registration_id uuid not null,
        person_id uuid,
        name text check (length(name) between 1 and 100),
        post text not null check (post in ('legal_representative', 'president', 'vice_president',
            'secretary_general', 'director', 'supervisor')),
        valid_from date not null,
        valid_to date check (valid_to >= valid_from),
        is_serving_official boolean not null default false check (not is_serving_official),
        check ((person_id is null) <> (name is null))
        """,
        references={"registration_id": "organisations_registration", "person_id": "identity_person"},
        indexes=[("registration_id", "valid_from"), ("person_id",), ("post",), ("valid_from", "id")],
        area=True,
    )


def _gradings(m: Migration) -> None:
    m.tenant_table(
        "organisations_grading",
        """
        registration_id uuid not null,
        grade text not null check (grade in ('1A', '2A', '3A', '4A', '5A')),
        score integer not null check (score between 0 and 1000),
        assessed_on date not null,
        state text not null default 'draft'
            check (state in ('draft', 'published', 'discarded', 'replaced', 'revoked', 'expired')),
        drafted_by uuid,
        published_on date check (published_on >= assessed_on),
        published_by uuid,
        valid_until date,
        decided_by uuid,
        decided_on date,
        reason text not null default '' check (length(reason) <= 500),
        rule text not null default '' check (length(rule) <= 500),
        object_until date,
        check ((state in ('draft', 'discarded')) = (published_on is null)),
        check ((published_on is null) = (valid_until is null))
        """,
        references={"registration_id": "organisations_registration"},
        indexes=[
            ("registration_id", "published_on"),
            ("state", "valid_until"),
            ("grade",),
            ("assessed_on", "id"),
        ],
        area=True,
    )
    m.tenant_table(
        "organisations_assessor",
        """
        grading_id uuid not null,
        person_id uuid,
        name text check (length(name) between 1 and 100),
        has_interest boolean not null default false check (not has_interest),
        check ((person_id is null) <> (name is null))
        """,
        references={"grading_id": "organisations_grading", "person_id": "identity_person"},
        indexes=[("grading_id",), ("person_id",)],
        area=True,
    )
