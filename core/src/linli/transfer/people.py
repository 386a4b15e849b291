"""The import of people: many new ones at once, known ones found again by name, birth date, telephone and place."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.context import Context
from linli.errors import LinliError
from linli.identity import people
from linli.identity.numbers import check_resident_id
from linli.identity.people_bulk import NewPerson, enter, entry_of, places_for
from linli.identity.places import Place
from linli.masks import mask_id_number, mask_name, mask_phone
from linli.transfer.area_names import Found, find_areas
from linli.transfer.errors import AmbiguousPerson, BirthDateDiffers, RepeatedRow
from linli.transfer.kinds import (
    ColumnType,
    ImportColumn,
    ImportedRow,
    ImportKind,
    RowOutcome,
    RowResult,
    refused,
)

_KNOWN_MAX: Final = 50
_WRITE: Final = f"{people.PERMISSION}.write"
# One small look into the index for each row; a join would read all people of a city who have a common name.
_BY_BIRTH: Final = f"""
select w.place, p.id, p.area_id, p.area_path, p.full_name, p.gender, p.birth_date, p.phone, p.state
from unnest($2::int[], $3::text[], $4::date[]) as w (place, full_name, birth_date)
cross join lateral (
    select * from identity_person p where p.tenant_id = $1 and p.full_name = w.full_name
        and p.birth_date = w.birth_date and p.state <> 'merged' order by p.id limit {_KNOWN_MAX}) p"""
_BY_PHONE: Final = f"""
select w.place, p.id, p.area_id, p.area_path, p.full_name, p.gender, p.birth_date, p.phone, p.state
from unnest($2::int[], $3::text[], $4::text[]) as w (place, full_name, phone)
cross join lateral (
    select * from identity_person p where p.tenant_id = $1 and p.phone = w.phone
        and p.full_name = w.full_name and p.state <> 'merged' order by p.id limit {_KNOWN_MAX}) p"""


@dataclass(slots=True)
class _Plan:
    """What is to be done for one row: a person to be entered, changes of a known one, nothing, or a refusal."""

    row: ImportedRow
    entry: dict[str, Any] | None = None
    known: Mapping[str, Any] | None = None
    changes: people.PersonChanges = field(default_factory=people.PersonChanges)
    problems: list[LinliError] = field(default_factory=list)

    @property
    def outcome(self) -> RowOutcome:
        """What becomes of the row when the plan is carried out."""
        if self.problems:
            return refused(*self.problems)
        if self.known is None:
            return RowOutcome(RowResult.CREATED)
        return RowOutcome(RowResult.UPDATED if self.changes else RowResult.UNCHANGED)


async def check(ctx: Context, rows: Sequence[ImportedRow]) -> Sequence[RowOutcome]:
    """What `apply` would answer."""
    return [plan.outcome for plan in await _plans(ctx, rows)]


async def apply(ctx: Context, rows: Sequence[ImportedRow]) -> Sequence[RowOutcome]:
    """Enter the people who are new, change those whose entry differs."""
    plans = await _plans(ctx, rows)
    await enter(ctx, [plan.entry for plan in plans if plan.entry is not None and not plan.problems])
    for plan in plans:
        if plan.known is not None and plan.changes and not plan.problems:
            await _refusing(plan, _update(ctx, plan))
    return [plan.outcome for plan in plans]


async def _plans(ctx: Context, rows: Sequence[ImportedRow]) -> list[_Plan]:
    # A plan that was made while the register was empty reads all of it, and would be kept as it fills.
    await ctx.db.execute("set local plan_cache_mode = 'force_custom_plan'")
    areas = await find_areas(ctx, (row.text("area") for row in rows))
    places = await places_for(ctx, (one for one in areas.values() if isinstance(one, UUID)))
    plans = [_plan(ctx, row, areas, places) for row in rows]
    _refuse_repeated(plans)
    known = await _known(ctx, plans)
    met: dict[UUID, int] = {}
    for plan in plans:
        if plan.entry is not None and not plan.problems:
            _meet(ctx, plan, known.get(plan.row.number, []))
            first = met.setdefault(plan.known["id"], plan.row.number) if plan.known is not None else None
            if first not in (None, plan.row.number):
                plan.problems.append(RepeatedRow(path=("full_name",), first_row=first))
    return plans


def _plan(
    ctx: Context,
    row: ImportedRow,
    areas: Mapping[str, Found],
    places: dict[UUID | None, tuple[Place, str]],
) -> _Plan:
    """The person of a row as a new one, or all that is wrong with it."""
    plan = _Plan(row)
    area = areas.get(row.text("area"))
    born = _birth_date(ctx, row, plan)
    if isinstance(area, LinliError):
        plan.problems.append(_at(area, "area"))
    if plan.problems:
        return plan
    try:
        plan.entry = entry_of(
            ctx,
            NewPerson(
                area_id=area if isinstance(area, UUID) else None,
                full_name=row.text("full_name"),
                gender=row.text("gender") or "unknown",
                birth_date=born,
                phone=row.text("mobile") or None,
            ),
            places,
        )
    except LinliError as error:
        plan.problems.append(
            _at(error, _COLUMN_OF.get(error.path[0] if error.path else "area_id", "full_name"))
        )
    return plan


def _refuse_repeated(plans: Sequence[_Plan]) -> None:
    """Two rows of a batch that are one person once the identity number is looked into."""
    seen: dict[tuple[object, ...], int] = {}
    for plan in plans:
        if plan.entry is not None and (born := plan.entry["birth_date"]) is not None:
            who = (plan.entry["full_name"], plan.entry["area_id"], born)
            first = seen.setdefault(who, plan.row.number)
            if first != plan.row.number:
                plan.problems.append(RepeatedRow(path=("full_name",), first_row=first))


def _birth_date(ctx: Context, row: ImportedRow, plan: _Plan) -> date | None:
    """The birth date, from the identity number when there is no other; the number itself is checked and not kept."""
    born, number = row.day("birth_date"), row.text("resident_id")
    if not number:
        return born
    try:
        digits = check_resident_id(number, clock=ctx.clock)[6:14]
    except LinliError as error:
        plan.problems.append(_at(error, "resident_id"))
        return born
    inside = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if born is not None and born != inside:
        plan.problems.append(BirthDateDiffers(path=("birth_date",)))
    return inside


async def _known(ctx: Context, plans: Sequence[_Plan]) -> dict[int, list[Mapping[str, Any]]]:
    """The entries of the register that each row might mean, by the row's number."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for statement, column in ((_BY_BIRTH, "birth_date"), (_BY_PHONE, "phone")):
        asked = [
            (plan.row.number, plan.entry["full_name"], plan.entry[column])
            for plan in plans
            if plan.entry is not None and not plan.problems and plan.entry[column] is not None
        ]
        if asked:
            columns = map(list, zip(*asked, strict=True))
            for row in await ctx.db.fetch(statement, ctx.tenant_id, *columns):
                found.setdefault(row["place"], []).append(row)
    return found


