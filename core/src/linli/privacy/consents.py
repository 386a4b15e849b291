"""Consents: one for each purpose and person, given and withdrawn by the person or on paper; nothing else hangs on it.

The purposes are declared by plugins in `[consents]`. Source: Personal Information Protection Law (个人信息保护法)
art. 14 (renewed consent), 15 (withdrawal, as easy as giving), 16 (no refusal of other services), 29 (separate consent).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.errors import NotFound
from linli.events import publish
from linli.identity import checks
from linli.identity.places import is_self
from linli.manifest import ConsentPurpose
from linli.privacy.errors import ConsentGiven, ConsentMissing, ConsentTextOutdated, UnknownConsentPurpose
from linli.privacy.events import ConsentGivenEvent, ConsentWithdrawn
from linli.privacy.persons import entries_of, person_for, self_or
from linli.privacy.tables import Consent, Tag

READ: Final = "privacy.consent.read"
RECORD: Final = "privacy.consent.record"
TAGS_PURPOSE: Final = "privacy.service_tags"
REFERENCE_MAX: Final = 100
CONSENTS_MAX: Final = 500
_LISTED: Final = """
select * from privacy_consent where tenant_id = $1 and person_id = any($2) order by given_at desc, id desc limit $3"""
_OPEN: Final = """
select * from privacy_consent
where tenant_id = $1 and person_id = any($2) and purpose = $3 and withdrawn_at is null
order by text_version desc limit $4 for update"""
_COUNTS: Final = """
select exists (select from privacy_consent
    where tenant_id = $1 and person_id = any($2) and purpose = $3 and withdrawn_at is null and text_version >= $4)"""


_TAGS: Final = """
select * from privacy_tag where tenant_id = $1 and person_id = any($2) and basis = 'consent'
order by id limit $3 for update"""


class ConsentForm(StrEnum):
    """How a consent was given or withdrawn."""

    ONLINE = "online"
    PAPER = "paper"
    SPOKEN = "spoken"


def purposes(ctx: Context) -> dict[str, ConsentPurpose]:
    """The purposes that the tenant's plugins declare, by key."""
    return {
        key: purpose
        for manifest in ctx.plugins.manifests.values()
        for key, purpose in manifest.declares.consents.items()
    }


def purpose_of(ctx: Context, key: str) -> ConsentPurpose:
    """One declared purpose. Raises: UnknownConsentPurpose."""
    found = purposes(ctx).get(key)
    if found is None:
        raise UnknownConsentPurpose(path=("purpose",), purpose=key[:80])
    return found


def own_person(ctx: Context) -> UUID:
    """The register's entry of whoever asks. Raises: NotFound for an account that is nobody's."""
    if ctx.actor.person_id is None:
        raise NotFound(kind="identity_person")
    return ctx.actor.person_id


async def give(ctx: Context, person_id: UUID, purpose: str, *, text_version: int) -> Consent:
    """Consent for oneself to the text that one saw.

    Raises: UnknownConsentPurpose, NotFound, ConsentTextOutdated, ConsentGiven.
    """
    if not is_self(ctx, person_id):
        raise NotFound(kind="identity_person")
    return await _give(ctx, person_id, purpose, text_version, ConsentForm.ONLINE, "", ctx.today())


async def record_paper(
    ctx: Context,
    person_id: UUID,
    purpose: str,
    *,
    text_version: int,
    form: ConsentForm,
    reference: str,
    given_on: date,
) -> Consent:
    """Enter a consent that was given on paper or in person; `reference` says where the paper is.

    Raises: NotFound, PermissionDenied, UnknownConsentPurpose, Required, TooLong, FutureDate,
    ConsentTextOutdated, ConsentGiven.
    """
    await person_for(ctx, person_id, RECORD)
    said = checks.line(reference, "reference", REFERENCE_MAX)
    day = checks.not_future(ctx, given_on, "given_on")
    return await _give(ctx, person_id, purpose, text_version, form, said, day)


