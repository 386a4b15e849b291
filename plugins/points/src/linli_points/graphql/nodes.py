"""The standard, participants and claims, declared over the plugin's tables."""

from __future__ import annotations

from datetime import date, datetime

from linli_graphql.plugin import (
    Amount,
    Area,
    Connection,
    Household,
    LedgerAccount,
    LedgerEntry,
    Node,
    Organisation,
    Person,
    column,
    extend,
    many,
    node,
    one,
)
from linli_points import tables
from linli_points.graphql.enums import (
    CatalogueState,
    Category,
    ClaimState,
    EvidenceKind,
    ObjectionAgainst,
    ObjectionState,
    ParticipantKind,
    ParticipantState,
    RuleSetOrigin,
    RuleSetState,
    RuleSource,
)


@node(
    tables.Subcategory,
    plural="points_subcategories",
    permission="points.rule.read",
    filters=("category", "state", "code"),
    order_by=("code",),
)
class PointsSubcategory(Node):
    """A heading below one of the four categories; the tenant edits the list."""

    code: str = column("A short name for programs.")
    category: Category = column("Below which category.")
    name_zh: str = column("What it is called, in Chinese.")
    name_en: str = column("What it is called, in English; may be empty.")
    is_default: bool = column("Whether it was shipped with the product, and not decided by the tenant.")
    state: CatalogueState = column("Whether it is in use.")


@node(
    tables.RuleSet,
    plural="points_rule_sets",
    permission="points.rule.read",
    filters=("state", "number"),
    order_by=("number",),
)
class PointsRuleSet(Node):
    """A version of the standard; it holds from a day on, until a later one does."""

    number: int = column("Counts the versions.")
    title: str = column("What it is called.")
    origin: RuleSetOrigin = column("The tenant's own, or the city's.")
    state: RuleSetState = column("Where it stands.")
    adopted_on: date | None = column("From which day it holds; null for drafts.")
    rules: Connection[PointsRule] = many("rule_set_id", "What earns how many points.")
    areas: Connection[PointsRuleSetArea] = many(
        "rule_set_id", "Where it holds; everywhere when there is none."
    )


@node(tables.RuleSetArea, plural="points_rule_set_areas", permission="points.rule.read")
class PointsRuleSetArea(Node):
    """An area in which a version of the standard holds, with all below it."""

    area: Area | None = one("area_id", "Which area.")
    rule_set: PointsRuleSet | None = one("rule_set_id", "Which version.")


@node(
    tables.Rule,
    plural="points_rules",
    permission="points.rule.read",
    filters=("rule_set", "code", "category", "subcategory"),
    order_by=("code",),
)
class PointsRule(Node):
    """What earns how many points, in one version of the standard."""

    code: str = column("A short name, the same over all versions.")
    category: Category = column("Under which category it counts.")
    title: str = column("What is done.")
    points: int = column("How many points each item or hour earns.")
    cap_claim: int | None = column("The most that one claim earns; null without a limit.")
    cap_day: int | None = column("The most that one participant earns on a day; null without a limit.")
    cap_year: int | None = column("The most that one participant earns in a year; null without a limit.")
    evidence_required: bool = column("Whether a claim needs evidence.")
    for_person: bool = column("Whether residents can claim.")
    for_household: bool = column("Whether households can claim.")
    for_unit: bool = column("Whether units can claim.")
    source: RuleSource = column("What it counts.")
    subcategory: PointsSubcategory | None = one("subcategory_id", "The heading it stands under.")
    rule_set: PointsRuleSet | None = one("rule_set_id", "The version it belongs to.")


