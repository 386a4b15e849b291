"""The rules of registration (登记) and filing (备案).

An application is entered by one, and decided by another. An approved entry is active: registered or filed,
as its track says. A filing is upgraded by an application to register, whose approval ends the filing.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    Facts,
    Organisation,
    StateMachine,
    Transition,
    checks,
    publish,
    rows,
    visible,
)
from linli_organisations.decisions import adverse, facts, favourable
from linli_organisations.errors import (
    AlreadyEntered,
    EndsBeforeEntry,
    NotAFiling,
    NotASocialOrganisation,
    NumberTaken,
    ObjectionTooLate,
    UnknownCategory,
    UpgradeInstead,
)
from linli_organisations.events import Registered, RegistrationCancelled
from linli_organisations.tables import Category, Registration
from linli_organisations.terms import Kind, Track
from linli_organisations.terms import RegistrationState as S

READ: Final = "organisations.registration.read"
APPLY: Final = "organisations.registration.apply"
DECIDE: Final = "organisations.registration.decide"
SCOPE_MAX: Final = 1000
AUTHORITY_MAX: Final = 200
NUMBER_MAX: Final = 50
LIVE: Final = (S.APPLIED, S.ACCEPTED, S.OBJECTED, S.ACTIVE, S.SUSPENDED)


def in_time(facts: Facts) -> None:
    """Refuse an objection after its last day. Raises: ObjectionTooLate."""
    until, today = facts.of_subject("object_until"), facts.values["today"]
    if isinstance(until, date) and isinstance(today, date) and today > until:
        raise ObjectionTooLate(until=until.isoformat())


_MAKER: Final = ("applied_by",)
_MAKER_AND_DECIDER: Final = ("applied_by", "decided_by")

LIFE: Final = StateMachine(
    "organisations.registration",
    S.APPLIED,
    transitions=[
        Transition("accept", S.APPLIED, S.ACCEPTED, permission=DECIDE, not_by=_MAKER),
        Transition("refuse", S.APPLIED, S.REFUSED, permission=DECIDE, not_by=_MAKER),
        Transition("withdraw", S.APPLIED, S.WITHDRAWN, permission=APPLY),
        Transition("approve", S.ACCEPTED, S.ACTIVE, permission=DECIDE, not_by=_MAKER),
        Transition("refuse", S.ACCEPTED, S.REFUSED, permission=DECIDE, not_by=_MAKER),
        Transition("withdraw", S.ACCEPTED, S.WITHDRAWN, permission=APPLY),
        Transition("object", S.REFUSED, S.OBJECTED, permission=APPLY, guard=in_time),
        Transition("uphold", S.OBJECTED, S.REJECTED, permission=DECIDE, not_by=_MAKER_AND_DECIDER),
        Transition("overturn", S.OBJECTED, S.ACCEPTED, permission=DECIDE, not_by=_MAKER_AND_DECIDER),
        Transition("suspend", S.ACTIVE, S.SUSPENDED, permission=DECIDE),
        Transition("resume", S.SUSPENDED, S.ACTIVE, permission=DECIDE),
        Transition("cancel", S.ACTIVE, S.CANCELLED, permission=DECIDE),
        Transition("cancel", S.SUSPENDED, S.CANCELLED, permission=DECIDE),
        Transition("upgrade", S.ACTIVE, S.UPGRADED, permission=DECIDE),
    ],
    final=(S.WITHDRAWN, S.REJECTED, S.CANCELLED, S.UPGRADED),
)

_REGISTERED: Final = """
select 1 from organisations_registration
where tenant_id = $1 and organisation_id = $2 and track = 'registration' and state <> 'suspended'
    and entered_on <= $3 and (ended_on is null or ended_on > $3)"""


async def apply(
    ctx: Context,
    *,
    organisation_id: UUID,
    track: str,
    kind: str,
    category_id: UUID,
    scope: str,
    authority: str = "",
) -> Registration:
    """Enter an organisation's application. The scope may be that of others: one trade, many organisations.

    Raises: NotFound, PermissionDenied, NotASocialOrganisation, AlreadyEntered, UpgradeInstead,
    UnknownCategory, UnknownValue, Required, TooLong.
    """
    organisation = await visible(ctx, Organisation, organisation_id, "identity.organisation.read")
    ctx.require(APPLY, organisation.area_path)
    if organisation.kind != "social_organisation" or organisation.state != "active":
        raise NotASocialOrganisation(path=("organisation_id",))
    track = checks.one_of(track, list(Track), "track")
    live = await _live_tracks(ctx, organisation_id)
    if track == Track.REGISTRATION and live == {Track.FILING}:
        raise UpgradeInstead(path=("organisation_id",))
    if live:
        raise AlreadyEntered(path=("organisation_id",), track=min(live))
    if await rows.find(ctx, Category, category_id) is None:
        raise UnknownCategory(path=("category_id",))
    return await _insert(
        ctx,
        area_id=organisation.area_id,
        area_path=organisation.area_path,
        organisation_id=organisation_id,
        track=track,
        kind=checks.one_of(kind, list(Kind), "kind"),
        category_id=category_id,
        scope=checks.line(scope, "scope", SCOPE_MAX),
        authority=checks.optional_line(authority, "authority", AUTHORITY_MAX),
    )


async def upgrade_filing(
    ctx: Context, registration_id: UUID, *, expected_version: int | None = None
) -> Registration:
    """Apply to register an organisation that is filed; once it is approved, the filing ends.

    Gives the new application. Raises: NotFound, PermissionDenied, NotAFiling, AlreadyEntered, StaleVersion.
    """
    filing = await visible(ctx, Registration, registration_id, READ)
    ctx.require(APPLY, filing.area_path)
    if filing.track != Track.FILING or filing.state != S.ACTIVE:
        raise NotAFiling()
    if Track.REGISTRATION in await _live_tracks(ctx, filing.organisation_id):
        raise AlreadyEntered(track=Track.REGISTRATION)
    await rows.update(ctx, filing, expected_version=expected_version)  # changes nothing, checks the version
    kept = ("area_id", "area_path", "organisation_id", "kind", "category_id", "scope", "authority")
    return await _insert(
        ctx,
        track=Track.REGISTRATION,
        upgrades_id=filing.id,
        **{name: getattr(filing, name) for name in kept},
    )


async def accept(ctx: Context, registration_id: UUID, *, expected_version: int | None = None) -> Registration:
    """Take up (受理) an application that is complete. Raises: as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    return await _turn(ctx, entry, "accept", expected_version, favourable(ctx))


