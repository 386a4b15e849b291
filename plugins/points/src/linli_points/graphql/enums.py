"""The words of the plugin in the API."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_points.figures import FigureStatus
from linli_points.terms import (
    CatalogueState,
    Category,
    ClaimState,
    EvidenceKind,
    ObjectionAgainst,
    ObjectionState,
    ParticipantKind,
    ParticipantState,
    RedemptionState,
    RewardKind,
    RewardState,
    RuleSetOrigin,
    RuleSetState,
    RuleSource,
    TransferPurpose,
    TransferState,
)

__all__ = [
    "CatalogueState",
    "Category",
    "ClaimState",
    "EvidenceKind",
    "FigureStatus",
    "ObjectionAgainst",
    "ObjectionState",
    "ParticipantKind",
    "ParticipantState",
    "RedemptionState",
    "RewardKind",
    "RewardState",
    "RuleSetOrigin",
    "RuleSetState",
    "RuleSource",
    "TransferPurpose",
    "TransferState",
]

expose(
    Category,
    "The four categories of the standard.",
    {
        "PUBLIC_ORDER": "Public order (社会治安).",
        "PUBLIC_VIRTUE": "Public good and virtue (公益美德).",
        "COMMUNITY_BUILDING": "Building the community (社区建设).",
        "REWARDS_AND_PENALTIES": "Honours (奖励惩罚); points are never taken as a penalty.",
    },
    name="PointsCategory",
)
expose(
    ParticipantKind,
    "Who can take part.",
    {"PERSON": "A resident.", "HOUSEHOLD": "People who live together.", "UNIT": "An organisation."},
    name="PointsParticipantKind",
)
expose(
    ParticipantState,
    "Whether somebody takes part now.",
    {"ACTIVE": "They take part.", "LEFT": "They take part no longer; the points stay theirs."},
    name="PointsParticipantState",
)
expose(
    CatalogueState,
    "Whether a sub-category is in use.",
    {"ACTIVE": "Rules may name it.", "RETIRED": "No new rule may name it."},
    name="PointsSubcategoryState",
)
expose(
    RuleSetState,
    "Where a version of the standard stands.",
    {
        "DRAFT": "It is being written.",
        "ADOPTED": "It holds from its day on, and never changes again.",
        "DISCARDED": "It was given up.",
    },
    name="PointsRuleSetState",
)
expose(
    RuleSetOrigin,
    "Whose standard it is.",
    {"OWN": "The tenant's own.", "INHERITED": "The city's, which its districts cannot change."},
    name="PointsRuleSetOrigin",
)
expose(
    RuleSource,
    "What a rule counts.",
    {"CLAIM": "What somebody claims.", "VOLUNTEER_HOURS": "Posted hours of service, by the hour."},
    name="PointsRuleSource",
)
expose(
    ClaimState,
    "Where a claim stands.",
    {
        "DRAFT": "It is being written.",
        "SUBMITTED": "It waits to be verified by somebody else.",
        "RETURNED": "It waits to be completed.",
        "VERIFIED": "It waits to be confirmed by another person.",
        "CONFIRMED": "It is about to be put under notice.",
        "PUBLICISED": "It is under notice: objections are possible.",
        "OBJECTED": "It waits until an objection is decided.",
        "POSTED": "The points are given.",
        "REJECTED": "It was refused with a reason; the claimant can object.",
        "WITHDRAWN": "It was taken back.",
        "REVERSED": "It was a wrong award, and the points are taken back.",
    },
    name="PointsClaimState",
)
expose(
    EvidenceKind,
    "How evidence is named.",
    {"REFERENCE": "By what it is and where it is kept.", "FILE": "By the digest of a file's content."},
    name="PointsEvidenceKind",
)
expose(
    ObjectionAgainst,
    "What is objected to.",
    {"AWARD": "An award under notice.", "REJECTION": "The refusal of a claim."},
    name="PointsObjectionAgainst",
)
expose(
    ObjectionState,
    "Where an objection stands.",
    {
        "OPEN": "It waits for a decision by somebody new.",
        "UPHELD": "It was found right.",
        "DISMISSED": "It was found wrong.",
    },
    name="PointsObjectionState",
)
expose(
    FigureStatus,
    "Whether a ratio has a value.",
    {
        "DEFINED": "It has a value.",
        "NOT_DEFINED": "The denominator is zero, so there is no value.",
        "SUPPRESSED": "Fewer than five are counted, so nothing is shown.",
    },
    name="PointsFigureStatus",
)
expose(
    RewardKind,
    "What a reward is.",
    {
        "SERVICE": "Something done for one.",
        "GOODS": "Things to take home.",
        "HONOUR": "An honour.",
        "INCENTIVE": "A share in an incentive.",
    },
    name="PointsRewardKind",
)
expose(
    RewardState,
    "Whether a reward can be redeemed.",
    {
        "DRAFT": "It is being prepared.",
        "OFFERED": "It can be redeemed.",
        "WITHDRAWN": "It is offered no longer; vouchers that were given stay good.",
    },
    name="PointsRewardState",
)
expose(
    RedemptionState,
    "Where a redemption stands.",
    {
        "RESERVED": "Points, money and stock are set aside; the voucher is not good yet.",
        "ISSUED": "The voucher is good.",
        "FULFILLED": "The reward was handed out, and the points are spent.",
        "CANCELLED": "It was taken back; all that was set aside was given back.",
        "LAPSED": "Its time was over; all that was set aside was given back.",
    },
    name="PointsRedemptionState",
)
expose(
    TransferPurpose,
    "What points may be given for.",
    {
        "HOUSEHOLD": "Within a household.",
        "CHARITY": "To a unit that was named as a charity.",
    },
    name="PointsTransferPurpose",
)
expose(
    TransferState,
    "Where a transfer stands.",
    {
        "OFFERED": "The points are set aside, and wait for the receiver.",
        "ACCEPTED": "The receiver took them; they move when the cooling-off is over.",
        "POSTED": "The receiver has them.",
        "DECLINED": "The receiver did not want them; they are the giver's again.",
        "CANCELLED": "The giver took them back.",
    },
    name="PointsTransferState",
)