@node(
    tables.Participant,
    plural="points_participants",
    permission="points.participant.read",
    own_column="contact_id",
    filters=("kind", "state", "person", "household", "organisation"),
    order_by=("joined_on",),
    group_by=("kind", "area", "joined_on"),
)
class PointsParticipant(Node):
    """A resident, household or unit that takes part."""

    kind: ParticipantKind = column("What they are.")
    state: ParticipantState = column("Whether they take part now.")
    joined_on: date = column("Since which day.")
    left_on: date | None = column("Since which day no longer.")
    nickname: str = column("The name in the ranking; empty for none.")
    ranked: bool = column("Whether they chose to be ranked.")
    charity: bool = column("Whether points may be given to the unit.")
    area: Area | None = one("area_id", "Where they lie.")
    person: Person | None = one("person_id", "The resident; null for other kinds.")
    household: Household | None = one("household_id", "The household; null for other kinds.")
    organisation: Organisation | None = one("organisation_id", "The unit; null for other kinds.")
    account: LedgerAccount | None = one("account_id", "The account with the points.")
    claims: Connection[PointsClaim] = many("participant_id", "What was claimed.")


@node(
    tables.Claim,
    plural="points_claims",
    permission="points.claim.read",
    own_column="person_id",
    filters=("state", "category", "activity_day", "posted_at", "participant", "person", "rule"),
    order_by=("activity_day",),
    group_by=("state", "category", "area", "activity_day", "posted_at"),
    sums=("points",),
)
class PointsClaim(Node):
    """Points claimed under a rule for an activity; never edited once it is verified, only reversed."""

    category: Category = column("Under which category it counts.")
    activity: str = column("For what.")
    activity_day: date = column("On which day that was.")
    slot: str = column("Which part of the activity; empty for the whole.")
    quantity: int = column("How many items or hours.")
    points: Amount = column("How many points.")
    note: str = column("What the claimant adds.")
    source: RuleSource = column("Claimed, or from posted hours of service.")
    state: ClaimState = column("Where it stands.")
    submitted_at: datetime | None = column("When it was handed in.")
    verified_at: datetime | None = column("When somebody else found it right.")
    confirmed_at: datetime | None = column("When another person agreed.")
    publicised_at: datetime | None = column("When the notice began.")
    object_until: datetime | None = column("Until when objections are possible.")
    decision_reason: str = column("Why it was returned, rejected or reversed; empty otherwise.")
    posted_at: datetime | None = column("When the points were given.")
    reversed_at: datetime | None = column("When they were taken back.")
    blocked_code: str = column("Why the last try to post or reverse it failed; empty otherwise.")
    area: Area | None = one("area_id", "Where the participant lay.")
    participant: PointsParticipant | None = one("participant_id", "Whose points.")
    person: Person | None = one("person_id", "Whose case it is; null for units.")
    rule: PointsRule | None = one("rule_id", "The rule in the version that held on the day.")
    entry: LedgerEntry | None = one(
        "entry_id", "The entry in the ledger; null to those who may not see entries."
    )
    evidence: Connection[PointsEvidence] = many("claim_id", "What shows that it took place.")
    objections: Connection[PointsObjection] = many("claim_id", "Who objected, and what was decided.")


@node(
    tables.Evidence,
    plural="points_evidence_pieces",
    permission="points.claim.read",
    own_column="person_id",
    filters=("claim",),
)
class PointsEvidence(Node):
    """What shows that an activity took place; it counts for one claim only."""

    kind: EvidenceKind = column("A reference or a file.")
    reference: str = column("What it is and where it is kept.")
    digest: str = column("SHA-256 of the file, or of the reference in its normal form.")
    in_use: bool = column("Whether it counts for this claim now.")
    claim: PointsClaim | None = one("claim_id", "Which claim.")


@node(
    tables.Objection,
    plural="points_objections",
    permission="points.objection.read",
    own_column="person_id",
    filters=("state", "claim"),
    order_by=("raised_at",),
)
class PointsObjection(Node):
    """Somebody objects to an award under notice, or the claimant to a rejection."""

    against: ObjectionAgainst = column("What is objected to.")
    raised_at: datetime = column("When.")
    reason: str = column("Why.")
    state: ObjectionState = column("Where it stands.")
    decided_at: datetime | None = column("When it was decided.")
    decision_reason: str = column("Why it was decided so; empty while it is open.")
    claim: PointsClaim | None = one("claim_id", "Which claim.")


class PersonPoints:
    """What a person has to do with points."""

    points_claims: Connection[PointsClaim] = many("person_id", "The claims that are the person's case.")


PERSON_POINTS = extend(Person)(PersonPoints)
