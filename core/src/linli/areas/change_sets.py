"""Change sets: drafted, previewed, and put into effect by somebody else (or discarded)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from linli.areas import counters
from linli.areas.applying import Applier
from linli.areas.changes import CHANGES_MAX, Change, codes_of, parse_changes
from linli.areas.effects import Effects
from linli.areas.errors import (
    EffectiveDateOutOfRange,
    InvalidChange,
    NotYetEffective,
    TooManyChanges,
)
from linli.areas.events import ChangeSetApplied
from linli.areas.levels import MANAGE, levels
from linli.areas.locking import lock_tree
from linli.areas.steps import Steps
from linli.areas.tables import AreaChangeSet
from linli.context import Context
from linli.db import rows
from linli.db.tables import AreaTable, TenantTable, table_name
from linli.errors import LinliError, StaleVersion, TooLong
from linli.events import publish
from linli.workflow import Facts, OwnWork, StateMachine, Transition, decision_facts

APPLY: Final = "areas.change_set.apply"
_TITLE_MAX: Final = 200


def two_persons(facts: Facts) -> None:
    """Where the tenant's setting asks for it, the drafter does not apply. Raises: OwnWork."""
    if facts.values.get("two_persons") and facts.by_one_of(facts.of_subject("created_by")):
        raise OwnWork(machine="areas.change_set", action="apply", field="created_by")


