"""What a tenant starts with: the services that the law names, figures of its profile, and visits of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from linli.plugin import Context, Provisioner, ProvisionRequest
from linli_migrants import entitlements, figures, visit_clock

FIGURES_MAX: Final = 100
_KNOWN: Final = """
select 1 from migrants_figure
where tenant_id = $1 and measure = $2 and as_of = $3 and source = $4 and area_id is null limit 1"""


async def profile_figures(ctx: Context, request: ProvisionRequest) -> None:
    """Record the figures of the report that the profile gives for the whole tenant, once each.

    `[[plugins.migrants.figures]]`: `measure`, `numerator`, `denominator` and `denominator_estimated` where known,
    `as_of`, `source`.
    """
    given: Any = request.profile.get("figures", [])
    for entry in list(given)[:FIGURES_MAX]:
        await _record_once(ctx, entry)


async def demo_visits(ctx: Context, request: ProvisionRequest) -> None:
    """Plan this month's visits to the made-up newcomers."""
    if request.demo:
        await visit_clock.plan(ctx)


async def _record_once(ctx: Context, entry: Mapping[str, Any]) -> None:
    as_of = date.fromisoformat(str(entry["as_of"]))
    known = await ctx.db.fetchval(_KNOWN, ctx.tenant_id, entry["measure"], as_of, entry["source"])
    if known is None:
        await figures.record(ctx, area_id=None, **{**entry, "as_of": as_of})


VISIT_PROVISIONERS: Final = (
    Provisioner("services", entitlements.provision),
    Provisioner("figures", profile_figures),
    Provisioner("demo_visits", demo_visits),
)
