"""The standard: versions that somebody drafts and somebody else adopts, from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import (
    ActorKind,
    Context,
    Facts,
    NotFound,
    checks,
    decision_facts,
    place_for,
    publish,
    rows,
)
from linli_points import inheritance
from linli_points.catalogue import require_own_standard
from linli_points.checked import allowed_subject, in_range
from linli_points.errors import AdoptedBackwards, NobodyCanClaim, NoRules, NotADraft
from linli_points.events import RuleSetAdopted
from linli_points.states import RULE_SET
from linli_points.tables import Rule, RuleSet, RuleSetArea, Subcategory
from linli_points.terms import CatalogueState, RuleSetState, RuleSource

WRITE: Final = "points.rule.write"
ADOPT: Final = "points.rule.adopt"
TITLE_MAX: Final = 100
CODE_MAX: Final = 60
POINTS_MAX: Final = 10_000
CAP_MAX: Final = 1_000_000
AREAS_MAX: Final = 500
RULES_MAX: Final = 1_000
_CAPS: Final = ("cap_claim", "cap_day", "cap_year")

_NEXT_NUMBER: Final = """
select coalesce(max(number), 0) + 1 from points_rule_set where tenant_id = $1 and origin = 'own'"""
_COPY_RULES: Final = (
    "select * from points_rule where tenant_id = $1 and rule_set_id = $2 order by code limit $3"
)
_COUNT_RULES: Final = "select count(*) from points_rule where tenant_id = $1 and rule_set_id = $2"
_COUNT_AREAS: Final = "select count(*) from points_rule_set_area where tenant_id = $1 and rule_set_id = $2"
_IN_FORCE: Final = """
select s.id from points_rule_set s
where s.tenant_id = $1 and s.state = 'adopted' and s.adopted_on <= $2 and (
    not exists (select 1 from points_rule_set_area a where a.tenant_id = $1 and a.rule_set_id = s.id)
    or exists (
        select 1 from points_rule_set_area a
        where a.tenant_id = $1 and a.rule_set_id = s.id and starts_with($3, a.area_path)))
order by s.adopted_on desc, s.number desc limit 1"""


class RuleValues(TypedDict, total=False):
    """What a rule says; what is left out stays, or is the table's default."""

    subcategory_id: UUID
    title: str
    points: int
    cap_claim: int | None
    cap_day: int | None
    cap_year: int | None
    evidence_required: bool
    for_person: bool
    for_household: bool
    for_unit: bool
    source: str


async def draft(ctx: Context, *, title: str, based_on_id: UUID | None = None) -> RuleSet:
    """Begin a version of the standard, with the rules of another if one is given.

    Raises: PermissionDenied, CityStandardApplies, NotFound, Required, TooLong.
    """
    _require_writing(ctx)
    await ctx.db.take_turns("points.draft")
    number: int = await ctx.db.fetchval(_NEXT_NUMBER, ctx.tenant_id)
    made = await rows.insert(
        ctx,
        RuleSet,
        action="draft",
        number=number,
        title=checks.line(title, "title", TITLE_MAX),
        drafted_by=ctx.actor.id,
    )
    if based_on_id is not None:
        base = await rows.get(ctx, RuleSet, based_on_id)
        for row in await ctx.db.fetch(_COPY_RULES, ctx.tenant_id, base.id, RULES_MAX):
            kept = {name: row[name] for name in (*RuleValues.__annotations__, "code", "category")}
            await rows.insert(ctx, Rule, rule_set_id=made.id, **kept)
    return made


async def put_rule(ctx: Context, rule_set_id: UUID, *, code: str, **values: Unpack[RuleValues]) -> Rule:
    """Put a rule into a draft, or change the one with this code.

    Raises: NotFound, PermissionDenied, CityStandardApplies, NotADraft, ForbiddenSubject, NumberOutOfRange,
    NobodyCanClaim, UnknownValue, Required, TooLong.
    """
    rule_set = await _draft_of(ctx, rule_set_id)
    known = await rows.find_by(ctx, Rule, rule_set_id=rule_set.id, code=code)
    checked = await _checked(ctx, values, is_new=known is None)
    whom = ("for_person", "for_household", "for_unit")
    defaults = {"for_person": True, "for_household": False, "for_unit": False}
    if not any(checked.get(name, getattr(known, name) if known else defaults[name]) for name in whom):
        raise NobodyCanClaim(path=("for_person",))
    if known is not None:
        return await rows.update(ctx, await rows.get(ctx, Rule, known.id, lock=True), **checked)
    return await rows.insert(
        ctx, Rule, rule_set_id=rule_set.id, code=checks.line(code, "code", CODE_MAX), **checked
    )


async def remove_rule(ctx: Context, rule_id: UUID) -> RuleSet:
    """Take a rule out of a draft; gives the draft.

    Raises: NotFound, PermissionDenied, CityStandardApplies, NotADraft.
    """
    rule = await rows.get(ctx, Rule, rule_id, lock=True)
    rule_set = await _draft_of(ctx, rule.rule_set_id)
    await rows.delete(ctx, rule)
    return rule_set


