"""What makes a tenant ready: the default standard, or the city's; and a demonstration.

The profile's section, all of it optional:

    [plugins.points]
    default_standard = false      # the tenant drafts its own from nothing

    [plugins.points.demo]         # see `demonstration.py`
    pilot_communities = 52
    residents = 7300              # of each
"""

from __future__ import annotations

from datetime import date
from typing import Final

from linli.plugin import Context, Provisioner, ProvisionRequest, rows
from linli_points import demonstration, inheritance, rule_sets
from linli_points.defaults import DEFAULTS
from linli_points.tables import RuleSet, Subcategory
from linli_points.terms import RuleSource

TITLE: Final = "默认积分标准"
_HOUSEHOLDS: Final = frozenset(
    {"good_family", "courtyard", "star_household", "waste_sorting", "charity_donation"}
)
_UNITS: Final = frozenset({"charity_donation", "clean_up", "training", "study_help"})
_WITHOUT_EVIDENCE: Final = frozenset({"meetings", "suggestions", "training", "culture"})
_VOLUNTEERING: Final = "volunteer_service"


async def standard(ctx: Context, request: ProvisionRequest) -> None:
    """Receive the city's standard, or adopt the default one with its 46 sub-categories; once.

    A tenant that has a standard, or whose profile declines the default, keeps what it has.
    """
    if ctx.tenant.parent_id is not None:
        await inheritance.receive(ctx)
        return
    if request.profile.get("default_standard") is False or await rows.find_by(ctx, RuleSet, number=1):
        return
    rule_set = await rule_sets.draft(ctx, title=TITLE)
    for category, entries in DEFAULTS.items():
        for code, (name_zh, name_en, points, cap_year) in entries.items():
            made = await rows.insert(
                ctx,
                Subcategory,
                code=code,
                category=category,
                name_zh=name_zh,
                name_en=name_en,
                is_default=True,
            )
            await rule_sets.put_rule(
                ctx,
                rule_set.id,
                code=code,
                subcategory_id=made.id,
                title=name_zh,
                points=points,
                cap_year=cap_year,
                evidence_required=code not in _WITHOUT_EVIDENCE and code != _VOLUNTEERING,
                for_household=code in _HOUSEHOLDS,
                for_unit=code in _UNITS,
                source=RuleSource.VOLUNTEER_HOURS if code == _VOLUNTEERING else RuleSource.CLAIM,
            )
    await rule_sets.adopt(ctx, rule_set.id, from_day=date(demonstration.CITY_YEAR, 1, 1))


PROVISIONERS: Final = (Provisioner("standard", standard), Provisioner("demo", demonstration.demo))
