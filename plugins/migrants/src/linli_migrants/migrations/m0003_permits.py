"""Applications for residence permits with their papers, permits, endorsements."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """Partial unique indexes make a second open application or a second standing permit impossible."""
    _applications(m)
    _permits(m)


def _applications(m: Migration) -> None:
    m.tenant_table(
        "migrants_application",
        """
        number text collate "C" not null check (length(number) between 10 and 30),
        person_id uuid not null,
        stay_id uuid not null,
        ground text not null check (ground in ('work', 'housing', 'schooling')),
        state text not null default 'draft' check (state in ('draft', 'submitted', 'returned', 'accepted',
            'forwarded', 'approved', 'issued', 'refused', 'objected', 'closed', 'withdrawn')),
        submitted_at timestamptz,
        submitted_by uuid,
        return_until timestamptz,
        returned_at timestamptz,
        returned_by uuid,
        lacking text not null default '' check (length(lacking) <= 100),
        note text not null default '' check (length(note) <= 500),
        accepted_at timestamptz,
        accepted_by uuid check (accepted_by <> submitted_by),
        remote boolean not null default false,
        decision_due_on date,
        forwarded_at timestamptz,
        decided_at timestamptz,
        decision_reference text not null default '' check (length(decision_reference) <= 100),
        refused_by uuid,
        refuse_reason text not null default '' check (length(refuse_reason) <= 500),
        rule_version text not null default '' check (length(rule_version) <= 200),
        objection_until date,
        objection text not null default '' check (length(objection) <= 500),
        objection_answer text not null default '' check (length(objection_answer) <= 500),
        check (state = 'draft' or state = 'withdrawn' or submitted_at is not null),
        check (state not in ('accepted', 'forwarded', 'approved', 'issued')
            or (accepted_at is not null and decision_due_on is not null)),
        check (state not in ('refused', 'objected', 'closed')
            or (refuse_reason <> '' and rule_version <> '' and objection_until is not null))
        """,
        references={"person_id": "identity_person", "stay_id": "migrants_stay"},
        unique=[("number",)],
        indexes=[("person_id", "id"), ("stay_id",), ("state", "id"), ("decision_due_on", "id")],
        area=True,
    )
    m.index(
        "migrants_application",
        "person_id",
        unique=True,
        where="state in ('draft', 'submitted', 'returned', 'accepted', 'forwarded', 'approved', 'objected')",
    )
    m.tenant_table(
        "migrants_paper",
        """
        application_id uuid not null,
        person_id uuid not null,
        kind text not null check (kind in ('identity', 'photo', 'labour_contract', 'employer_proof',
            'business_licence', 'tenancy_contract', 'property_certificate', 'housing_proof', 'school_proof')),
        reference text not null check (length(reference) between 1 and 100)
        """,
        references={"application_id": "migrants_application", "person_id": "identity_person"},
        unique=[("application_id", "kind")],
        indexes=[("person_id",)],
        area=True,
    )


def _permits(m: Migration) -> None:
    m.tenant_table(
        "migrants_permit",
        """
        application_id uuid not null,
        person_id uuid not null,
        number bytea check (octet_length(number) >= 46),
        number_index bytea check (octet_length(number_index) = 32),
        issued_on date not null,
        valid_until date not null check (valid_until > issued_on),
        continuous_since date not null,
        state text not null default 'active' check (state in ('active', 'suspended', 'terminated')),
        suspended_on date,
        ended_on date,
        end_reason text not null default '' check (length(end_reason) <= 500),
        reminded_for date,
        reminded_again_for date,
        check ((state = 'suspended') = (suspended_on is not null)),
        check ((state = 'terminated') = (ended_on is not null)),
        check ((state = 'terminated') = (end_reason <> ''))
        """,
        references={"application_id": "migrants_application", "person_id": "identity_person"},
        unique=[("application_id",), ("number_index",)],
        indexes=[("person_id", "id"), ("state", "valid_until"), ("valid_until", "id"), ("ended_on", "id")],
        area=True,
    )
    m.index("migrants_permit", "person_id", unique=True, where="state in ('active', 'suspended')")
    m.tenant_table(
        "migrants_endorsement",
        """
        permit_id uuid not null,
        person_id uuid not null,
        anniversary date not null,
        endorsed_on date not null,
        covers_until date not null check (covers_until > endorsed_on and covers_until > anniversary),
        on_time boolean not null,
        endorsed_by uuid,
        check (on_time = (endorsed_on < anniversary))
        """,
        references={"permit_id": "migrants_permit", "person_id": "identity_person"},
        unique=[("permit_id", "anniversary")],
        indexes=[("person_id", "id"), ("endorsed_on", "id"), ("anniversary", "id")],
        area=True,
    )