MACHINE: Final = StateMachine(
    "areas.change_set",
    "draft",
    transitions=[
        Transition("preview", "draft", "previewed", MANAGE),
        Transition("preview", "previewed", "previewed", MANAGE),
        Transition("find_fault", "draft", "draft", MANAGE),
        Transition("find_fault", "previewed", "draft", MANAGE),
        Transition("apply", "previewed", "applied", APPLY, two_persons),
        Transition("discard", "draft", "discarded", MANAGE),
        Transition("discard", "previewed", "discarded", MANAGE),
    ],
    final=("applied", "discarded"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the change with this number (from 0) is refused."""

    change: int
    code: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change set would do today; it can be applied when there is no problem."""

    change_set: AreaChangeSet
    effects: Effects
    problems: tuple[Problem, ...]


class _Undo(Exception):
    """Leaves a savepoint, so that a preview leaves no trace."""


def area_tables(tables: Mapping[str, Iterable[type[TenantTable]]]) -> tuple[str, ...]:
    """The names of all tables whose rows lie in areas, from `Composition.tables`."""
    return tuple(
        sorted(table_name(t) for group in tables.values() for t in group if issubclass(t, AreaTable))
    )


async def draft_change_set(
    ctx: Context,
    *,
    changes: Sequence[Mapping[str, Any] | Change],
    effective_on: date,
    title: str = "",
) -> AreaChangeSet:
    """Write down changes that are to take effect together on a date; nothing else happens yet.

    Raises: InvalidChange, TooManyChanges, EffectiveDateOutOfRange, TooLong, PermissionDenied.
    """
    ctx.require(MANAGE)
    if len(title) > _TITLE_MAX:
        raise TooLong(path=("title",), limit=_TITLE_MAX)
    limit = min(_number(ctx, "changes_max"), CHANGES_MAX)
    if len(changes) > limit:
        raise TooManyChanges(path=("changes",), limit=limit)
    parsed = parse_changes(changes)
    if not parsed:
        raise InvalidChange(path=("changes",), reason="there is no change")
    _check_date(ctx, effective_on)
    return await rows.insert(
        ctx,
        AreaChangeSet,
        action="areas.change_set.draft",
        state=MACHINE.initial,
        title=title,
        effective_on=effective_on,
        content=json.dumps(msgspec.to_builtins(parsed), ensure_ascii=False),
        created_by=ctx.actor.id,
    )


async def preview(
    ctx: Context, change_set_id: UUID, *, tables: Sequence[str], expected_version: int | None = None
) -> Preview:
    """What the change set would do now, and what stands against it: it is carried out and undone again.

    `tables` are the tables whose rows lie in areas (`area_tables(composition.tables)`).
    Raises: NotFound, StaleVersion, UndefinedTransition, PermissionMissing, EffectiveDateOutOfRange.
    """
    row = await _locked(ctx, change_set_id, expected_version)
    MACHINE.apply(row.state, "preview", await _facts(ctx, row))
    _check_date(ctx, row.effective_on)
    changes = parse_changes(json.loads(row.content))
    versions = await _versions(ctx, changes)
    problems: list[Problem] = []
    effects = Effects()
    try:
        async with ctx.db.savepoint():
            applier = await _applier(ctx, row, tables, effects, MANAGE)
            for number, change in enumerate(changes):
                await _try(ctx, applier, number, change, problems)
            raise _Undo
    except _Undo:
        pass
    content = {
        "effects": effects.plain(),
        "problems": [{"change": p.change, "code": p.code, "details": dict(p.details)} for p in problems],
        "versions": versions,
    }
    action = "find_fault" if problems else "preview"
    state = MACHINE.apply(row.state, action, await _facts(ctx, row))
    row = await rows.update(ctx, row, action="areas.change_set.preview", state=state, preview=content)
    return Preview(row, effects, tuple(problems))


async def apply(
    ctx: Context, change_set_id: UUID, *, tables: Sequence[str], expected_version: int | None = None
) -> AreaChangeSet:
    """Carry out a previewed change set: all of it or, when anything is refused, nothing.

    Raises: NotFound, StaleVersion (also when an area changed since the preview), NotYetEffective, OwnWork,
    UndefinedTransition, PermissionMissing, EffectiveDateOutOfRange, and whatever a change is refused with.
    """
    row = await _locked(ctx, change_set_id, expected_version)
    state = MACHINE.apply(row.state, "apply", await _facts(ctx, row))
    _check_date(ctx, row.effective_on)
    if row.effective_on > ctx.today():
        raise NotYetEffective(effective_on=row.effective_on.isoformat())
    changes = parse_changes(json.loads(row.content))
    if await _versions(ctx, changes) != json.loads(row.preview or "{}").get("versions"):
        raise StaleVersion(path=("changes",))
    effects = Effects()
    applier = await _applier(ctx, row, tables, effects, APPLY)
    for change in changes:
        await applier.carry_out(change)
    row = await rows.update(
        ctx,
        row,
        action="areas.change_set.apply",
        state=state,
        applied_by=ctx.actor.id,
        applied_at=ctx.now(),
        preview={**json.loads(row.preview or "{}"), "effects": effects.plain()},
    )
    await publish(ctx, ChangeSetApplied(change_set_id=row.id, effective_on=row.effective_on))
    return row


async def discard(ctx: Context, change_set_id: UUID, *, expected_version: int | None = None) -> AreaChangeSet:
    """Give a change set up. Raises: NotFound, StaleVersion, UndefinedTransition, PermissionMissing."""
    row = await _locked(ctx, change_set_id, expected_version)
    state = MACHINE.apply(row.state, "discard", await _facts(ctx, row))
    return await rows.update(ctx, row, action="areas.change_set.discard", state=state)


async def _try(ctx: Context, applier: Applier, number: int, change: Change, problems: list[Problem]) -> None:
    try:
        async with ctx.db.savepoint():
            await applier.carry_out(change)
    except LinliError as error:
        problems.append(Problem(number, error.code, error.details))


async def _applier(
    ctx: Context, row: AreaChangeSet, tables: Sequence[str], effects: Effects, permission: str
) -> Applier:
    for _ in range(1_000):
        if not await counters.fold(ctx, tree_is_locked=True):
            break
    steps = Steps(ctx, row.effective_on, row.id, tuple(tables), effects)
    return Applier(steps, {level.key: level for level in await levels(ctx)}, permission)


async def _locked(ctx: Context, change_set_id: UUID, expected_version: int | None) -> AreaChangeSet:
    """The change set, when the actor may deal with change sets; the tree is locked first, always."""
    if not ctx.can(APPLY):
        ctx.require(MANAGE)
    await lock_tree(ctx)
    row = await rows.get(ctx, AreaChangeSet, change_set_id, lock=True)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(expected=expected_version, actual=row.version)
    return row


async def _versions(ctx: Context, changes: Sequence[Change]) -> dict[str, int]:
    """The versions of the areas that the changes name and that exist now."""
    codes = sorted({code for change in changes for code in codes_of(change)})
    found = await ctx.db.fetch(
        "select code, version from areas_area"
        " where tenant_id = $1 and code = any($2::text[]) and state = 'active'",
        ctx.tenant_id,
        codes,
    )
    return {row["code"]: row["version"] for row in found}


async def _facts(ctx: Context, row: AreaChangeSet) -> Facts:
    held = frozenset(permission for permission in (MANAGE, APPLY) if ctx.can(permission))
    two = ctx.setting("areas.change_set_two_persons")
    return await decision_facts(ctx, row, permissions=held, two_persons=two)


def _check_date(ctx: Context, effective_on: date) -> None:
    earliest = ctx.today() - timedelta(days=_number(ctx, "effective_days_back_max"))
    latest = ctx.today() + timedelta(days=_number(ctx, "effective_days_ahead_max"))
    if not earliest <= effective_on <= latest:
        raise EffectiveDateOutOfRange(
            path=("effective_on",), earliest=earliest.isoformat(), latest=latest.isoformat()
        )


def _number(ctx: Context, name: str) -> int:
    value = ctx.setting(f"areas.{name}")
    return max(0, min(value, 36_600)) if isinstance(value, int) else 0
