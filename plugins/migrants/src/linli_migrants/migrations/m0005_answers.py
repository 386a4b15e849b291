"""An answer keeps the number that the authority named; an officer may hand in again what they gave back."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """The default of `number` serves processes of the release before.

    Answers received before take the number of the application that they were matched to.
    """
    m.add_column(
        "migrants_answer",
        """number text collate "C" not null default '' check (length(number) <= 40)""",
    )
    m.execute("alter table migrants_application drop constraint migrants_application_check")
    m.execute("alter table migrants_answer no force row level security")
    m.execute("alter table migrants_application no force row level security")
    m.execute(
        """
        update migrants_answer answer set number = application.number
        from migrants_application application
        where application.tenant_id = answer.tenant_id and application.id = answer.application_id"""
    )
    m.execute("alter table migrants_answer force row level security")
    m.execute("alter table migrants_application force row level security")
