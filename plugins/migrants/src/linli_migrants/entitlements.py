"""The services to which newcomers are entitled: six public services and seven conveniences, which a tenant edits.

Source: 《居住证暂行条例》 art. 12 and 13. What art. 13 says of birth registration is offered as a voluntary service for
families: nothing about births is asked, kept, checked or a condition of anything here.
"""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, ProvisionRequest, checks, privacy, rows
from linli_migrants.visit_errors import BadServiceCode, ForbiddenService, ServiceTaken
from linli_migrants.visit_states import SERVICE
from linli_migrants.visit_tables import Service
from linli_migrants.visit_terms import ServiceKind

WRITE: Final = "migrants.entitlement.write"
NAME_ZH_MAX: Final = 100
NAME_EN_MAX: Final = 200
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")
_KNOWN: Final = "select code from migrants_service where tenant_id = $1 and code = any($2::text[])"
_LAST: Final = "select coalesce(max(position), 0) from migrants_service where tenant_id = $1"
_PUBLIC, _CONVENIENCE = ServiceKind.PUBLIC, ServiceKind.CONVENIENCE
DEFAULTS: Final = (
    ("education", _PUBLIC, "义务教育", "Compulsory education", False),
    ("employment", _PUBLIC, "基本公共就业服务", "Basic public employment services", False),
    ("health", _PUBLIC, "基本公共卫生和健康服务", "Basic public health services", True),
    ("culture", _PUBLIC, "公共文化体育服务", "Public culture and sport", False),
    ("legal_aid", _PUBLIC, "法律援助和其他法律服务", "Legal aid and other legal services", False),
    ("other_public", _PUBLIC, "国家规定的其他基本公共服务", "Other basic public services", False),
    ("exit_papers", _CONVENIENCE, "办理出入境证件", "Papers for leaving and entering the country", False),
    (
        "identity_card",
        _CONVENIENCE,
        "换领、补领居民身份证",
        "Renewal and replacement of identity cards",
        False,
    ),
    ("vehicle", _CONVENIENCE, "机动车登记", "Registration of motor vehicles", False),
    ("driving_licence", _CONVENIENCE, "申领机动车驾驶证", "Driving licences", False),
    (
        "qualification",
        _CONVENIENCE,
        "职业资格考试报名、申请授予职业资格",
        "Professional qualifications",
        False,
    ),
    ("family", _CONVENIENCE, "家庭事务登记和证明(自愿)", "Registration and certificates for families", True),
    ("other_convenience", _CONVENIENCE, "国家规定的其他便利", "Other conveniences", False),
)


async def provision(ctx: Context, _request: ProvisionRequest) -> None:
    """Enter the services that the law names and the tenant does not have; what it renamed or retired stays so."""
    codes = [code for code, *_rest in DEFAULTS]
    known = {row["code"] for row in await ctx.db.fetch(_KNOWN, ctx.tenant_id, codes)}
    for position, (code, kind, name_zh, name_en, only_by_person) in enumerate(DEFAULTS, start=1):
        if code not in known:
            await rows.insert(
                ctx,
                Service,
                code=code,
                kind=kind.value,
                name_zh=name_zh,
                name_en=name_en,
                position=position,
                only_by_person=only_by_person,
                is_default=True,
            )


async def create(
    ctx: Context,
    *,
    code: str,
    kind: str,
    name_zh: str,
    name_en: str | None = None,
    only_by_person: bool = False,
) -> Service:
    """Add a service of the tenant's own.

    Raises: PermissionDenied, BadServiceCode, UnknownValue, Required, TooLong, ForbiddenService, ServiceTaken.
    """
    ctx.require(WRITE, "")
    if not _CODE.fullmatch(code):
        raise BadServiceCode(path=("code",))
    position: int = await ctx.db.fetchval(_LAST, ctx.tenant_id)
    try:
        return await rows.insert(
            ctx,
            Service,
            code=code,
            kind=checks.one_of(kind, tuple(ServiceKind), "kind"),
            name_zh=_name(checks.line(name_zh, "name_zh", NAME_ZH_MAX), "name_zh"),
            name_en=_name(checks.optional_line(name_en, "name_en", NAME_EN_MAX), "name_en"),
            position=position + 1,
            only_by_person=only_by_person,
        )
    except Duplicate as error:
        raise ServiceTaken(path=("code",)) from error


async def rename(
    ctx: Context,
    service_id: UUID,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    expected_version: int | None = None,
) -> Service:
    """Word a service anew. Raises: PermissionDenied, NotFound, Required, TooLong, ForbiddenService, StaleVersion."""
    ctx.require(WRITE, "")
    service = await rows.get(ctx, Service, service_id, lock=True)
    changes: dict[str, Any] = {"is_default": False}
    if name_zh is not None:
        changes["name_zh"] = _name(checks.line(name_zh, "name_zh", NAME_ZH_MAX), "name_zh")
    if name_en is not None:
        changes["name_en"] = _name(checks.optional_line(name_en, "name_en", NAME_EN_MAX), "name_en")
    return await rows.update(ctx, service, action="rename", expected_version=expected_version, **changes)


async def retire(ctx: Context, service_id: UUID, *, expected_version: int | None = None) -> Service:
    """A service is no longer offered; what is booked stays booked.

    Raises: PermissionDenied, NotFound, UndefinedTransition, StaleVersion.
    """
    return await _turn(ctx, service_id, "retire", expected_version)


async def reopen(ctx: Context, service_id: UUID, *, expected_version: int | None = None) -> Service:
    """A service is offered again. Raises: as `retire`."""
    return await _turn(ctx, service_id, "reopen", expected_version)


async def _turn(ctx: Context, service_id: UUID, action: str, expected_version: int | None) -> Service:
    ctx.require(WRITE, "")
    service = await rows.get(ctx, Service, service_id, lock=True)
    state = SERVICE.apply(service.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, service, action=action, expected_version=expected_version, state=state)


def _name(text: str, path: str) -> str:
    word = privacy.forbidden_word(text)
    if word is not None:
        raise ForbiddenService(path=(path,), word=word)
    return text
