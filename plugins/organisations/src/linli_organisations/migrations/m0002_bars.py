"""Bars: organisations that may not apply for public funds for a time."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """A bar is lifted by a decision of its own; its days stay."""
    m.tenant_table(
        "organisations_bar",
        """
        organisation_id uuid not null,
        barred_from date not null,
        barred_until date not null check (barred_until >= barred_from),
        reason text not null check (length(reason) between 1 and 500),
        rule text not null default '' check (length(rule) <= 500),
        object_until date,
        imposed_by uuid,
        lifted_on date,
        lifted_by uuid,
        lift_reason text not null default '' check (length(lift_reason) <= 500),
        check ((lifted_on is null) = (lift_reason = ''))
        """,
        references={"organisation_id": "identity_organisation"},
        indexes=[("organisation_id", "barred_until"), ("barred_until", "id")],
        area=True,
    )