async def withdraw(
    ctx: Context,
    person_id: UUID,
    purpose: str,
    *,
    form: ConsentForm = ConsentForm.ONLINE,
    reference: str = "",
) -> Consent:
    """Withdraw a consent, one's own or on somebody's behalf by permission; from now on it counts no more.

    No reason is asked for, and no other purpose is touched. A purpose that is no longer declared can be
    withdrawn all the same. Raises: NotFound, PermissionDenied, ConsentMissing, Required, TooLong.
    """
    if not is_self(ctx, person_id):
        await person_for(ctx, person_id, RECORD)
        reference = checks.line(reference, "reference", REFERENCE_MAX)
    ids = await entries_of(ctx, person_id)
    found = await ctx.db.fetch(_OPEN, ctx.tenant_id, ids, purpose, CONSENTS_MAX)
    if not found:
        raise ConsentMissing(purpose=purpose[:80])
    ended = [
        await rows.update(
            ctx,
            rows.from_record(Consent, row),
            action="withdraw",
            withdrawn_at=ctx.now(),
            withdrawn_form=form.value,
            withdrawn_reference=reference,
            withdrawn_by=ctx.actor.id,
        )
        for row in found
    ]
    if purpose == TAGS_PURPOSE:
        await end_tags(ctx, ids)
    await publish(ctx, ConsentWithdrawn(person_id=person_id, purpose=purpose))
    return ended[0]


async def require_consent(ctx: Context, person_id: UUID, purpose: str) -> None:
    """Go on only where the person's consent to this purpose holds now.

    Raises: UnknownConsentPurpose, ConsentMissing.
    """
    if not await has_consent(ctx, person_id, purpose):
        raise ConsentMissing(purpose=purpose)


async def has_consent(ctx: Context, person_id: UUID, purpose: str) -> bool:
    """Whether the person's consent to this purpose holds now. Raises: UnknownConsentPurpose."""
    declared = purpose_of(ctx, purpose)
    ids = await entries_of(ctx, person_id)
    found: bool = await ctx.db.fetchval(_COUNTS, ctx.tenant_id, ids, purpose, declared.valid_from_version)
    return found


async def consents_of(ctx: Context, person_id: UUID) -> Sequence[Consent]:
    """The consents of a person, withdrawn ones too, newest first. Raises: NotFound, PermissionDenied."""
    await self_or(ctx, person_id, READ)
    ids = await entries_of(ctx, person_id)
    found = await ctx.db.fetch(_LISTED, ctx.tenant_id, ids, CONSENTS_MAX)
    return [rows.from_record(Consent, row) for row in found]


async def end_tags(ctx: Context, entries: Sequence[UUID]) -> None:
    """End the service tags that rested on a consent which was withdrawn."""
    for row in await ctx.db.fetch(_TAGS, ctx.tenant_id, entries, CONSENTS_MAX):
        await rows.delete(ctx, rows.from_record(Tag, row), action="revoke")


async def _give(
    ctx: Context,
    person_id: UUID,
    purpose: str,
    text_version: int,
    form: ConsentForm,
    reference: str,
    given_on: date,
) -> Consent:
    declared = purpose_of(ctx, purpose)
    if not declared.valid_from_version <= text_version <= declared.version:
        raise ConsentTextOutdated(path=("text_version",), version=declared.version)
    ids = await entries_of(ctx, person_id)
    found = await ctx.db.fetch(_OPEN, ctx.tenant_id, ids, purpose, CONSENTS_MAX)
    if any(row["text_version"] >= text_version for row in found):
        raise ConsentGiven(purpose=purpose)
    made = await rows.insert(
        ctx,
        Consent,
        action="give",
        person_id=person_id,
        purpose=purpose,
        text_version=text_version,
        form=form.value,
        reference=reference,
        given_on=given_on,
        given_at=ctx.now(),
        recorded_by=ctx.actor.id,
        recorded_by_name=ctx.actor.name,
    )
    await publish(ctx, ConsentGivenEvent(person_id=person_id, purpose=purpose, text_version=text_version))
    return made
