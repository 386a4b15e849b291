"""The facts about grants that this plugin publishes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class GrantAwarded(Event, frozen=True, kw_only=True):
    """A project was awarded a grant; its amount is reserved."""

    name: ClassVar[str] = "venture.grant_awarded"
    version: ClassVar[int] = 1

    grant_id: UUID
    call_id: UUID
    proposal_id: UUID
    organisation_id: UUID
    amount_fen: int


class TranchePaid(Event, frozen=True, kw_only=True):
    """A tranche of a grant was paid."""

    name: ClassVar[str] = "venture.tranche_paid"
    version: ClassVar[int] = 1

    grant_id: UUID
    payment_id: UUID
    amount_fen: int


class GrantEnded(Event, frozen=True, kw_only=True):
    """A grant was closed, terminated or declined (`state`)."""

    name: ClassVar[str] = "venture.grant_ended"
    version: ClassVar[int] = 1

    grant_id: UUID
    organisation_id: UUID
    state: str


class GrantReinstated(Event, frozen=True, kw_only=True):
    """The termination of a grant was undone: it stands again where it stood (`state`)."""

    name: ClassVar[str] = "venture.grant_reinstated"
    version: ClassVar[int] = 1

    grant_id: UUID
    organisation_id: UUID
    state: str
