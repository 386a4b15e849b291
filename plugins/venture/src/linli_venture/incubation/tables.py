"""The table of incubations. `migrations/m0020_incubation.py` has its keys, references and checks."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Text

from linli.plugin import AreaTable


class Incubation(AreaTable, tablename="venture_incubation"):
    """An organisation's time in incubation. `ended_on` is the day on which it graduated or left."""

    organisation_id = UUID()
    support = Text(help_text="what it is given: rooms, training, a mentor")
    started_on = Date()
    ended_on = Date(default=None, null=True)
    state = Text(default="incubating")
    end_reason = Text(default="")
