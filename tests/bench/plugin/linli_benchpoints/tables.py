"""The plugin's table."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Text, Timestamptz

from linli.plugin import AreaTable


class Entry(AreaTable, tablename="benchpoints_entry"):
    """Points that a person got; lies where the person does."""

    person_id = UUID()
    category = Text()
    points = BigInt()
    occurred_at = Timestamptz()
