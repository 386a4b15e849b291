"""What the area tree refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from linli.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from linli.areas.importing import ImportReport


class AreaNotFound(NotFound):
    """There is no such area here, now or at the date asked for (`code` when the caller gave one)."""

    code: ClassVar[str] = "areas.not_found"


class InvalidCode(Invalid):
    """An area's code is not 1 to 32 letters, digits, hyphens or underscores (`value`)."""

    code: ClassVar[str] = "areas.invalid_code"


class InvalidName(Invalid):
    """A name is empty, too long (`limit`, in characters) or holds control characters."""

    code: ClassVar[str] = "areas.invalid_name"


class InvalidLevel(Invalid):
    """A level's declaration cannot be used (`level`, `reason`)."""

    code: ClassVar[str] = "areas.invalid_level"


class UnknownLevel(Invalid):
    """The tenant has no level with this key (`level`)."""

    code: ClassVar[str] = "areas.unknown_level"


class LevelInUse(Conflict):
    """A level cannot go, or lose a parent or the top, while areas need it (`level`)."""

    code: ClassVar[str] = "areas.level_in_use"


class WrongParentLevel(Invalid):
    """An area of `level` may not stand below one of `parent_level` ("" is the top of the tree)."""

    code: ClassVar[str] = "areas.wrong_parent_level"


class DuplicateCode(Conflict):
    """Another area has this code today (`area_code`)."""

    code: ClassVar[str] = "areas.duplicate_code"


class Cycle(Invalid):
    """An area would stand below itself (`area_code`)."""

    code: ClassVar[str] = "areas.cycle"


class OverlappingValidity(Conflict):
    """The date is not after the start of the area's present version (`area_code`, `valid_from`)."""

    code: ClassVar[str] = "areas.overlapping_validity"


class HasChildren(Conflict):
    """An area with active areas below it needs a successor to retire (`area_code`, `count`)."""

    code: ClassVar[str] = "areas.has_children"


class HasRows(Conflict):
    """Something still lies in an area that retires without a successor (`area_code`, `count`)."""

    code: ClassVar[str] = "areas.has_rows"


class TooDeep(Invalid):
    """The tree would have more than `limit` levels one below the other."""

    code: ClassVar[str] = "areas.too_deep"


class NothingChanges(Invalid):
    """A change leaves everything as it is (`area_code`)."""

    code: ClassVar[str] = "areas.nothing_changes"


class InvalidChange(Invalid):
    """A change of a change set cannot be read (`reason`)."""

    code: ClassVar[str] = "areas.invalid_change"


class TooManyChanges(Invalid):
    """A change set has more than `limit` changes, or touches more than `limit` areas."""

    code: ClassVar[str] = "areas.too_many_changes"


class EffectiveDateOutOfRange(Invalid):
    """The effective date lies outside `earliest` to `latest`."""

    code: ClassVar[str] = "areas.effective_date_out_of_range"


class NotYetEffective(Conflict):
    """A change set is applied on its effective date or later (`effective_on`)."""

    code: ClassVar[str] = "areas.not_yet_effective"


class InvalidPage(Invalid):
    """A page has 1 to `limit` entries."""

    code: ClassVar[str] = "areas.page_size"


class UnreadableFile(Invalid):
    """A file of areas cannot be read at all (`reason`)."""

    code: ClassVar[str] = "areas.unreadable_file"


class RowsRefused(Invalid):
    """A strict import had bad rows, so that nothing was written (`bad`); `report` names them."""

    code: ClassVar[str] = "areas.rows_refused"

    def __init__(self, report: ImportReport) -> None:
        super().__init__(bad=report.bad_count)
        self.report = report