def _meet(ctx: Context, plan: _Plan, candidates: Sequence[Mapping[str, Any]]) -> None:
    """Find the row's person among those of the same name and birth date or telephone, or leave it a new one.

    One with the same telephone is the same person, who may have moved, unless both birth dates are known and differ;
    one with the same birth date in the same area may have a new telephone.
    """
    entry = plan.entry
    assert entry is not None
    # That somebody of this name lives elsewhere is not for this clerk to know: the row is one of a new person.
    ours = list({one["id"]: one for one in candidates if ctx.can(_WRITE, one["area_path"])}.values())
    ours = [
        one
        for one in ours
        if None in (births := {one["birth_date"], entry["birth_date"]}) or len(births) == 1
    ]
    here = [one for one in ours if one["area_id"] == entry["area_id"]]
    by_phone = [one for one in ours if entry["phone"] is not None and one["phone"] == entry["phone"]]
    meant = by_phone or here
    if len(meant) > 1:
        meant = [one for one in meant if one in here] or meant
    if not meant:
        return
    if len(meant) > 1:
        plan.problems.append(AmbiguousPerson(path=("full_name",), count=len(meant)))
        return
    known = meant[0]
    plan.known, plan.entry = known, None
    given = {"gender": plan.row.text("gender"), "birth_date": entry["birth_date"], "phone": entry["phone"]}
    for name, value in given.items():
        if value and known[name] != value:
            plan.changes[name] = value  # type: ignore[literal-required]
    if known["area_id"] != entry["area_id"]:
        plan.changes["area_id"] = entry["area_id"]


async def _update(ctx: Context, plan: _Plan) -> None:
    assert plan.known is not None
    async with ctx.db.savepoint():
        await people.update(ctx, plan.known["id"], **plan.changes)


async def _refusing(plan: _Plan, work: Awaitable[None]) -> None:
    try:
        await work
    except LinliError as error:
        plan.problems.append(_at(error, _COLUMN_OF.get(error.path[0] if error.path else "", "full_name")))


def _at(error: LinliError, column: str) -> LinliError:
    """The error with a column of the list as its path."""
    return type(error)(path=(column,), **error.details)


_COLUMN_OF: Final = {
    "area_id": "area",
    "full_name": "full_name",
    "gender": "gender",
    "birth_date": "birth_date",
    "phone": "mobile",
}

KIND: Final = ImportKind(
    name="identity.people",
    permission=_WRITE,
    columns=(
        ImportColumn("full_name", required=True, personal=True, mask=mask_name, example="示例·王小明"),
        ImportColumn("area", required=True, example="白云区/大山洞街道/云城社区"),
        ImportColumn("mobile", personal=True, mask=mask_phone, example="19900000001"),
        ImportColumn("resident_id", personal=True, mask=mask_id_number, example="11010519491231002X"),
        ImportColumn("birth_date", type=ColumnType.DATE, personal=True, example="1949-12-31"),
        ImportColumn("gender", type=ColumnType.CHOICE, choices=people.GENDERS, example="male"),
    ),
    keys=(
        ("full_name", "area", "birth_date"),
        ("full_name", "area", "resident_id"),
        ("full_name", "mobile"),
    ),
    apply=apply,
    check=check,
)
KINDS: Final = (KIND,)