async def limit_to_areas(ctx: Context, rule_set_id: UUID, area_ids: Sequence[UUID]) -> RuleSet:
    """Let a draft hold in some areas only, with all below them; none lets it hold in the whole tenant.

    Raises: NotFound, PermissionDenied, CityStandardApplies, NotADraft, AreaRetired, NumberOutOfRange.
    """
    in_range(len(area_ids), 0, AREAS_MAX, "area_ids")
    places = [await place_for(ctx, one, WRITE) for one in dict.fromkeys(area_ids)]
    rule_set = await _draft_of(ctx, rule_set_id)
    sql = "select * from points_rule_set_area where tenant_id = $1 and rule_set_id = $2 limit $3"
    for row in await ctx.db.fetch(sql, ctx.tenant_id, rule_set.id, AREAS_MAX):
        await rows.delete(ctx, rows.from_record(RuleSetArea, row))
    for place in places:
        await rows.insert(
            ctx, RuleSetArea, rule_set_id=rule_set.id, area_id=place.area_id, area_path=place.area_path
        )
    return rule_set


async def adopt(
    ctx: Context, rule_set_id: UUID, *, from_day: date | None = None, expected_version: int | None = None
) -> RuleSet:
    """Put a draft of somebody else into force from a day on: today at the earliest, today by default.

    A city's is handed down to its districts unless it holds in some areas only. The system, which sets tenants up,
    may adopt from any day. Raises: NotFound, PermissionDenied, CityStandardApplies, NoRules, AdoptedBackwards,
    OwnWork, UndefinedTransition, StaleVersion.
    """
    ctx.require(ADOPT, "")
    require_own_standard(ctx)
    rule_set = await rows.get(ctx, RuleSet, rule_set_id, lock=True)
    state = RULE_SET.apply(rule_set.state, "adopt", await decision_facts(ctx, rule_set))
    day = from_day or ctx.today()
    if day < ctx.today() and ctx.actor.kind is not ActorKind.SYSTEM:
        raise AdoptedBackwards(path=("from_day",), from_day=ctx.today())
    if not await ctx.db.fetchval(_COUNT_RULES, ctx.tenant_id, rule_set.id):
        raise NoRules()
    adopted = await rows.update(
        ctx,
        rule_set,
        action="adopt",
        expected_version=expected_version,
        state=state,
        adopted_on=day,
        adopted_by=ctx.actor.id,
    )
    if not await ctx.db.fetchval(_COUNT_AREAS, ctx.tenant_id, rule_set.id):
        await inheritance.hand_down(ctx, adopted, day)
    await publish(ctx, RuleSetAdopted(rule_set_id=adopted.id, number=adopted.number, adopted_on=day))
    return adopted


async def discard(ctx: Context, rule_set_id: UUID, *, expected_version: int | None = None) -> RuleSet:
    """Give a draft up. Raises: NotFound, PermissionDenied, CityStandardApplies, UndefinedTransition, StaleVersion."""
    _require_writing(ctx)
    rule_set = await rows.get(ctx, RuleSet, rule_set_id, lock=True)
    state = RULE_SET.apply(rule_set.state, "discard", Facts(actor_id=ctx.actor.id, subject=rule_set))
    return await rows.update(ctx, rule_set, action="discard", expected_version=expected_version, state=state)


async def in_force(ctx: Context, day: date, area_path: str) -> UUID | None:
    """The id of the standard that held on a day in an area: the newest adopted one; None for none."""
    found: UUID | None = await ctx.db.fetchval(_IN_FORCE, ctx.tenant_id, day, area_path)
    return found


async def rule_in_force(ctx: Context, rule_id: UUID, day: date, area_path: str) -> Rule | None:
    """The rule of the same code in the standard that held on a day in an area; None when it has none.

    Raises: NotFound.
    """
    rule = await rows.get(ctx, Rule, rule_id)
    rule_set_id = await in_force(ctx, day, area_path)
    if rule_set_id is None or rule.rule_set_id == rule_set_id:
        return rule if rule_set_id is not None else None
    return await rows.find_by(ctx, Rule, rule_set_id=rule_set_id, code=rule.code)


async def _draft_of(ctx: Context, rule_set_id: UUID) -> RuleSet:
    _require_writing(ctx)
    rule_set = await rows.get(ctx, RuleSet, rule_set_id, lock=True)
    if rule_set.state != RuleSetState.DRAFT:
        raise NotADraft()
    return rule_set


def _require_writing(ctx: Context) -> None:
    ctx.require(WRITE, "")
    require_own_standard(ctx)


async def _checked(ctx: Context, given: RuleValues, *, is_new: bool) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    if is_new or "title" in given:
        title = checks.line(given.get("title", ""), "title", TITLE_MAX)
        values["title"] = allowed_subject(title, "title")
    if is_new or "points" in given:
        values["points"] = in_range(given.get("points", 0), 1, POINTS_MAX, "points")
    for name in _CAPS:
        if values.get(name) is not None:
            in_range(values[name], 1, CAP_MAX, name)
    if "source" in given:
        checks.one_of(given["source"], tuple(RuleSource), "source")
    if is_new or "subcategory_id" in given:
        subcategory = await rows.find(ctx, Subcategory, given.get("subcategory_id"))
        if subcategory is None or subcategory.state != CatalogueState.ACTIVE:
            raise NotFound(path=("subcategory_id",), kind="points_subcategory")
        values["category"] = subcategory.category
    return values
