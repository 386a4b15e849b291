"""What another plugin may import."""

from __future__ import annotations

from linli_migrants.events import StayActivated, StayEnded, StayReported
from linli_migrants.origins import is_local

__all__ = ["StayActivated", "StayEnded", "StayReported", "is_local"]
