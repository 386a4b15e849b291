"""Service tags: what a person is served for, on what ground, granted by whom, until when; unreadable from that day on.

That an expired tag cannot be read is a policy of the table: no code has to remember it.
Source: Personal Information Protection Law (个人信息保护法) art. 6 (purpose), 13 (basis), 19 (shortest period), 28, 29.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.db.failures import Duplicate
from linli.identity import checks
from linli.privacy.consents import TAGS_PURPOSE, require_consent
from linli.privacy.errors import (
    ForbiddenTag,
    TagKindRetired,
    TagKindTaken,
    TagPeriod,
)
from linli.privacy.forbidden import forbidden_word
from linli.privacy.persons import entries_of, person_for, self_or
from linli.privacy.tables import Tag, TagKind

READ: Final = "privacy.tag.read"
GRANT: Final = "privacy.tag.grant"
CATALOGUE: Final = "privacy.tag.manage"
NAME_MAX: Final = 50
PURPOSE_MAX: Final = 200
DAYS_MAX: Final = 1_096
TAGS_MAX: Final = 200
_OF_PERSON: Final = """
select * from privacy_tag where tenant_id = $1 and person_id = any($2)
order by expires_at, id limit $3"""


class TagBasis(StrEnum):
    """On what ground a tag is granted."""

    CONSENT = "consent"
    DUTY = "duty"


async def define_kind(
    ctx: Context, *, key: str, name_zh: str, name_en: str, purpose: str, days_max: int = 366
) -> TagKind:
    """Enter a kind of tag into the tenant's catalogue: its purpose, and for how long at most it is granted.

    Raises: PermissionDenied, ForbiddenTag, TagPeriod, TagKindTaken, Required, TooLong, UnprintableText.
    """
    ctx.require(CATALOGUE, WHOLE_TENANT)
    values = {
        "key": checks.line(key, "key", NAME_MAX),
        "name_zh": checks.line(name_zh, "name_zh", NAME_MAX),
        "name_en": checks.line(name_en, "name_en", NAME_MAX),
        "purpose": checks.line(purpose, "purpose", PURPOSE_MAX),
    }
    if (word := forbidden_word(*values.values())) is not None:
        raise ForbiddenTag(word=word)
    if not 1 <= days_max <= DAYS_MAX:
        raise TagPeriod(path=("days_max",), limit=DAYS_MAX)
    try:
        return await rows.insert(ctx, TagKind, days_max=days_max, **values)
    except Duplicate as error:
        raise TagKindTaken(path=("key",)) from error


async def retire_kind(ctx: Context, kind_id: UUID, *, expected_version: int | None = None) -> TagKind:
    """Let a kind be granted no more; tags of it end when they expire. Raises: PermissionDenied, NotFound."""
    ctx.require(CATALOGUE, WHOLE_TENANT)
    kind = await rows.get(ctx, TagKind, kind_id, lock=True)
    return await rows.update(ctx, kind, action="retire", expected_version=expected_version, retired=True)


async def grant(
    ctx: Context,
    *,
    person_id: UUID,
    kind_id: UUID,
    basis: TagBasis,
    legal_reference: str,
    expires_on: date,
) -> Tag:
    """Grant a tag until, and without, a day. With basis `consent` the person's consent must hold.

    `legal_reference` names the law, notice or file that it rests on. Whoever grants a tag to themselves is refused.
    Raises: NotFound, PermissionDenied, TagKindRetired, TagPeriod, ForbiddenTag, ConsentMissing, Required, TooLong.
    """
    person = await person_for(ctx, person_id, GRANT)
    kind = await rows.get(ctx, TagKind, kind_id)
    if kind.retired:
        raise TagKindRetired(path=("kind_id",))
    reference = checks.line(legal_reference, "legal_reference", PURPOSE_MAX)
    if (word := forbidden_word(kind.key, kind.name_zh, kind.name_en, kind.purpose, reference)) is not None:
        raise ForbiddenTag(word=word)
    if not ctx.today() < expires_on <= ctx.today() + timedelta(days=kind.days_max):
        raise TagPeriod(path=("expires_on",), limit=kind.days_max)
    if basis is TagBasis.CONSENT:
        await require_consent(ctx, person_id, TAGS_PURPOSE)
    return await rows.insert(
        ctx,
        Tag,
        action="grant",
        area_id=person.area_id,
        area_path=person.area_path,
        person_id=person_id,
        kind_id=kind_id,
        purpose=kind.purpose,
        basis=basis.value,
        legal_reference=reference,
        granted_by=ctx.actor.id,
        granted_by_name=ctx.actor.name,
        granted_on=ctx.today(),
        expires_at=ctx.start_of(expires_on),
    )


async def revoke(ctx: Context, tag_id: UUID, *, reason: str) -> None:
    """End a tag before it expires: the row goes, and the audit trail tells that one went, not which.

    Raises: NotFound, PermissionDenied, Required, TooLong.
    """
    tag = await rows.get(ctx, Tag, tag_id, lock=True)
    await person_for(ctx, tag.person_id, GRANT)
    ctx.reason = checks.line(reason, "reason", checks.REASON_MAX)
    await rows.delete(ctx, tag, action="revoke")


async def tags_of(ctx: Context, person_id: UUID) -> Sequence[Tag]:
    """The tags that a person has today. Raises: NotFound, PermissionDenied."""
    await self_or(ctx, person_id, READ)
    ids = await entries_of(ctx, person_id)
    found = await ctx.db.fetch(_OF_PERSON, ctx.tenant_id, ids, TAGS_MAX)
    return [rows.from_record(Tag, row) for row in found]
