"""What mutations of posts, visits, the census, services and figures take in."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type
from linli_migrants.graphql.visit_enums import DwellingAnswer, Measure, ServiceKind, VisitOutcome


@input_type
class AssignMigrantPostInput:
    """An account that is posted at an area."""

    account_id: strawberry.ID = described("The coordinator's account.")
    area_id: strawberry.ID | None = described("The area; null is the whole tenant.")
    from_on: date | None = described("Since which day; today by default.", optional=True)


@input_type
class EndMigrantPostInput:
    """A post that ends."""

    id: strawberry.ID = described("The post.")
    on: date | None = described("From which day it holds no longer; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class AppointMigrantVisitInput:
    """A time for a visit, or another one."""

    id: strawberry.ID = described("The visit.")
    appointed_for: datetime = described("When; at most 92 days ahead.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class MigrantServiceStepInput:
    """Which visit, round, service or delivery takes its next step."""

    id: strawberry.ID = described("The visit, round, service or delivery.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class DoMigrantVisitInput:
    """A visit that was made."""

    id: strawberry.ID = described("The visit.")
    done_on: date = described("On which day.")
    outcome: VisitOutcome = described("What it did for the person.")
    post_id: strawberry.ID | None = described("Under which post; the caller's own by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class OpenMigrantCensusInput:
    """A quarter's round for an area with all below it."""

    area_id: strawberry.ID | None = described("The area; null is the whole tenant.")
    year: int = described("The year.")
    quarter: int = described("The quarter, from 1 to 4.")


@input_type
class AnswerMigrantCensusInput:
    """What was found at a dwelling; a later answer takes the place of an earlier one."""

    round_id: strawberry.ID = described("The round.")
    dwelling_id: strawberry.ID = described("The dwelling.")
    answer: DwellingAnswer = described("What was found.")
    people_found: int | None = described("How many people on file were found.", optional=True)
    people_moved: int | None = described("How many people on file had moved away.", optional=True)
    people_new: int | None = described(
        "How many people were found who are not on file; at most 200.", optional=True
    )


@input_type
class MigrantCensusReasonInput:
    """A round that is reopened or cancelled, and why."""

    id: strawberry.ID = described("The round.")
    reason: str = described("Why; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class CreateMigrantServiceInput:
    """A service of the tenant's own."""

    code: str = described("A short name for programs: lower-case letters, digits, underscores.")
    kind: ServiceKind = described("By what one is entitled.")
    name_zh: str = described("What it is called, in Chinese; at most 100 characters.")
    name_en: str | None = described("What it is called, in English; at most 200.", optional=True)
    only_by_person: bool = described("Whether only the person may book it.")


@input_type
class RenameMigrantServiceInput:
    """A service that is worded anew; what is left out stays."""

    id: strawberry.ID = described("The service.")
    name_zh: str | None = described("The new name in Chinese.", optional=True)
    name_en: str | None = described("The new name in English.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class OfferMigrantServiceInput:
    """A service that is offered to somebody on file."""

    service_id: strawberry.ID = described("The service.")
    person_id: strawberry.ID = described("The person.")


@input_type
class BookMigrantServiceInput:
    """A service that somebody on file books."""

    service_id: strawberry.ID = described("The service.")
    person_id: strawberry.ID | None = described("The person; the caller by default.", optional=True)


@input_type
class DeliverMigrantServiceInput:
    """A service that was delivered."""

    id: strawberry.ID = described("The delivery.")
    on: date | None = described("On which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RecordMigrantFigureInput:
    """A figure of a report."""

    area_id: strawberry.ID | None = described("Of which area with all below it; null is the whole tenant.")
    measure: Measure = described("What was counted.")
    numerator: int = described("The count.")
    denominator: int | None = described("Of how many; leave it out when it is not known.", optional=True)
    denominator_estimated: bool | None = described(
        "Whether that number is rounded or inferred.", optional=True
    )
    as_of: date = described("For which day.")
    source: str = described("Which report says so; at most 200 characters.")
