"""Who wants to hear of an event, and what is done then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from linli.events.event import StoredEvent

if TYPE_CHECKING:
    from linli.context import Context
    from linli.registry import PluginSet

ATTEMPTS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of one event.

    `event` is the event's name, `name` identifies the subscription for ever (`volunteers.on_merge`):
    deliveries are kept under it. The handler runs with the system actor in a transaction of its own, at
    most 30 s; it may be called again for the same event (at least once), with its earlier effects undone.
    After `attempts_max` failures the delivery is dead until someone revives it.
    """

    event: str
    name: str
    handler: Callable[[Context, StoredEvent], Awaitable[None]]
    attempts_max: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.attempts_max <= ATTEMPTS_LIMIT:
            raise ValueError(f"subscription {self.name!r}: attempts_max must be 1 to {ATTEMPTS_LIMIT}")


def subscriptions_of(plugins: PluginSet) -> dict[str, Subscription]:
    """All subscriptions of a set of plugins, by name."""
    return {item.name: item for _plugin, items in plugins.contributions("subscriptions") for item in items}
