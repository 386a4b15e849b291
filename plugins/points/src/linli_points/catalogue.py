"""The list of sub-categories, which a tenant edits; `defaults.py` has those that it starts with."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, checks, rows
from linli_points.checked import allowed_subject
from linli_points.errors import CityStandardApplies, SubcategoryInUse
from linli_points.tables import Subcategory
from linli_points.terms import CatalogueState, Category

WRITE: Final = "points.rule.write"
NAME_ZH_MAX: Final = 50
NAME_EN_MAX: Final = 100
CODE_MAX: Final = 60

_IN_USE: Final = """
select 1 from points_rule r join points_rule_set s on s.tenant_id = $1 and s.id = r.rule_set_id
where r.tenant_id = $1 and r.subcategory_id = $2 and s.state <> 'discarded' limit 1"""


async def add(
    ctx: Context, *, code: str, category: str, name_zh: str, name_en: str | None = None
) -> Subcategory:
    """Add a sub-category. Raises: PermissionDenied, CityStandardApplies, ForbiddenSubject, Required, Duplicate."""
    _require(ctx)
    return await rows.insert(
        ctx,
        Subcategory,
        code=checks.line(code, "code", CODE_MAX),
        category=checks.one_of(category, tuple(Category), "category"),
        name_zh=_name(name_zh, "name_zh", NAME_ZH_MAX),
        name_en=allowed_subject(checks.optional_line(name_en, "name_en", NAME_EN_MAX), "name_en"),
    )


async def rename(
    ctx: Context,
    subcategory_id: UUID,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    expected_version: int | None = None,
) -> Subcategory:
    """Word a sub-category anew.

    Raises: NotFound, PermissionDenied, CityStandardApplies, ForbiddenSubject, StaleVersion.
    """
    _require(ctx)
    found = await rows.get(ctx, Subcategory, subcategory_id, lock=True)
    changes: dict[str, Any] = {"is_default": False}
    if name_zh is not None:
        changes["name_zh"] = _name(name_zh, "name_zh", NAME_ZH_MAX)
    if name_en is not None:
        changes["name_en"] = allowed_subject(checks.optional_line(name_en, "name_en", NAME_EN_MAX), "name_en")
    return await rows.update(ctx, found, expected_version=expected_version, **changes)


async def retire(ctx: Context, subcategory_id: UUID, *, expected_version: int | None = None) -> Subcategory:
    """Take a sub-category out of use. Raises: NotFound, PermissionDenied, CityStandardApplies, SubcategoryInUse."""
    _require(ctx)
    found = await rows.get(ctx, Subcategory, subcategory_id, lock=True)
    if await ctx.db.fetchval(_IN_USE, ctx.tenant_id, found.id):
        raise SubcategoryInUse()
    return await rows.update(
        ctx, found, action="retire", expected_version=expected_version, state=CatalogueState.RETIRED
    )


def require_own_standard(ctx: Context) -> None:
    """Go on only where the standard is the tenant's own. Raises: CityStandardApplies for a city's district."""
    if ctx.tenant.parent_id is not None:
        raise CityStandardApplies()


def _require(ctx: Context) -> None:
    ctx.require(WRITE, "")
    require_own_standard(ctx)


def _name(value: str, path: str, limit: int) -> str:
    return allowed_subject(checks.line(value, path, limit), path)
