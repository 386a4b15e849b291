"""Participants: residents, households and units join, choose whether to be ranked, and leave; points stay theirs."""

from __future__ import annotations

from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import (
    Context,
    Household,
    NotFound,
    Organisation,
    Person,
    Place,
    checks,
    in_place,
    is_self,
    ledger,
    place_for,
    rows,
)
from linli_points import accounts
from linli_points.access import TAKE_PART, acting_for, is_member
from linli_points.errors import AlreadyParticipant, NotAParticipant, NotPresent
from linli_points.tables import Participant
from linli_points.terms import ParticipantKind, ParticipantState

WRITE: Final = "points.participant.write"
NICKNAME_MAX: Final = 20
S = TypeVar("S", Person, Household, Organisation)

_COLUMNS: Final = {
    ParticipantKind.PERSON: "person_id",
    ParticipantKind.HOUSEHOLD: "household_id",
    ParticipantKind.UNIT: "organisation_id",
}
_SEEN_WITH: Final = {
    ParticipantKind.PERSON: "identity.person.read",
    ParticipantKind.HOUSEHOLD: "identity.household.read",
    ParticipantKind.UNIT: "identity.organisation.read",
}
_OWNERS: Final = {
    ParticipantKind.PERSON: ledger.OwnerKind.PERSON,
    ParticipantKind.HOUSEHOLD: ledger.OwnerKind.HOUSEHOLD,
    ParticipantKind.UNIT: ledger.OwnerKind.ORGANISATION,
}


async def join_person(ctx: Context, *, person_id: UUID, joined_on: date | None = None) -> Participant:
    """A resident, who may be the actor, takes part from a day (today by default); who left may come back.

    Raises: NotFound, PermissionDenied, AreaRetired, NotPresent, AlreadyParticipant, FutureDate.
    """
    person = await _subject(ctx, Person, person_id, "person_id")
    own = is_self(ctx, person.id)
    return await _join(ctx, ParticipantKind.PERSON, person, own=own, joined_on=joined_on)


async def join_household(ctx: Context, *, household_id: UUID, joined_on: date | None = None) -> Participant:
    """A household, to which the actor may belong, takes part. Raises: as `join_person`."""
    household = await _subject(ctx, Household, household_id, "household_id")
    person_id = ctx.actor.person_id
    own = person_id is not None and await is_member(ctx, household.id, person_id)
    return await _join(ctx, ParticipantKind.HOUSEHOLD, household, own=own, joined_on=joined_on)


async def join_unit(
    ctx: Context, *, organisation_id: UUID, charity: bool = False, joined_on: date | None = None
) -> Participant:
    """A unit takes part; to a `charity`, points may be given. Raises: as `join_person`."""
    organisation = await _subject(ctx, Organisation, organisation_id, "organisation_id")
    joined = await _join(ctx, ParticipantKind.UNIT, organisation, own=False, joined_on=joined_on)
    return await rows.update(ctx, joined, charity=True) if charity and not joined.charity else joined


async def leave(ctx: Context, participant_id: UUID, *, expected_version: int | None = None) -> Participant:
    """The participant no longer takes part; nothing of the balance expires.

    Raises: NotFound, NotYours, PermissionDenied, NotAParticipant, StaleVersion.
    """
    acting = await acting_for(ctx, participant_id, WRITE)
    return await end(ctx, acting.participant, expected_version=expected_version)


async def end(ctx: Context, participant: Participant, *, expected_version: int | None = None) -> Participant:
    """End the participation of an active participant that is held; no right is asked for. Raises: StaleVersion."""
    return await rows.update(
        ctx,
        participant,
        action="leave",
        expected_version=expected_version,
        state=ParticipantState.LEFT,
        left_on=max(ctx.today(), participant.joined_on),
        ranked=False,
    )


