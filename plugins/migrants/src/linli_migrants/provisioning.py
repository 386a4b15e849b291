"""Demo data: synthetic newcomers, which say so in their names."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.plugin import Context, Person, Provisioner, ProvisionRequest, demo_id, demo_officer, people, rows
from linli_migrants import contracts, dwellings, stays
from linli_migrants.tables import Stay
from linli_migrants.terms import DwellingKind, StayReason
from linli_migrants.visit_provisioning import VISIT_PROVISIONERS

# The report of 镇原县屯字镇: 45 newcomers on file and 38 tenancy contracts.
ON_FILE: Final = 45
CONTRACTS: Final = 38
ORIGINS: Final = ("610121", "510104", "410122", "620102", "330106")

_FIRST_LEAVES: Final = """
select id from areas_area
where tenant_id = $1 and state = 'active' and descendants = 0 order by path limit 5"""


async def demo(ctx: Context, request: ProvisionRequest) -> None:
    """45 newcomers on file in the first communities, 38 of them with a contract. Changes nothing the second time."""
    if not request.demo or await rows.find(ctx, Stay, demo_id(ctx, "migrants", "stay:0")) is not None:
        return
    areas = [row["id"] for row in await ctx.db.fetch(_FIRST_LEAVES, ctx.tenant_id)]
    if not areas:
        return
    for number in range(ON_FILE):
        await _newcomer(ctx, areas[number % len(areas)], number)


async def _newcomer(ctx: Context, area_id: UUID, number: int) -> None:
    """One newcomer from report to file; one made-up officer reports, another verifies."""
    clerk, checker = demo_officer(ctx, "migrants", "演示登记员"), demo_officer(ctx, "migrants", "演示核实员")
    person_id = demo_id(ctx, "migrants", f"person:{number}")
    if await rows.find(ctx, Person, person_id) is None:
        name = f"演示新市民{number + 1}"
        await people.register(ctx, area_id=area_id, full_name=name, synthetic=True, person_id=person_id)
    dwelling = await dwellings.create(
        clerk,
        dwelling_id=demo_id(ctx, "migrants", f"dwelling:{number}"),
        area_id=area_id,
        address=f"演示路 {number // 6 + 1} 号 {number % 6 + 101} 室",
        grid=f"第{number % 3 + 1}网格",
        building=f"{number // 6 + 1} 号楼",
        kind=DwellingKind.RENTED,
    )
    begin = ctx.today() - timedelta(days=30 * (number % 14 + 1))
    stay = await stays.report(
        clerk,
        stay_id=demo_id(ctx, "migrants", f"stay:{number}"),
        person_id=person_id,
        dwelling_id=dwelling.id,
        origin_code=ORIGINS[number % len(ORIGINS)],
        reason=list(StayReason)[number % len(StayReason)],
        from_on=begin,
    )
    await stays.verify(checker, stay.id)
    await stays.activate(checker, stay.id)
    if number < CONTRACTS:
        await contracts.file(
            clerk,
            dwelling_id=dwelling.id,
            person_id=person_id,
            number=f"演示-{number + 1:03d}",
            signed_on=begin,
            starts_on=begin,
            ends_on=begin + timedelta(days=730),
        )


PROVISIONERS: Final = (
    Provisioner("demo", demo),
    *VISIT_PROVISIONERS,
)
