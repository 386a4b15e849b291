"""What other plugins may import: the published events."""

from __future__ import annotations

from linli_points.events import ClaimPosted, ClaimReversed, RedemptionFulfilled, RuleSetAdopted

__all__ = ["ClaimPosted", "ClaimReversed", "RedemptionFulfilled", "RuleSetAdopted"]
