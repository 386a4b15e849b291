"""What mutations of dwellings, stays, reports, agents and contracts take in."""

from __future__ import annotations

from datetime import date

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type
from linli_migrants.graphql.living_enums import DwellingKind, ReportField, StayReason

_REASON = "Why; at most 500 characters."
_ORIGIN = "The division code of the place of the household register: 6 digits of a county, 9 or 12 of a place in it."


@input_type
class CreateMigrantDwellingInput:
    """A dwelling; its address is known once in its area."""

    area_id: strawberry.ID | None = described("Where it is; null is the whole tenant.")
    address: str = described("The address; at most 200 characters.")
    grid: str | None = described("The grid; at most 60 characters.", optional=True)
    building: str | None = described("The building; at most 60 characters.", optional=True)
    kind: DwellingKind = described("What it is to those who live there.")
    landlord_person_id: strawberry.ID | None = described("Who lets it.", optional=True)
    landlord_organisation_id: strawberry.ID | None = described("The unit that lets it.", optional=True)


@input_type
class UpdateMigrantDwellingInput:
    """What to change of a dwelling; what is left out stays."""

    id: strawberry.ID = described("The dwelling.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    address: str | None = described("The new address.", optional=True)
    grid: str | None = described("The new grid.", optional=True)
    building: str | None = described("The new building.", optional=True)
    kind: DwellingKind | None = described("What it is now.", optional=True)
    landlord_person_id: strawberry.ID | None = described("Who lets it now; null for nobody.", optional=True)
    landlord_organisation_id: strawberry.ID | None = described("The unit that lets it now.", optional=True)


@input_type
class MigrantStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("The dwelling, stay or report.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class MigrantReasonInput:
    """Which thing ends, and why."""

    id: strawberry.ID = described("The stay, report or contract.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ReportMigrantStayInput:
    """Where somebody lives since when: in a known dwelling, or at an address in an area."""

    person_id: strawberry.ID | None = described("The person; the caller by default.", optional=True)
    dwelling_id: strawberry.ID | None = described("The dwelling.", optional=True)
    area_id: strawberry.ID | None = described("The area of the address.", optional=True)
    address: str | None = described("The address, without a dwelling.", optional=True)
    origin_code: str = described(_ORIGIN)
    origin_address: str | None = described("The registered address; encrypted.", optional=True)
    reason: StayReason = described("Why the person came.")
    employer_id: strawberry.ID | None = described("For whom the person works.", optional=True)
    from_on: date = described("Since which day.")


@input_type
class MigrantStayEndInput:
    """A stay that ended on a day."""

    id: strawberry.ID = described("The stay.")
    on: date = described("The first day on which the person was here no longer.")
    reason: str | None = described(_REASON, optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class MoveMigrantStayInput:
    """Somebody who moved to another dwelling of this place."""

    id: strawberry.ID = described("The stay that ends.")
    dwelling_id: strawberry.ID = described("The new dwelling.")
    on: date = described("The first day there.")


@input_type
class RevealMigrantOriginInput:
    """A registered address to be shown."""

    id: strawberry.ID = described("The stay.")
    reason: str = described("What it is needed for; the person can read it.")


@input_type
class SubmitMigrantReportInput:
    """Somebody who lives in one's dwelling, or works for one's unit."""

    dwelling_id: strawberry.ID = described("The dwelling.")
    full_name: str = described("The person's name; encrypted.")
    id_number: str = described("The person's identity number; encrypted.")
    phone: str | None = described("The person's telephone; encrypted.", optional=True)
    origin_code: str = described(_ORIGIN)
    reason: StayReason = described("Why the person came.")
    employer_id: strawberry.ID | None = described("For whom the person works.", optional=True)
    from_on: date = described("Since which day.")


@input_type
class RevealMigrantReportInput:
    """A value of a report to be shown."""

    id: strawberry.ID = described("The report.")
    field: ReportField = described("Which value.")
    reason: str = described("What it is needed for.")


@input_type
class AppointMigrantAgentInput:
    """A person who reports for a unit from now on."""

    organisation_id: strawberry.ID = described("The unit.")
    person_id: strawberry.ID = described("The person.")
    from_on: date | None = described("Since which day; today by default.", optional=True)


@input_type
class DismissMigrantAgentInput:
    """A person who reports for a unit no longer."""

    id: strawberry.ID = described("The appointment.")
    on: date | None = described("From which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class FileMigrantContractInput:
    """A tenancy contract."""

    dwelling_id: strawberry.ID = described("What is rented.")
    person_id: strawberry.ID = described("Who rents.")
    number: str | None = described("Its number; at most 60 characters.", optional=True)
    signed_on: date = described("When it was signed.")
    starts_on: date = described("The first day that it covers.")
    ends_on: date = described("The first day that it does not cover; at most 20 years later.")
