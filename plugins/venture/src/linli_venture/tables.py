"""All tables of the plugin, for the kernel, which looks for them here; each area has its own module."""

from __future__ import annotations

from linli_venture.money.tables import Pool

__all__ = ["Pool"]
