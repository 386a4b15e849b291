"""What the mutations of the earning side take in."""

from __future__ import annotations

from datetime import date

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type
from linli_points.graphql.enums import Category, EvidenceKind, RuleSource

_REASON = "Why; at most 500 characters."


@input_type
class AddPointsSubcategoryInput:
    """A sub-category to be added."""

    code: str = described("A short name for programs: lower-case letters, digits and underscores.")
    category: Category = described("Below which category.")
    name_zh: str = described("What it is called, in Chinese; at most 50 characters.")
    name_en: str | None = described("What it is called, in English.", optional=True)


@input_type
class RenamePointsSubcategoryInput:
    """A sub-category to be worded anew."""

    id: strawberry.ID = described("Which sub-category.")
    name_zh: str | None = described("The new name in Chinese.", optional=True)
    name_en: str | None = described("The new name in English.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class DraftPointsRuleSetInput:
    """A version of the standard to be begun."""

    title: str = described("What it is called; at most 100 characters.")
    based_on_id: strawberry.ID | None = described("The version whose rules it begins with.", optional=True)


@input_type
class PutPointsRuleInput:
    """A rule to be put into a draft; one with the same code is changed, and what is left out stays."""

    rule_set_id: strawberry.ID = described("Which draft.")
    code: str = described("A short name, the same over all versions.")
    subcategory_id: strawberry.ID | None = described(
        "The heading it stands under; needed for a new rule.", optional=True
    )
    title: str | None = described("What is done; needed for a new rule.", optional=True)
    points: int | None = described(
        "How many points each item or hour earns; needed for a new rule.", optional=True
    )
    cap_claim: int | None = described("The most that one claim earns; null without a limit.", optional=True)
    cap_day: int | None = described(
        "The most for one participant on a day; null without a limit.", optional=True
    )
    cap_year: int | None = described(
        "The most for one participant in a year; null without a limit.", optional=True
    )
    evidence_required: bool | None = described(
        "Whether a claim needs evidence; it does by default.", optional=True
    )
    for_person: bool | None = described("Whether residents can claim; they can by default.", optional=True)
    for_household: bool | None = described(
        "Whether households can claim; they cannot by default.", optional=True
    )
    for_unit: bool | None = described("Whether units can claim; they cannot by default.", optional=True)
    source: RuleSource | None = described("What it counts; claims by default.", optional=True)


@input_type
class LimitPointsRuleSetInput:
    """Where a draft is to hold."""

    id: strawberry.ID = described("Which draft.")
    area_ids: list[strawberry.ID] = described("In which areas, with all below them; none for everywhere.")


@input_type
class AdoptPointsRuleSetInput:
    """A draft of somebody else to be put into force."""

    id: strawberry.ID = described("Which draft.")
    from_day: date | None = described("From which day; today at the earliest and by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class PointsStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("Which sub-category, version, rule, participant or claim.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class PointsReasonInput:
    """Which thing is decided or taken back, and why."""

    id: strawberry.ID = described("Which claim or objection.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class JoinPointsInput:
    """Who is to take part: exactly one of the three."""

    person_id: strawberry.ID | None = described("A resident.", optional=True)
    household_id: strawberry.ID | None = described("A household.", optional=True)
    organisation_id: strawberry.ID | None = described("A unit.", optional=True)
    charity: bool | None = described("Whether points may be given to the unit.", optional=True)
    joined_on: date | None = described("Since which day; today by default.", optional=True)


@input_type
class ChoosePointsRankingInput:
    """Whether to be shown in the ranking."""

    id: strawberry.ID = described("Which participant.")
    ranked: bool = described("Whether to be ranked.")
    nickname: str | None = described("Under which name; at most 20 characters.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class PointsEvidenceInput:
    """A piece of evidence."""

    kind: EvidenceKind = described("A reference or a file.")
    reference: str = described("What it is and where it is kept; at most 500 characters.")
    digest: str | None = described(
        "SHA-256 of the file's content, in hexadecimal; needed for files.", optional=True
    )


@input_type
class DraftPointsClaimInput:
    """A claim to be begun."""

    participant_id: strawberry.ID = described("Whose points.")
    rule_id: strawberry.ID = described("Under which rule; the version that held on the day counts.")
    activity: str = described("For what; at most 100 characters.")
    activity_day: date = described("On which day that was.")
    slot: str | None = described("Which part of the activity, such as a shift.", optional=True)
    quantity: int | None = described("How many items; 1 by default.", optional=True)
    note: str | None = described("Anything to add; at most 500 characters.", optional=True)
    evidence: list[PointsEvidenceInput] | None = described("What shows it; at most 20 pieces.", optional=True)
    submit: bool | None = described("Whether to hand it in at once.", optional=True)


@input_type
class RevisePointsClaimInput:
    """A draft, or a returned claim, to be changed; what is left out stays."""

    id: strawberry.ID = described("Which claim.")
    activity: str | None = described("The new activity.", optional=True)
    activity_day: date | None = described("The new day.", optional=True)
    slot: str | None = described("The new part of the activity.", optional=True)
    quantity: int | None = described("The new number of items.", optional=True)
    note: str | None = described("The new note.", optional=True)
    evidence: list[PointsEvidenceInput] | None = described(
        "All evidence, in place of what there is.", optional=True
    )
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ObjectToPointsClaimInput:
    """An objection."""

    claim_id: strawberry.ID = described("To which award under notice, or to the rejection of which claim.")
    reason: str = described(_REASON)
