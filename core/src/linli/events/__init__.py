"""Facts that happened: published in the writer's transaction, delivered at least once, kept for replay.

An event is a row of the log and one delivery for each subscriber that the tenant has switched on. The
effect of a handler and the mark that it is done are committed together, so that an effect in our own
database happens exactly once. The order of deliveries is **not** promised, not even for events of the same
thing: a handler reads the present state by the ids that the event carries. Delivering again is in
`linli.events.replay`.
"""

from linli.events.event import Event, EventMismatch, StoredEvent
from linli.events.publish import EventNotDeclared, EventTooLarge, publish
from linli.events.subscription import Subscription

__all__ = [
    "Event",
    "EventMismatch",
    "EventNotDeclared",
    "EventTooLarge",
    "StoredEvent",
    "Subscription",
    "publish",
]
