"""How long what a process has remembered may be used without a look into the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNTOLD_S: Final = 1.0
TOLD_S: Final = 30.0


@dataclass(slots=True)
class Freshness:
    """While news of changes arrives, what is remembered is good for 30 s, and forgotten at once when it changes.

    Without news it is good for one second. `subscribed` is whether the channel of changes is heard, `answering`
    whether Redis answers; a message that is lost all the same costs 30 s at the most.
    """

    subscribed: bool = False
    answering: bool = True

    @property
    def seconds(self) -> float:
        """How old a remembered fact may be."""
        return TOLD_S if self.subscribed and self.answering else UNTOLD_S
