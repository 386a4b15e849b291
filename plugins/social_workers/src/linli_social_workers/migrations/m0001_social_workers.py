"""Exams, certificates, registrations, education, posts, licences, dated facts, allowances, targets."""

from linli.plugin import Migration

_LEVELS = "('assistant', 'intermediate', 'senior')"
_REASON = "reason text not null default '' check (length(reason) <= 500)"


def upgrade(m: Migration) -> None:
    """Partial unique indexes keep to one standing registration and one present post a person."""
    _exams(m)
    _registrations(m)
    _education(m)
    _practice(m)
    _allowances(m)
    m.tenant_table(
        "social_workers_target",
        """
        year integer not null check (year between 2000 and 2200),
        communities integer not null check (communities between 0 and 1000000),
        aim integer not null check (aim between 0 and 100000000),
        source text not null check (length(source) between 1 and 200)
        """,
        indexes=[("year", "area_path"), ("area_id",)],
        area=True,
    )


def _exams(m: Migration) -> None:
    m.tenant_table(
        "social_workers_result",
        f"""
        person_id uuid not null,
        level text not null check (level in {_LEVELS}),
        subject text not null check (subject in ('comprehensive', 'practice', 'law', 'senior_practice')),
        year integer not null check (year between 2000 and 2200),
        score integer check (score between 0 and 100),
        place text collate "C" not null default '' check (length(place) <= 12),
        fraud boolean not null default false
        """,
        references={"person_id": "identity_person"},
        unique=[("person_id", "level", "subject", "year")],
        indexes=[("year", "id")],
        area=True,
    )
    m.tenant_table(
        "social_workers_pass_mark",
        f"""
        year integer not null check (year between 2000 and 2200),
        level text not null check (level in {_LEVELS}),
        place text collate "C" not null default '' check (length(place) <= 12),
        mark integer not null check (mark between 1 and 100)
        """,
        unique=[("year", "level", "place")],
    )
    m.tenant_table(
        "social_workers_certificate",
        f"""
        person_id uuid not null,
        number text collate "C" not null check (length(number) between 4 and 40),
        level text not null check (level in {_LEVELS}),
        source text not null check (source in ('exam', 'elsewhere')),
        passed_in integer not null check (passed_in between 2000 and 2200),
        place text collate "C" not null default '' check (length(place) <= 12),
        issued_on date not null,
        state text not null default 'valid' check (state in ('valid', 'revoked')),
        revoked_on date,
        {_REASON},
        check ((state = 'revoked') = (revoked_on is not null)),
        check ((state = 'revoked') = (reason <> ''))
        """,
        references={"person_id": "identity_person"},
        unique=[("number",)],
        indexes=[("person_id", "level"), ("level", "id"), ("issued_on", "id")],
        area=True,
    )


def _registrations(m: Migration) -> None:
    m.tenant_table(
        "social_workers_registration",
        f"""
        person_id uuid not null,
        certificate_id uuid not null,
        number text collate "C" not null default '' check (length(number) <= 30),
        state text not null default 'applied' check (state in
            ('applied', 'reviewed', 'registered', 'suspended', 'refused', 'lapsed', 'cancelled', 'withdrawn')),
        applied_on date not null,
        applied_by uuid,
        overdue boolean not null default false,
        due_at timestamptz,
        first_reviewed_by uuid check (first_reviewed_by <> applied_by),
        final_reviewed_by uuid check (final_reviewed_by <> applied_by and final_reviewed_by <> first_reviewed_by),
        valid_from date,
        valid_until date check (valid_until > valid_from),
        suspended_on date,
        ended_on date,
        {_REASON},
        check (state not in ('registered', 'suspended') or (valid_until is not null and number <> '')),
        check ((state = 'suspended') = (suspended_on is not null)),
        check (state not in ('refused', 'cancelled') or reason <> '')
        """,
        references={"person_id": "identity_person", "certificate_id": "social_workers_certificate"},
        indexes=[("person_id", "id"), ("certificate_id",), ("state", "valid_until"), ("valid_until", "id")],
        area=True,
    )
    m.index(
        "social_workers_registration",
        "person_id",
        unique=True,
        where="state in ('applied', 'reviewed', 'registered', 'suspended')",
    )


def _education(m: Migration) -> None:
    m.tenant_table(
        "social_workers_renewal",
        f"""
        registration_id uuid not null,
        person_id uuid not null,
        state text not null default 'applied' check (state in ('applied', 'approved', 'refused')),
        applied_on date not null,
        applied_by uuid,
        hours_required integer not null,
        hours_counted integer not null check (hours_counted >= hours_required),
        decided_by uuid check (decided_by <> applied_by),
        decided_on date,
        {_REASON},
        check ((state = 'applied') = (decided_on is null)),
        check (state <> 'refused' or reason <> '')
        """,
        references={"registration_id": "social_workers_registration", "person_id": "identity_person"},
        indexes=[("registration_id",), ("person_id",), ("state", "id")],
        area=True,
    )
    m.index("social_workers_renewal", "registration_id", unique=True, where="state = 'applied'")
    m.tenant_table(
        "social_workers_credit",
        f"""
        person_id uuid not null,
        course text not null check (length(course) between 1 and 200),
        provider text not null check (length(provider) between 1 and 200),
        hours integer not null check (hours between 1 and 200),
        completed_on date not null,
        evidence text not null check (length(evidence) between 1 and 200),
        state text not null default 'claimed' check (state in ('claimed', 'approved', 'refused', 'annulled')),
        claimed_by uuid,
        decided_by uuid check (decided_by <> claimed_by),
        {_REASON},
        check (state not in ('refused', 'annulled') or reason <> '')
        """,
        references={"person_id": "identity_person"},
        indexes=[("person_id", "completed_on"), ("state", "id"), ("completed_on", "id")],
        area=True,
    )


