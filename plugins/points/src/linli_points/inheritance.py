"""A city's standard in its districts: handed down when it is adopted, copied by each district, never changed there.

A district keeps a copy of its own, so that its claims refer to rows of its own and stay as they were when the city
adopts another version: that holds from its day on, in all districts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, rows, standards
from linli_points.tables import Rule, RuleSet, Subcategory
from linli_points.terms import RuleSetOrigin, RuleSetState

STANDARD: Final = "points.standard"
RULES_MAX: Final = 1_000

_RULES: Final = "select * from points_rule where tenant_id = $1 and rule_set_id = $2 order by code limit $3"
_NEWEST: Final = """
select coalesce(max(number), 0) from points_rule_set where tenant_id = $1 and origin = 'inherited'"""
_COPIED: Final = (
    "code", "category", "title", "points", "cap_claim", "cap_day", "cap_year", "evidence_required", "for_person",
    "for_household", "for_unit", "source",
)  # fmt: skip


async def hand_down(ctx: Context, rule_set: RuleSet, adopted_on: date) -> None:
    """Let the tenant's districts have an adopted standard."""
    found = await ctx.db.fetch(_RULES, ctx.tenant_id, rule_set.id, RULES_MAX)
    rules = [rows.from_record(Rule, row) for row in found]
    used = sorted({rule.subcategory_id for rule in rules}, key=str)
    subcategories = {one: await rows.get(ctx, Subcategory, one) for one in used}
    content = {
        "title": rule_set.title,
        "subcategories": [
            {"code": one.code, "category": one.category, "name_zh": one.name_zh, "name_en": one.name_en}
            for one in subcategories.values()
        ],
        "rules": [
            {
                **{name: getattr(rule, name) for name in _COPIED},
                "subcategory": subcategories[rule.subcategory_id].code,
            }
            for rule in rules
        ],
    }
    await standards.hand_down(ctx, STANDARD, number=rule_set.number, valid_from=adopted_on, content=content)


async def receive(ctx: Context) -> int:
    """Copy what the city handed down since the last time; gives how many versions. Only one copies at a time."""
    if ctx.tenant.parent_id is None:
        return 0
    newest: int = await ctx.db.fetchval(_NEWEST, ctx.tenant_id)
    if not await standards.inherited(ctx, STANDARD, after=newest):
        return 0
    await ctx.db.take_turns(STANDARD)
    newest = await ctx.db.fetchval(_NEWEST, ctx.tenant_id)
    found = await standards.inherited(ctx, STANDARD, after=newest)
    for one in found:
        await _copy(ctx, one)
    return len(found)


async def _copy(ctx: Context, standard: standards.InheritedStandard) -> None:
    rule_set = await rows.insert(
        ctx,
        RuleSet,
        action="inherit",
        number=standard.number,
        title=standard.content["title"],
        origin=RuleSetOrigin.INHERITED,
        origin_id=standard.id,
        state=RuleSetState.ADOPTED,
        adopted_on=standard.valid_from,
    )
    ids = {one["code"]: await _subcategory(ctx, one) for one in standard.content["subcategories"]}
    for rule in standard.content["rules"]:
        values: dict[str, Any] = {name: rule[name] for name in _COPIED}
        await rows.insert(
            ctx,
            Rule,
            action="inherit",
            rule_set_id=rule_set.id,
            subcategory_id=ids[rule["subcategory"]],
            **values,
        )


async def _subcategory(ctx: Context, given: Mapping[str, Any]) -> UUID:
    known = await rows.find_by(ctx, Subcategory, code=given["code"])
    if known is None:
        made = await rows.insert(ctx, Subcategory, action="inherit", **given)
        return made.id
    row = await rows.get(ctx, Subcategory, known.id, lock=True)
    changes: dict[str, Any] = {name: value for name, value in given.items() if getattr(row, name) != value}
    if changes:
        await rows.update(ctx, row, action="inherit", **changes)
    return row.id
