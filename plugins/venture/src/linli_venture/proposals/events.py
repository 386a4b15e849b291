"""What proposals tell others. Ids and numbers only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class ProposalSubmitted(Event, frozen=True):
    """A proposal was handed in; `round` 2 is its one correction."""

    name: ClassVar[str] = "venture.proposal_submitted"
    version: ClassVar[int] = 1

    proposal_id: UUID
    call_id: UUID
    round: int
