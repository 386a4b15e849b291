"""The demonstration's pool: its sources, by the real commands, and what was left of the pool of the year before."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, demo_officer, rows
from linli_venture.money import carrying, pools, sources
from linli_venture.money.tables import Source
from linli_venture.money.terms import GiverKind, SourceKind

ELDERS: Final = "为老服务"
PUBLIC_MONEY: Final = "演示:财政专项资金"


async def fill(ctx: Context, pool_id: UUID, fen: int) -> None:
    """A pool of which a tenth is a special fund, a sixth donations, and a fiftieth left over from the year before."""
    clerk, year = demo_officer(ctx, "venture", "演示财务"), ctx.today().year
    await pools.open_pool(clerk, area_id=None, title="演示:年度公益创投资金", year=year, pool_id=pool_id)
    await _left_over(clerk, pool_id, fen // 50)
    parts = (
        (SourceKind.FISCAL, PUBLIC_MONEY, "", fen - fen // 10 - fen // 6 - fen // 50),
        (SourceKind.DONATION, "演示:社会捐赠", "", fen // 6),
        (SourceKind.SPECIAL_FUND, "演示:为老服务专项基金", ELDERS, fen // 10),
    )
    for number, (kind, name, category, amount) in enumerate(parts, start=1):
        known = await rows.find_by(clerk, Source, pool_id=pool_id, name=name)
        source = known or await sources.add(clerk, pool_id=pool_id, kind=kind, name=name, category=category)
        giver = GiverKind.GOVERNMENT if kind is SourceKind.FISCAL else GiverKind.ORGANISATION
        await sources.receive(
            clerk,
            source_id=source.id,
            giver_kind=giver,
            giver="演示财政局" if giver is GiverKind.GOVERNMENT else "演示慈善会",
            amount_fen=amount,
            received_on=ctx.today(),
            basis=f"演示凭证 {number}",
        )


async def _left_over(clerk: Context, pool_id: UUID, fen: int) -> None:
    """What was left of the pool of the year before, which is closed, carried over."""
    old = await pools.open_pool(
        clerk, area_id=None, title="演示:上年度公益创投资金", year=clerk.today().year - 1
    )
    source = await sources.add(clerk, pool_id=old.id, kind=SourceKind.FISCAL, name=PUBLIC_MONEY)
    await sources.receive(
        clerk,
        source_id=source.id,
        giver_kind=GiverKind.GOVERNMENT,
        giver="演示财政局",
        amount_fen=fen,
        received_on=clerk.today(),
        basis="演示凭证 0",
    )
    await pools.close_pool(clerk, old.id)
    await carrying.carry_over(
        clerk, source_id=source.id, pool_id=pool_id, basis="演示会议纪要", reason="演示:上年度结余结转"
    )
