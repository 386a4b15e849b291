"""The node types of dwellings, stays, reports, agents and contracts, declared over their tables."""

from __future__ import annotations

from datetime import date, datetime

from linli_graphql.plugin import (
    Area,
    Connection,
    GraphQLRequest,
    Node,
    Organisation,
    Person,
    column,
    computed,
    extend,
    many,
    node,
    one,
)
from linli_migrants import tables
from linli_migrants.graphql.living_enums import (
    ContractState,
    DwellingKind,
    DwellingState,
    Reporter,
    ReportState,
    StayReason,
    StayState,
)


@node(
    tables.Dwelling,
    plural="migrant_dwellings",
    permission="migrants.dwelling.read",
    own_column="landlord_person_id",
    filters=("grid", "state"),
    order_by=("grid",),
)
class MigrantDwelling(Node):
    """A home in which newcomers live."""

    address: str = column("The address.")
    grid: str = column("The grid, as the community calls it; empty when there is none.")
    building: str = column("The building; empty when there is none.")
    kind: DwellingKind = column("What it is to those who live there.")
    state: DwellingState = column("Whether it is in use.")
    area: Area | None = one("area_id", "Where it is.")
    landlord: Person | None = one("landlord_person_id", "Who lets it.")
    landlord_organisation: Organisation | None = one("landlord_organisation_id", "The unit that lets it.")
    stays: Connection[MigrantStay] = many("dwelling_id", "Who lives and lived there.")
    contracts: Connection[MigrantContract] = many("dwelling_id", "The contracts on file.")


@node(
    tables.Stay,
    plural="migrant_stays",
    permission="migrants.stay.read",
    own_column="person_id",
    filters=("state", "from_on", "person", "dwelling", "employer"),
    order_by=("from_on",),
    group_by=("state", "area", "from_on"),
)
class MigrantStay(Node):
    """A person's stay, from a day up to, and without, another."""

    origin_code: str = column("The division code of the place of the household register.")
    reason: StayReason = column("Why the person came.")
    from_on: date = column("The first day.")
    to_on: date | None = column(
        "The day on which the person was here no longer; null while the stay goes on."
    )
    state: StayState = column("Where it stands.")
    reporter: Reporter = column("Who reported it.")
    verified_at: datetime | None = column("When somebody else verified it.")
    ended_at: datetime | None = column("When its end was entered.")
    end_reason: str = column("Why it ended or was refused; empty when nothing was said.")
    area: Area | None = one("area_id", "Where the dwelling is.")
    person: Person | None = one("person_id", "Who stays.")
    dwelling: MigrantDwelling | None = one("dwelling_id", "Where the person lives.")
    employer: Organisation | None = one("employer_id", "For whom the person works.")

    @computed(needs=("origin_code",))
    def origin_province(self, request: GraphQLRequest) -> str:
        """The province of the place of the household register, in the caller's language."""
        key = f"migrants.provinces.p{self.origin_code[:2]}"
        return request.plugins.texts.translate(key, request.locale)


@node(
    tables.Report,
    plural="migrant_reports",
    permission="migrants.stay.read",
    own_column="reporter_person_id",
    filters=("state", "dwelling"),
)
class MigrantReport(Node):
    """What a landlord or employer says of somebody who moved in; who it is stays encrypted."""

    masked_name: str = column("The person's name, masked; empty once the report is done with.")
    origin_code: str = column("The division code of the place of the household register.")
    reason: StayReason = column("Why the person came.")
    from_on: date = column("Since which day.")
    reporter: Reporter = column("As what it was reported.")
    state: ReportState = column("Where it stands.")
    ended_at: datetime | None = column("When it was decided or taken back.")
    end_reason: str = column("Why it was refused; empty when it was not.")
    area: Area | None = one("area_id", "Where the dwelling is.")
    dwelling: MigrantDwelling | None = one("dwelling_id", "Where the person lives.")
    employer: Organisation | None = one("employer_id", "For whom the person works.")
    stay: MigrantStay | None = one("stay_id", "What it became.")


@node(
    tables.Agent,
    plural="migrant_agents",
    permission="migrants.agent.read",
    own_column="person_id",
    filters=("person", "organisation"),
)
class MigrantAgent(Node):
    """A person who reports for a unit."""

    from_on: date = column("Since which day.")
    to_on: date | None = column("The day from which the person does not; null while they do.")
    organisation: Organisation | None = one("organisation_id", "The unit.")
    person: Person | None = one("person_id", "The person.")


@node(
    tables.Contract,
    plural="migrant_contracts",
    permission="migrants.dwelling.read",
    own_column="person_id",
    filters=("person", "dwelling", "ends_on"),
    order_by=("ends_on",),
)
class MigrantContract(Node):
    """A tenancy contract on file."""

    number: str = column("Its number; empty when it has none.")
    signed_on: date = column("When it was signed.")
    starts_on: date = column("The first day that it covers.")
    ends_on: date = column("The first day that it does not cover.")
    state: ContractState = column("Whether it holds.")
    end_reason: str = column("Why it was ended; empty when it was not.")
    person: Person | None = one("person_id", "Who rents.")
    dwelling: MigrantDwelling | None = one("dwelling_id", "What is rented.")


class PersonStays:
    """Where a person stays and stayed."""

    migrant_stays: Connection[MigrantStay] = many("person_id", "The person's stays.")
    migrant_contracts: Connection[MigrantContract] = many("person_id", "The person's tenancy contracts.")


PERSON_STAYS = extend(Person)(PersonStays)
LIVING_NODES = (MigrantDwelling, MigrantStay, MigrantReport, MigrantAgent, MigrantContract)