async def approve(
    ctx: Context,
    registration_id: UUID,
    *,
    number: str,
    entered_on: date | None = None,
    expected_version: int | None = None,
) -> Registration:
    """Register or file, under the number of the certificate. `entered_on` is today by default.

    Raises: NotFound, OwnWork, NumberTaken, FutureDate, EndsBeforeEntry, UndefinedTransition,
    PermissionMissing, StaleVersion, Required, TooLong.
    """
    entry = await visible(ctx, Registration, registration_id, READ)
    day = checks.not_future(ctx, entered_on or ctx.today(), "entered_on")
    entered = {"number": checks.line(number, "number", NUMBER_MAX), "entered_on": day}
    try:
        entry = await _turn(ctx, entry, "approve", expected_version, {**favourable(ctx), **entered})
    except Duplicate as error:
        raise NumberTaken(path=("number",)) from error
    if entry.upgrades_id is not None:
        await _end_filing(ctx, entry.upgrades_id, day)
    event = Registered(
        registration_id=entry.id,
        organisation_id=entry.organisation_id,
        track=Track(entry.track),
        kind=Kind(entry.kind),
        entered_on=day,
        upgraded_from_id=entry.upgrades_id,
    )
    await publish(ctx, event)
    return entry


async def refuse(
    ctx: Context, registration_id: UUID, *, reason: str, expected_version: int | None = None
) -> Registration:
    """Refuse an application; the applicant may object. Raises: as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    return await _turn(ctx, entry, "refuse", expected_version, adverse(ctx, reason))


async def withdraw(
    ctx: Context, registration_id: UUID, *, expected_version: int | None = None
) -> Registration:
    """Take an application back before it is decided. Raises: as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    return await _turn(ctx, entry, "withdraw", expected_version, {})


