"""For how long kinds of data are kept: rules declared by plugins, shortened or prolonged by a tenant, run every night.

Source: Personal Information Protection Law (个人信息保护法) art. 19, 47; Cybersecurity Law (网络安全法) art. 21 (logs:
six months at least).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from linli.audit.record import Change, record
from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.errors import LinliError
from linli.ids import new_id
from linli.jobs import Job
from linli.manifest import RetentionRule
from linli.privacy.errors import RetentionOutOfRange, UnknownDataClass
from linli.privacy.tables import RetentionReport

MANAGE: Final = "privacy.retention.manage"
LOG_DAYS_MIN: Final = 183
DAYS_MAX: Final = 36_500
ALL: Final = "*"
BATCH: Final = 2_000
ROUNDS_MAX: Final = 10
_CLASSES_MAX: Final = 1_000
_OWN: Final = (
    "select data_class, days from privacy_retention where tenant_id = $1 order by data_class limit $2"
)
_SET: Final = """
insert into privacy_retention (tenant_id, id, data_class, days) values ($1, $2, $3, $4)
on conflict (tenant_id, data_class) do update set days = excluded.days, version = privacy_retention.version + 1"""
_PURGE_TAGS: Final = "select app.privacy_purge_tags($1, $2, $3)"
_PURGE_EXPORTS: Final = """
delete from privacy_export where tenant_id = $1 and id in (
    select id from privacy_export where tenant_id = $1 and expires_at < $2 order by expires_at limit $3)"""


@dataclass(frozen=True, slots=True)
class Period:
    """For how many days a kind of data is kept in this tenant, and what was declared of it."""

    data_class: str
    days: int
    days_min: int
    rule: RetentionRule


def rules(ctx: Context) -> dict[str, RetentionRule]:
    """The rules that the kernel and the tenant's plugins declare, by data class."""
    return {
        name: rule
        for manifest in ctx.plugins.manifests.values()
        for name, rule in manifest.declares.retention.items()
    }


async def periods(ctx: Context) -> Sequence[Period]:
    """The periods that hold in this tenant, in the order of their classes. Raises: PermissionDenied."""
    ctx.require(MANAGE, WHOLE_TENANT)
    own = {row["data_class"]: row["days"] for row in await ctx.db.fetch(_OWN, ctx.tenant_id, _CLASSES_MAX)}
    return [
        Period(name, max(own.get(name, rule.days), days_min(rule)), days_min(rule), rule)
        for name, rule in sorted(rules(ctx).items())
    ]


async def set_period(ctx: Context, data_class: str, days: int) -> None:
    """Keep a kind of data for so many days; never for fewer than its floor, which for logs is six months.

    Raises: PermissionDenied, UnknownDataClass, RetentionOutOfRange.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    rule = rules(ctx).get(data_class)
    if rule is None:
        raise UnknownDataClass(path=("data_class",), data_class=data_class[:80])
    if not days_min(rule) <= days <= DAYS_MAX:
        raise RetentionOutOfRange(path=("days",), minimum=days_min(rule), maximum=DAYS_MAX)
    await ctx.db.execute(_SET, ctx.tenant_id, new_id(), data_class, days)
    await record(ctx, Change("set", "privacy_retention", after={"data_class": data_class, "days": days}))


def days_min(rule: RetentionRule) -> int:
    """The floor of a rule: its own, and for logs six months, whatever is declared."""
    return max(rule.days_min, LOG_DAYS_MIN if rule.log else 1)


async def apply(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Delete (or empty) what is past its period, up to 20,000 rows of each class a night, and write the report.

    A class that cannot be deleted (something refers to it) is reported with the error's code and stays. Expired
    tags and exports go as well. The report has a line for each class with something to tell, and one for all.
    """
    now = ctx.now()
    await ctx.db.execute(_PURGE_TAGS, ctx.tenant_id, now, BATCH)
    await ctx.db.execute(_PURGE_EXPORTS, ctx.tenant_id, now, BATCH)
    total = 0
    for period in await periods(ctx):
        deleted, outcome = await _end(ctx, period)
        total += deleted
        if deleted or outcome:
            await _report(ctx, period.data_class, period.days, deleted, outcome)
    await _report(ctx, ALL, 0, total, "")


async def reports(ctx: Context, *, limit: int = 200) -> Sequence[RetentionReport]:
    """What was deleted lately, newest first. Raises: PermissionDenied."""
    ctx.require(MANAGE, WHOLE_TENANT)
    sql = "select * from privacy_retention_report where tenant_id = $1 order by id desc limit $2"
    found = await ctx.db.fetch(sql, ctx.tenant_id, min(limit, _CLASSES_MAX))
    return [rows.from_record(RetentionReport, row) for row in found]


async def _end(ctx: Context, period: Period) -> tuple[int, str]:
    """Delete the rows that are past their period, or empty their columns; gives how many, and what stood against it."""
    rule = period.rule
    limit = ctx.now() - timedelta(days=period.days)
    filled = " or ".join(f"{name} is not null" for name in rule.empties)
    condition = f" and ({filled})" if filled else ""
    chosen = (
        f"select id from {rule.table} where tenant_id = $1 and {rule.moment} < $2{condition}"
        " order by id limit $3"
    )
    if rule.kept:
        sql = f"select count(*) from ({chosen}) one"
        found: int = await ctx.db.fetchval(sql, ctx.tenant_id, limit, BATCH * ROUNDS_MAX)
        return 0, f"kept:{found}"
    change = f"delete from {rule.table}"
    arguments: list[object] = [ctx.tenant_id, limit, BATCH]
    if rule.empties:
        sets = [*(f"{name} = null" for name in rule.empties), "version = version + 1", "updated_at = now()"]
        if rule.marks:
            sets.append(f"{rule.marks} = coalesce({rule.marks}, $4::timestamptz)")
            arguments.append(ctx.now())
        change = f"update {rule.table} set {', '.join(sets)}"
    deleted = 0
    for _ in range(ROUNDS_MAX):
        try:
            async with ctx.db.savepoint():
                sql = f"{change} where tenant_id = $1 and id in ({chosen})"
                tag = await ctx.db.execute(sql, *arguments)
        except LinliError as error:
            return deleted, error.code
        gone = int(tag.rpartition(" ")[2])
        deleted += gone
        if gone < BATCH:
            break
    return deleted, ""


async def _report(ctx: Context, data_class: str, days: int, deleted: int, outcome: str) -> None:
    await rows.insert(
        ctx,
        RetentionReport,
        action="report",
        data_class=data_class,
        days=days,
        deleted=deleted,
        outcome=outcome,
        run_on=ctx.today(),
    )


JOB: Final = Job("privacy.apply_retention", apply, schedule="47 2 * * *", timeout_s=300)
