"""The node types of the standard, participants and claims, declared over the plugin's tables."""

from __future__ import annotations

from datetime import date

from linli_graphql.plugin import (
    Area,
    Household,
    LedgerAccount,
    Node,
    Organisation,
    Person,
    column,
    expose,
    node,
    one,
)
from linli_points import tables
from linli_points.terms import ParticipantKind, ParticipantState

expose(
    ParticipantKind,
    "Who can take part.",
    {"PERSON": "A resident.", "HOUSEHOLD": "A household.", "UNIT": "A unit."},
    name="PointsParticipantKind",
)
expose(
    ParticipantState,
    "Whether somebody takes part now.",
    {"ACTIVE": "They take part.", "LEFT": "They left; their points stay theirs."},
    name="PointsParticipantState",
)


@node(
    tables.Participant,
    plural="points_participants",
    permission="points.participant.read",
    own_column="person_id",
    filters=("kind", "person", "household", "organisation"),
    order_by=("joined_on",),
)
class PointsParticipant(Node):
    """A resident, household or unit that takes part."""

    kind: ParticipantKind = column("Who takes part.")
    state: ParticipantState = column("Whether they take part now.")
    joined_on: date = column("Since which day.")
    left_on: date | None = column("On which day they left.")
    nickname: str = column("Under which name they are ranked; empty for none.")
    ranked: bool = column("Whether they chose to be ranked.")
    charity: bool = column("Whether points may be given to the unit.")
    area: Area | None = one("area_id", "Where they lie.")
    person: Person | None = one("person_id", "The resident.")
    household: Household | None = one("household_id", "The household.")
    organisation: Organisation | None = one("organisation_id", "The unit.")
    account: LedgerAccount | None = one("account_id", "Their points in the ledger.")
