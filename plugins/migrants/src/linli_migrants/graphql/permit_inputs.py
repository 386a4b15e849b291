"""What mutations of residence permits and of the exchange take in."""

from __future__ import annotations

from datetime import date

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type
from linli_migrants.graphql.permit_enums import Decision, Ground, PaperKind

_REASON = "Why; at most 500 characters."


@input_type
class DraftMigrantApplicationInput:
    """Who applies, and on what ground."""

    person_id: strawberry.ID | None = described("The person; the caller by default.", optional=True)
    ground: Ground = described("By what the person lives here lawfully and steadily.")


@input_type
class ChangeMigrantApplicationInput:
    """Another ground for an application that can still be changed."""

    id: strawberry.ID = described("The application.")
    ground: Ground = described("The new ground.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ShowMigrantPaperInput:
    """A paper of an application."""

    application_id: strawberry.ID = described("The application.")
    kind: PaperKind = described("What it is.")
    reference: str = described("Its number, or where it is; at most 100 characters.")


@input_type
class TakeMigrantPaperBackInput:
    """A paper that is taken out again."""

    id: strawberry.ID = described("The paper.")


@input_type
class IssueMigrantSlipInput:
    """Which application a slip is issued for."""

    id: strawberry.ID = described("The application.")


@input_type
class MigrantPermitStepInput:
    """Which application takes its next step."""

    id: strawberry.ID = described("The application.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ReturnMigrantApplicationInput:
    """An application that lacks something; what, is found by its papers."""

    id: strawberry.ID = described("The application.")
    note: str | None = described("What to say with it; at most 500 characters.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class AcceptMigrantApplicationInput:
    """A complete application."""

    id: strawberry.ID = described("The application.")
    remote: bool | None = described(
        "Whether the time of remote areas holds; it does not by default.", optional=True
    )
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RefuseMigrantApplicationInput:
    """An application that is refused."""

    id: strawberry.ID = described("The application.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RecordMigrantDecisionInput:
    """The authority's decision, from its paper."""

    id: strawberry.ID = described("The application.")
    decision: Decision = described("What it decided.")
    reference: str = described("The paper's number; at most 100 characters.")
    reason: str | None = described("Why it refused; required then.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RecordMigrantPermitInput:
    """A permit that the authority issued, from its paper."""

    application_id: strawberry.ID = described("The approved application.")
    number: str = described("The permit's number: 6 to 30 letters and digits; encrypted.")
    issued_on: date = described("When it was issued.")
    expected_version: int | None = described("The version of the application that you saw.", optional=True)


@input_type
class ObjectToMigrantRefusalInput:
    """An objection to a refusal."""

    id: strawberry.ID = described("The application.")
    objection: str = described("What is objected; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class DecideMigrantObjectionInput:
    """What is decided on an objection."""

    id: strawberry.ID = described("The application.")
    answer: str = described("What is decided, and why; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class EndorseMigrantPermitInput:
    """A permit that is endorsed."""

    id: strawberry.ID = described("The permit.")
    on: date | None = described("On which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class TerminateMigrantPermitInput:
    """A permit that ends for good."""

    id: strawberry.ID = described("The permit.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RevealMigrantPermitNumberInput:
    """A permit's number to be shown."""

    id: strawberry.ID = described("The permit.")
    reason: str = described("What it is needed for; the person can read it.")


@input_type
class RevealMigrantAnswerInput:
    """An answer of the authority whose details are to be shown."""

    id: strawberry.ID = described("The answer.")
    reason: str = described("What it is needed for; the person can read it.")


@input_type
class RetryMigrantMessageInput:
    """A message that was given up."""

    id: strawberry.ID = described("The message.")


@input_type
class SettleMigrantAnswerInput:
    """An answer that was set aside, and how people dealt with it."""

    id: strawberry.ID = described("The answer.")
    note: str = described("What was done; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
