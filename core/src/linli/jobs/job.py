"""What a background job is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from linli.context import Context

TIMEOUT_LIMIT_S: Final = 900
ATTEMPTS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Job:
    """A named piece of work, optionally on a schedule.

    `name` starts with the plugin's name and a dot. The handler is given a context of the system actor in a
    transaction of its own, and the arguments (ids only); what it did and the mark that it is done are
    committed together. `schedule` is a cron line (`0 3 * * *`) in the tenant's time zone: one run for each
    occurrence, and one for all that were missed while no worker ran; a scheduled job is given no arguments.
    `given_up` is told the arguments and the error's code when the last attempt has failed, in the transaction
    that gives the job up.

    Raises:
        ValueError: the name, schedule or a limit cannot be used.
    """

    name: str
    handler: Callable[[Context, Mapping[str, object]], Awaitable[None]]
    schedule: str | None = None
    timeout_s: int = 30
    attempts_max: int = 5
    given_up: Callable[[Context, Mapping[str, object], str], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.timeout_s <= TIMEOUT_LIMIT_S:
            raise ValueError(f"job {self.name!r}: timeout_s must be 1 to {TIMEOUT_LIMIT_S}")
        if not 1 <= self.attempts_max <= ATTEMPTS_LIMIT:
            raise ValueError(f"job {self.name!r}: attempts_max must be 1 to {ATTEMPTS_LIMIT}")
        if self.schedule is not None:
            if len(self.schedule.split()) != 5:
                raise ValueError(f"job {self.name!r}: {self.schedule!r} is not a cron line of five fields")
            try:
                next(CronSim(self.schedule, datetime.now(UTC)))
            except CronSimError as error:
                raise ValueError(
                    f"job {self.name!r}: {self.schedule!r} is not a cron line: {error}"
                ) from error
            except StopIteration:
                raise ValueError(f"job {self.name!r}: {self.schedule!r} never comes") from None
