"""Lists from spreadsheets: claims that a community collected on paper, and the rules of a standard."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import (
    ColumnType,
    Context,
    ImportColumn,
    ImportedRow,
    ImportKind,
    RowResult,
    UnknownValue,
    mask_name,
    mask_phone,
    row_by_row,
    rows,
)
from linli_points import claims, rule_sets
from linli_points.errors import AmbiguousParticipant, NoDraft, NotAParticipant, RuleNotInForce
from linli_points.evidence import EvidenceGiven
from linli_points.tables import Rule, Subcategory
from linli_points.terms import EvidenceKind, RuleSource

_PARTICIPANTS: Final = """
select p.id, p.area_path, p.state from points_participant p
join identity_person i on i.tenant_id = $1 and i.id = p.person_id
where p.tenant_id = $1 and i.phone = $2 and i.full_name = $3 order by p.id limit 10"""
_RULE: Final = """
select id from points_rule where tenant_id = $1 and rule_set_id = $2 and (code = $3 or title = $3) limit 1"""
_KNOWN: Final = """
select 1 from points_claim
where tenant_id = $1 and participant_id = $2 and activity_day = $3 and activity = $4 and slot = $5
    and state not in ('rejected', 'withdrawn', 'reversed') limit 1"""
_DRAFT: Final = """
select id from points_rule_set where tenant_id = $1 and state = 'draft' order by number desc limit 1"""
_YES: Final = "yes"
_NO: Final = "no"


async def claim(ctx: Context, row: ImportedRow) -> RowResult:
    """Draft and submit a resident's claim; one that stands for the same activity and slot is left alone.

    Raises: NotAParticipant, AmbiguousParticipant, RuleNotInForce, and what drafting and submitting a claim does.
    """
    participant_id, area_path = await _participant(ctx, row)
    day, activity, slot = row.day("activity_day"), row.text("activity"), row.text("slot")
    assert day is not None
    if await ctx.db.fetchval(_KNOWN, ctx.tenant_id, participant_id, day, activity, slot):
        return RowResult.UNCHANGED
    rule_set_id = await rule_sets.in_force(ctx, day, area_path)
    rule_id: UUID | None = await ctx.db.fetchval(_RULE, ctx.tenant_id, rule_set_id, row.text("rule"))
    if rule_id is None:
        raise RuleNotInForce(path=("rule",))
    evidence = row.text("evidence")
    made = await claims.draft(
        ctx,
        participant_id=participant_id,
        rule_id=rule_id,
        activity=activity,
        activity_day=day,
        slot=slot,
        quantity=row.whole("quantity") or 1,
        note=row.text("note"),
        given_evidence=[EvidenceGiven(EvidenceKind.REFERENCE, evidence)] if evidence else (),
    )
    await claims.submit(ctx, made.id)
    return RowResult.CREATED


async def rule(ctx: Context, row: ImportedRow) -> RowResult:
    """Put a rule into the newest draft of the standard. Raises: NoDraft, UnknownValue, and what `put_rule` does."""
    draft_id: UUID | None = await ctx.db.fetchval(_DRAFT, ctx.tenant_id)
    if draft_id is None:
        raise NoDraft(path=("code",))
    subcategory = await rows.find_by(ctx, Subcategory, code=row.text("subcategory"))
    if subcategory is None:
        raise UnknownValue(path=("subcategory",), value=row.text("subcategory"), allowed="")
    known = await rows.find_by(ctx, Rule, rule_set_id=draft_id, code=row.text("code"))
    values = rule_sets.RuleValues(
        subcategory_id=subcategory.id,
        title=row.text("title"),
        points=row.whole("points") or 0,
        cap_claim=row.whole("cap_claim"),
        cap_day=row.whole("cap_day"),
        cap_year=row.whole("cap_year"),
        evidence_required=row.text("evidence_required") != _NO,
        for_person=row.text("for_person") != _NO,
        for_household=row.text("for_household") == _YES,
        for_unit=row.text("for_unit") == _YES,
        source=row.text("source") or RuleSource.CLAIM,
    )
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return RowResult.UNCHANGED
    await rule_sets.put_rule(ctx, draft_id, code=row.text("code"), **values)
    return RowResult.CREATED if known is None else RowResult.UPDATED


async def _participant(ctx: Context, row: ImportedRow) -> tuple[UUID, str]:
    """The participant of a name and telephone, among those for whom the actor may claim.

    Somebody else's participant looks like none. Raises: NotAParticipant, AmbiguousParticipant.
    """
    found = await ctx.db.fetch(_PARTICIPANTS, ctx.tenant_id, row.text("mobile"), row.text("full_name"))
    ours = [one for one in found if ctx.can(claims.WRITE, one["area_path"])]
    if not ours:
        raise NotAParticipant(path=("full_name",))
    if len(ours) > 1:
        raise AmbiguousParticipant(path=("full_name",), count=len(ours))
    return UUID(int=ours[0]["id"].int), ours[0]["area_path"]


def _choice(key: str) -> ImportColumn:
    return ImportColumn(key, type=ColumnType.CHOICE, choices=(_YES, _NO), example=_NO)


CLAIMS: Final = ImportKind(
    name="points.claims",
    permission=claims.WRITE,
    columns=(
        ImportColumn("full_name", required=True, personal=True, mask=mask_name, example="示例·王小明"),
        ImportColumn("mobile", required=True, personal=True, mask=mask_phone, example="19900000001"),
        ImportColumn("rule", required=True, example="clean_up"),
        ImportColumn("activity", required=True, example="春季清洁日"),
        ImportColumn("activity_day", type=ColumnType.DATE, required=True, example="2026-05-05"),
        ImportColumn("slot", example="上午"),
        ImportColumn("quantity", type=ColumnType.INTEGER, example="1"),
        ImportColumn("evidence", personal=True, example="签到表 2026-05-05 第 3 行"),
        ImportColumn("note", personal=True),
    ),
    keys=(
        ("full_name", "mobile", "activity_day", "activity", "slot"),
        ("full_name", "mobile", "activity_day", "activity"),
    ),
    apply=row_by_row(claim),
)
RULES: Final = ImportKind(
    name="points.rules",
    permission=rule_sets.WRITE,
    columns=(
        ImportColumn("code", required=True, example="clean_up"),
        ImportColumn("subcategory", required=True, example="clean_up"),
        ImportColumn("title", required=True, example="环境清洁"),
        ImportColumn("points", type=ColumnType.INTEGER, required=True, example="5"),
        ImportColumn("cap_claim", type=ColumnType.INTEGER),
        ImportColumn("cap_day", type=ColumnType.INTEGER),
        ImportColumn("cap_year", type=ColumnType.INTEGER, example="200"),
        _choice("evidence_required"),
        _choice("for_person"),
        _choice("for_household"),
        _choice("for_unit"),
        ImportColumn("source", type=ColumnType.CHOICE, choices=tuple(RuleSource), example="claim"),
    ),
    keys=(("code",),),
    apply=row_by_row(rule),
)
IMPORTS: Final = (CLAIMS, RULES)