async def object_to_refusal(
    ctx: Context, registration_id: UUID, *, objection: str, expected_version: int | None = None
) -> Registration:
    """Object to a refusal. Raises: ObjectionTooLate, AlreadyEntered (it applied anew), and as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    said = checks.line(objection, "objection", checks.REASON_MAX)
    try:
        return await _turn(ctx, entry, "object", expected_version, {"objection": said})
    except Duplicate as error:
        raise AlreadyEntered(track=entry.track) from error


async def decide_objection(
    ctx: Context, registration_id: UUID, *, upheld: bool, reason: str, expected_version: int | None = None
) -> Registration:
    """Uphold a refusal for good, or overturn it: the application is then to be decided again.

    Raises: OwnWork for whoever refused, and as `approve`.
    """
    entry = await visible(ctx, Registration, registration_id, READ)
    action = "uphold" if upheld else "overturn"
    decision = adverse(ctx, reason) | {"object_until": None} if upheld else favourable(ctx, reason)
    return await _turn(ctx, entry, action, expected_version, decision)


async def suspend(
    ctx: Context, registration_id: UUID, *, reason: str, expected_version: int | None = None
) -> Registration:
    """Suspend the activities of an organisation; it stays in the register. Raises: as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    return await _turn(ctx, entry, "suspend", expected_version, adverse(ctx, reason))


async def resume(ctx: Context, registration_id: UUID, *, expected_version: int | None = None) -> Registration:
    """End a suspension. Raises: as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    return await _turn(ctx, entry, "resume", expected_version, favourable(ctx))


async def cancel(
    ctx: Context,
    registration_id: UUID,
    *,
    reason: str,
    ended_on: date | None = None,
    expected_version: int | None = None,
) -> Registration:
    """Strike an entry off (注销) from `ended_on` on, today by default. Raises: as `approve`."""
    entry = await visible(ctx, Registration, registration_id, READ)
    day = checks.not_future(ctx, ended_on or ctx.today(), "ended_on")
    if entry.entered_on is not None and day < entry.entered_on:
        raise EndsBeforeEntry(path=("ended_on",))
    decision = {**adverse(ctx, reason), "ended_on": day}
    entry = await _turn(ctx, entry, "cancel", expected_version, decision)
    event = RegistrationCancelled(
        registration_id=entry.id,
        organisation_id=entry.organisation_id,
        track=Track(entry.track),
        ended_on=day,
    )
    await publish(ctx, event)
    return entry


async def is_registered(ctx: Context, organisation_id: UUID, on: date | None = None) -> bool:
    """Whether an organisation is registered on a day (today by default): not just filed, not suspended."""
    day = on or ctx.today()
    return await ctx.db.fetchval(_REGISTERED, ctx.tenant_id, organisation_id, day) is not None


async def _insert(ctx: Context, *, track: str, **values: object) -> Registration:
    """Raises: AlreadyEntered, also for an application that somebody enters at this moment."""
    values |= {"track": track, "applied_on": ctx.today(), "applied_by": ctx.actor.id}
    try:
        return await rows.insert(ctx, Registration, action="apply", **values)
    except Duplicate as error:
        raise AlreadyEntered(track=track) from error


async def _turn(
    ctx: Context, entry: Registration, action: str, expected_version: int | None, changes: dict[str, object]
) -> Registration:
    """Raises: UndefinedTransition, PermissionMissing, OwnWork, StaleVersion, what the guard does."""
    state = LIFE.apply(entry.state, action, await facts(ctx, entry, LIFE))
    return await rows.update(
        ctx, entry, action=action, expected_version=expected_version, state=state, **changes
    )


async def _end_filing(ctx: Context, filing_id: UUID, day: date) -> None:
    filing = await rows.get(ctx, Registration, filing_id, lock=True)
    if filing.entered_on is not None and day < filing.entered_on:
        raise EndsBeforeEntry(path=("entered_on",))
    await _turn(ctx, filing, "upgrade", None, {"ended_on": day})


async def _live_tracks(ctx: Context, organisation_id: UUID) -> set[str]:
    found = await ctx.db.fetch(
        "select track from organisations_registration"
        " where tenant_id = $1 and organisation_id = $2 and state = any($3::text[])",
        ctx.tenant_id,
        organisation_id,
        list(LIVE),
    )
    return {row["track"] for row in found}
