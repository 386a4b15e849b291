"""What more than one area refuses; each area has its own module besides. `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Invalid


class NumberOutOfRange(Invalid):
    """A number is not from `low` to `high`."""

    code = "venture.number_out_of_range"


class NaiveMoment(Invalid):
    """A moment is given without a time zone."""

    code = "venture.naive_moment"


class ObjectionExists(Conflict):
    """An objection waits for a decision already."""

    code = "venture.objection_exists"
