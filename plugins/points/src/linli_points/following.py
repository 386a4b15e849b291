"""What becomes of a participant when the register changes: moved, left or deceased, merged with another entry."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Organisation, Person, Place, in_place, ledger, people, rows
from linli_points import participants
from linli_points.tables import Participant
from linli_points.terms import ParticipantKind, ParticipantState

ENDED: Final = ("left", "deceased")
MERGED: Final = "points.accounts_merged"


async def follow_person_move(ctx: Context, person_id: UUID) -> None:
    """Put a resident's participation and account where the person lies. Raises: NotFound."""
    person = await in_place(ctx, Person, person_id)
    await _move(ctx, ParticipantKind.PERSON, person.id, Place(person.area_id, person.area_path))


async def follow_organisation_move(ctx: Context, organisation_id: UUID) -> None:
    """Put a unit's participation and account where the unit lies. Raises: NotFound."""
    unit = await in_place(ctx, Organisation, organisation_id)
    await _move(ctx, ParticipantKind.UNIT, unit.id, Place(unit.area_id, unit.area_path))


async def follow_end(ctx: Context, person_id: UUID) -> None:
    """Whoever left or died takes part no longer; the balance stays as it is. Raises: NotFound."""
    person = await rows.get(ctx, Person, person_id)
    known = await participants.participant_of(ctx, ParticipantKind.PERSON, person.id)
    if known is None or person.state not in ENDED:
        return
    participant = await participants.held(ctx, known.id)
    if participant.state == ParticipantState.ACTIVE:
        await participants.end(ctx, participant)


async def follow_merge(ctx: Context, merged_person_id: UUID) -> None:
    """Two entries were one person: the points of the duplicate are the kept entry's, and its participation ends.

    What is reserved stays with the duplicate until it is spent or released; the next merge of the two takes it along.
    Raises: NotFound.
    """
    kept = await people.present_entry(ctx, merged_person_id)
    known = await participants.participant_of(ctx, ParticipantKind.PERSON, merged_person_id)
    if known is None or kept.id == merged_person_id:
        return
    own = await participants.participant_of(ctx, ParticipantKind.PERSON, kept.id)
    own = own or await participants.join_person(ctx, person_id=kept.id, joined_on=known.joined_on)
    for participant_id in sorted((known.id, own.id), key=str):
        await participants.held(ctx, participant_id)
    await _carry_over(ctx, known, own)


async def _carry_over(ctx: Context, duplicate: Participant, kept: Participant) -> None:
    held = await ledger.balance(ctx, duplicate.account_id)
    if held.available:
        purpose = ledger.Purpose(
            MERGED,
            f"points.merged:{duplicate.id}:{kept.id}",
            source_table="points_participant",
            source_id=duplicate.id,
        )
        lines = (
            ledger.Line(duplicate.account_id, -held.available),
            ledger.Line(kept.account_id, held.available),
        )
        await ledger.post(ctx, purpose, lines)
    current = await rows.get(ctx, Participant, duplicate.id, lock=True)
    if current.state == ParticipantState.ACTIVE:
        await participants.end(ctx, current)


async def _move(ctx: Context, kind: ParticipantKind, subject_id: UUID, place: Place) -> None:
    known = await participants.participant_of(ctx, kind, subject_id)
    if known is None:
        return
    participant = await participants.held(ctx, known.id)
    if participant.area_id != place.area_id:
        await rows.update(ctx, participant, action="move", area_id=place.area_id, area_path=place.area_path)
    await ledger.relocate(ctx, subject_id, place)
