"""The tables of money."""

from __future__ import annotations

from piccolo.columns import Integer, Text

from linli.plugin import AreaTable


class Pool(AreaTable, tablename="venture_pool"):
    """A budget for calls of one year, in an area."""

    title = Text()
    year = Integer()
    purpose = Text(default="")
    state = Text(default="open")