async def choose_ranking(
    ctx: Context, participant_id: UUID, *, nickname: str | None = None, ranked: bool,
    expected_version: int | None = None,
) -> Participant:  # fmt: skip
    """Be shown in the ranking under a nickname, or no longer; nobody is ranked who did not choose to be.

    Raises: NotFound, NotYours, PermissionDenied, NotAParticipant, Required, TooLong, StaleVersion.
    """
    acting = await acting_for(ctx, participant_id, WRITE)
    participant = acting.participant
    name = checks.optional_line(nickname, "nickname", NICKNAME_MAX) if nickname is not None else None
    shown = name if name is not None else participant.nickname
    if ranked:
        checks.line(shown, "nickname", NICKNAME_MAX)
    return await rows.update(
        ctx, participant, action="rank", expected_version=expected_version, nickname=shown, ranked=ranked
    )


async def participant_of(ctx: Context, kind: ParticipantKind, subject_id: UUID) -> Participant | None:
    """The participant that a person, household or unit is, or was; None when it never was one."""
    return await rows.find_by(ctx, Participant, **{_COLUMNS[kind]: subject_id})


async def _subject(ctx: Context, table: type[S], subject_id: UUID, path: str) -> S:
    """The entry of the register, held against other writers. Raises: NotFound naming `path`."""
    try:
        return await rows.get(ctx, table, subject_id, lock=True)
    except NotFound as error:
        raise NotFound(path=(path,), kind=table._meta.tablename) from error


async def _join(
    ctx: Context,
    kind: ParticipantKind,
    subject: Person | Household | Organisation,
    *,
    own: bool,
    joined_on: date | None,
) -> Participant:
    day = checks.not_future(ctx, joined_on or ctx.today(), "joined_on")
    may_self = own and ctx.can(TAKE_PART, subject.area_path)
    if not may_self and not ctx.can(_SEEN_WITH[kind], subject.area_path):
        raise NotFound(path=(_COLUMNS[kind],), kind=subject._meta.tablename)
    place = await place_for(ctx, subject.area_id, TAKE_PART if may_self else WRITE)
    if subject.state != "active":
        raise NotPresent(path=(_COLUMNS[kind],))
    known = await participant_of(ctx, kind, subject.id)
    if known is not None:
        return await _return(ctx, known, place)
    account_id = await accounts.holder(ctx, ledger.Owner(_OWNERS[kind], subject.id), place)
    return await rows.insert(
        ctx,
        Participant,
        action="join",
        area_id=place.area_id,
        area_path=place.area_path,
        kind=kind,
        contact_id=_contact(ctx, kind, subject.id, own=own),
        account_id=account_id,
        joined_on=day,
        **{_COLUMNS[kind]: subject.id},
    )


def _contact(ctx: Context, kind: ParticipantKind, subject_id: UUID, *, own: bool) -> UUID | None:
    """Who sees the participation as their own: the person, or the member who joined for a household."""
    if kind is ParticipantKind.PERSON:
        return subject_id
    return ctx.actor.person_id if own else None


async def _return(ctx: Context, known: Participant, place: Place) -> Participant:
    participant = await rows.get(ctx, Participant, known.id, lock=True)
    if participant.state == ParticipantState.ACTIVE:
        raise AlreadyParticipant()
    return await rows.update(
        ctx,
        participant,
        action="return",
        state=ParticipantState.ACTIVE,
        left_on=None,
        area_id=place.area_id,
        area_path=place.area_path,
    )


async def held(ctx: Context, participant_id: UUID) -> Participant:
    """The participant, held against other writers. Raises: NotFound."""
    return await in_place(ctx, Participant, participant_id, lock=True)


async def active(ctx: Context, participant_id: UUID, path: str) -> Participant:
    """The participant, held against other writers. Raises: NotFound, NotAParticipant naming `path`."""
    participant = await held(ctx, participant_id)
    if participant.state != ParticipantState.ACTIVE:
        raise NotAParticipant(path=(path,))
    return participant