def _practice(m: Migration) -> None:
    m.tenant_table(
        "social_workers_post",
        """
        person_id uuid not null,
        organisation_id uuid,
        from_on date not null,
        to_on date check (to_on > from_on)
        """,
        references={"person_id": "identity_person", "organisation_id": "identity_organisation"},
        indexes=[("person_id", "from_on"), ("organisation_id",), ("from_on", "id")],
        area=True,
    )
    m.index("social_workers_post", "person_id", unique=True, where="to_on is null")
    m.tenant_table(
        "social_workers_licence",
        f"""
        person_id uuid not null,
        number text collate "C" not null check (length(number) between 4 and 40),
        valid_from date not null,
        valid_until date not null check (valid_until > valid_from),
        state text not null default 'valid' check (state in ('valid', 'revoked')),
        {_REASON},
        check ((state = 'revoked') = (reason <> ''))
        """,
        references={"person_id": "identity_person"},
        unique=[("number",)],
        indexes=[("person_id",), ("valid_until", "id")],
        area=True,
    )
    m.tenant_table(
        "social_workers_practice",
        """
        person_id uuid not null,
        licence_id uuid not null,
        subject text not null check (length(subject) between 1 and 200),
        from_on date not null,
        to_on date not null check (to_on > from_on)
        """,
        references={"person_id": "identity_person", "licence_id": "social_workers_licence"},
        indexes=[("person_id",), ("licence_id",), ("from_on", "id")],
        area=True,
    )
    m.tenant_table(
        "social_workers_supervision",
        """
        supervisor_id uuid not null,
        person_id uuid not null check (person_id <> supervisor_id),
        on_day date not null,
        hours integer not null check (hours between 1 and 24)
        """,
        references={"supervisor_id": "identity_person", "person_id": "identity_person"},
        indexes=[("person_id", "on_day"), ("supervisor_id",), ("on_day", "id")],
        area=True,
    )


def _allowances(m: Migration) -> None:
    m.tenant_table(
        "social_workers_fact",
        """
        kind text not null check (kind in ('certificate', 'registration', 'post')),
        person_id uuid not null,
        subject_id uuid not null,
        level text not null default '',
        from_on date not null,
        to_on date check (to_on > from_on),
        recorded_at timestamptz not null,
        superseded_at timestamptz check (superseded_at >= recorded_at),
        check ((kind = 'certificate') = (level <> ''))
        """,
        references={"person_id": "identity_person"},
        indexes=[("kind", "person_id", "from_on"), ("subject_id",), ("person_id",)],
        area=True,
    )
    m.tenant_table(
        "social_workers_allowance_rule",
        f"""
        level text not null check (level in {_LEVELS}),
        amount_fen bigint not null check (amount_fen between 0 and 100000000),
        from_on date not null,
        to_on date check (to_on > from_on),
        recorded_at timestamptz not null,
        superseded_at timestamptz check (superseded_at >= recorded_at)
        """,
        indexes=[("level", "from_on")],
    )
    m.tenant_table(
        "social_workers_allowance_run",
        """
        month date not null,
        state text not null default 'computed' check (state in
            ('computed', 'reviewed', 'approved', 'exported', 'paid', 'discarded')),
        known_at timestamptz not null,
        people integer not null default 0,
        total_fen bigint not null default 0,
        computed_by uuid,
        reviewed_by uuid check (reviewed_by <> computed_by),
        approved_by uuid check (approved_by <> computed_by and approved_by <> reviewed_by),
        paid_on date,
        reference text not null default '' check (length(reference) <= 100),
        check ((state = 'paid') = (paid_on is not null))
        """,
        indexes=[("month", "id"), ("state", "id")],
    )
    m.index("social_workers_allowance_run", "month", unique=True, where="state <> 'discarded'")
    m.tenant_table(
        "social_workers_allowance_line",
        """
        run_id uuid not null,
        person_id uuid not null,
        kind text not null check (kind in ('regular', 'difference')),
        for_month date not null,
        level text not null default '',
        amount_fen bigint not null check (amount_fen <> 0),
        reason text not null default '' check (length(reason) <= 500),
        check (kind = 'difference' or amount_fen > 0),
        check ((kind = 'difference') = (reason <> ''))
        """,
        references={"run_id": "social_workers_allowance_run", "person_id": "identity_person"},
        unique=[("run_id", "person_id", "for_month")],
        indexes=[("person_id", "for_month"), ("for_month", "id")],
        area=True,
    )
