"""What became of grants: appraisals and audits."""

from linli.plugin import Migration

_FEN_MAX = 100_000_000_000_000
_OWN = {"grant_id": "venture_grant", "organisation_id": "identity_organisation"}


def upgrade(m: Migration) -> None:
    """Appraisals and audits."""
    m.tenant_table(
        "venture_appraisal",
        """
        grant_id uuid not null,
        organisation_id uuid not null,
        kind text not null check (kind in ('midterm', 'final')),
        score integer not null check (score between 0 and 100),
        grade text not null check (grade in ('excellent', 'good', 'qualified', 'unqualified')),
        summary text not null check (length(summary) between 1 and 2000),
        appraised_by uuid,
        appraised_on date not null
        """,
        references=_OWN,
        unique=[("grant_id", "kind")],
        indexes=[("kind", "grade"), ("appraised_on", "id")],
        area=True,
    )
    m.tenant_table(
        "venture_audit",
        f"""
        grant_id uuid not null,
        organisation_id uuid not null,
        auditor text not null check (length(auditor) between 1 and 200),
        report_number text collate "C" not null check (length(report_number) between 1 and 100),
        accepted_fen bigint not null check (accepted_fen between 0 and {_FEN_MAX}),
        opinion text not null check (length(opinion) between 1 and 2000),
        audited_on date not null,
        recorded_by uuid
        """,
        references=_OWN,
        unique=[("grant_id",)],
        indexes=[("audited_on", "id")],
        area=True,
    )
