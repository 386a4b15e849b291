"""The words of the plugin: categories, kinds and states."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """The four categories of the standard. Source: domain.md §5.1 (report of Jingmen)."""

    PUBLIC_ORDER = "public_order"
    """社会治安"""
    PUBLIC_VIRTUE = "public_virtue"
    """公益美德"""
    COMMUNITY_BUILDING = "community_building"
    """社区建设"""
    REWARDS_AND_PENALTIES = "rewards_and_penalties"
    """奖励惩罚"""


class ParticipantKind(StrEnum):
    """Who can take part: 居民、家庭和单位."""

    PERSON = "person"
    HOUSEHOLD = "household"
    UNIT = "unit"


class ParticipantState(StrEnum):
    """Whether somebody takes part now."""

    ACTIVE = "active"
    LEFT = "left"


class CatalogueState(StrEnum):
    """Whether a sub-category is in use."""

    ACTIVE = "active"
    RETIRED = "retired"


class RuleSetState(StrEnum):
    """Where a version of the standard stands."""

    DRAFT = "draft"
    ADOPTED = "adopted"
    DISCARDED = "discarded"


class RuleSetOrigin(StrEnum):
    """Whose standard it is."""

    OWN = "own"
    INHERITED = "inherited"


class RuleSource(StrEnum):
    """What a rule counts."""

    CLAIM = "claim"
    """Claims that somebody makes."""
    VOLUNTEER_HOURS = "volunteer_hours"
    """Hours that the volunteers plugin posts."""


class ClaimState(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"
    CONFIRMED = "confirmed"
    PUBLICISED = "publicised"
    OBJECTED = "objected"
    POSTED = "posted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class EvidenceKind(StrEnum):
    """How evidence is named."""

    REFERENCE = "reference"
    """By what it is and where it is kept."""
    FILE = "file"
    """By the digest of a file's content."""


class ObjectionAgainst(StrEnum):
    """What is objected to."""

    AWARD = "award"
    REJECTION = "rejection"


class ObjectionState(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class RewardKind(StrEnum):
    """What a reward is: 兑换服务、物质奖励、精神鼓励、享受有关激励政策."""

    SERVICE = "service"
    GOODS = "goods"
    HONOUR = "honour"
    INCENTIVE = "incentive"


class RewardState(StrEnum):
    """Whether a reward can be redeemed."""

    DRAFT = "draft"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"


class RedemptionState(StrEnum):
    """Where a redemption stands."""

    RESERVED = "reserved"
    ISSUED = "issued"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class TransferPurpose(StrEnum):
    """What points may be given for."""

    HOUSEHOLD = "household"
    CHARITY = "charity"


class TransferState(StrEnum):
    """Where a transfer stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    POSTED = "posted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
