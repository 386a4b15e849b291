"""What a section of the work list is: one statement that gives places of work, in the order of grid and building."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class WorkSection(StrEnum):
    """The sections of the work list."""

    VISITS_TODAY = "visits_today"
    VISITS_OVERDUE = "visits_overdue"
    VISITS_TO_APPOINT = "visits_to_appoint"
    CENSUS_OPEN = "census_open"
    ENDORSEMENTS_DUE = "endorsements_due"
    APPLICATIONS_OPEN = "applications_open"


@dataclass(frozen=True, slots=True)
class Section:
    """A section: which permission shows its items, of which node type they are, and the statement that finds them.

    `sql` selects `subject_id`, `person_id`, `full_name` (or null), `due_on`, `appointed_for`, `tier` and the columns
    of the dwelling `d` as in `COLUMNS`, for tenant `$1`. It holds `{scope}` where the condition on `d.area_path`
    goes, and `{after}` where the one on the place goes; order and limit are added. `subject` names the alias column
    of `subject_id`, by which items of one dwelling are ordered. `needs` names the values of `$2`, `$3` …:
    `today`, `day_start`, `day_end` in the tenant's time zone, and `time_zone`, its name.
    """

    name: WorkSection
    permission: str
    node: str
    subject: str
    sql: str
    needs: tuple[str, ...] = ()


COLUMNS = "d.id as dwelling_id, d.area_path, d.grid, d.building, d.address"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something to be done at a dwelling. `person` is masked; `subject_id` is a row of the section's node type."""

    node: str
    subject_id: UUID
    dwelling_id: UUID
    person_id: UUID | None
    person: str
    address: str
    due_on: date | None
    appointed_for: datetime | None
    tier: str | None


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """The items of one building of a grid; both are empty where the dwelling names none."""

    grid: str
    building: str
    items: list[WorkItem]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of a section; `after` goes on where it ends, and is None when there is nothing more."""

    section: WorkSection
    groups: list[WorkGroup]
    after: str | None
