"""What an administrator looks after: deliveries of events, and background jobs."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

from linli.context import Context
from linli.events import replay as event_replay
from linli.events import tables as events
from linli.jobs import revive_job
from linli.jobs import tables as jobs
from linli_graphql.inputs import described, expose, input_type, values_of
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, node, one


class WorkStatus(Enum):
    """Where a delivery or job stands."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


expose(
    WorkStatus,
    "Where a delivery or a job stands.",
    {
        "PENDING": "Waits for its next attempt, or runs.",
        "DONE": "Succeeded.",
        "DEAD": "All attempts failed; it is tried again only when somebody asks for it.",
    },
)


@node(
    events.StoredEventRow,
    plural="events",
    permission="events.delivery.read",
    filters=("name", "occurred_at"),
    order_by=("occurred_at",),
    whole_tenant=True,
)
class Event(Node):
    """A fact that happened, in the log of events."""

    name: str = column("The event's name.")
    event_version: int = column("The version of its content.")
    payload: strawberry.scalars.JSON = column("What it tells: ids and figures, nothing personal.")
    occurred_at: datetime = column("When it happened.")


@node(
    events.Delivery,
    plural="event_deliveries",
    permission="events.delivery.read",
    filters=("status", "subscription", "event"),
    order_by=("next_attempt_at",),
    whole_tenant=True,
)
class EventDelivery(Node):
    """An event on its way to one subscription."""

    subscription: str = column("To whom it is delivered.")
    status: WorkStatus = column("Where it stands.")
    attempts: int = column("How often it was tried.")
    next_attempt_at: datetime = column("When it is tried next, if it is pending.")
    finished_at: datetime | None = column("When it was done or given up.")
    error_code: str = column("The code of the last failure.")
    event: Event | None = one("event_id", "The event.")


@node(
    jobs.JobRow,
    plural="jobs",
    permission="jobs.job.read",
    filters=("status", "name"),
    order_by=("run_at",),
    whole_tenant=True,
)
class Job(Node):
    """One run of a background job."""

    name: str = column("The job's name.")
    status: WorkStatus = column("Where it stands.")
    attempts: int = column("How often it was tried.")
    run_at: datetime = column("When it is due.")
    finished_at: datetime | None = column("When it was done or given up.")
    error_code: str = column("The code of the last failure.")


@input_type
class EventDeliveryInput:
    """A delivery."""

    id: strawberry.ID = described("The delivery.")


@input_type
class JobInput:
    """A run of a job."""

    id: strawberry.ID = described("The job.")


@input_type
class ReplayEventsInput:
    """Events that are to be delivered again."""

    subscription: str = described("To which subscription.")
    since: datetime | None = described("Events from this moment on; all by default.", optional=True)


@mutation(gives=EventDelivery)
async def revive_event_delivery(ctx: Context, input: EventDeliveryInput) -> UUID:
    """Try a dead delivery again."""
    row_id: UUID = values_of(input, ids={"id": "EventDelivery"})["id"]
    await event_replay.revive(ctx, row_id)
    return row_id


@mutation(gives=Job)
async def revive_dead_job(ctx: Context, input: JobInput) -> UUID:
    """Run a dead job again."""
    row_id: UUID = values_of(input, ids={"id": "Job"})["id"]
    await revive_job(ctx, row_id)
    return row_id


@mutation(
    extra={"count": (int, "How many events were put up for delivery; at most a bounded number a call.")}
)
async def replay_events(ctx: Context, input: ReplayEventsInput) -> Outcome:
    """Deliver the log's events to a subscription again."""
    values = values_of(input)
    done = await event_replay.replay(ctx, **values)
    return Outcome(row=None, extra={"count": done.count})


OPERATIONS_MUTATIONS = (revive_event_delivery, revive_dead_job, replay_events)
