"""Who acts, where, and with which rights: the first argument of every service function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from linli.boards import Boards
from linli.clock import Clock, SystemClock
from linli.counterparts import Counterparts
from linli.db.unit_of_work import UnitOfWork
from linli.errors import Forbidden

if TYPE_CHECKING:
    from linli.registry import PluginSet
    from linli.tenancy.catalogue import Tenant

WHOLE_TENANT = ""


class PermissionDenied(Forbidden):
    """The actor holds no grant of `permission` at the place in question."""

    code = "permission_denied"


class ActorKind(StrEnum):
    """What kind of actor an action is put down to."""

    ACCOUNT = "account"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at an area: `area_path` is "" for the whole tenant; it covers the area's subtree."""

    role: str
    area_id: UUID | None
    area_path: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """An account, an API client, or the system itself."""

    kind: ActorKind
    id: UUID | None
    name: str
    person_id: UUID | None = None
    grants: tuple[Grant, ...] = ()
    credential_id: UUID | None = None
    _scopes: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    derived: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What an interface made of these rights, to find it again: it ends with them. Whoever fills it bounds it."""

    @property
    def permissions(self) -> frozenset[str]:
        """All permissions that the actor holds anywhere."""
        return frozenset().union(*(grant.permissions for grant in self.grants))


SYSTEM = Actor(kind=ActorKind.SYSTEM, id=None, name="system")


@dataclass(slots=True)
class Context:
    """A request, an event being handled, or a job: its tenant, actor and transaction.

    The system actor (event handlers, jobs, provisioning) holds every permission in its tenant. `aside` opens a
    second transaction of the tenant beside this one, for what others must see before it ends, which is how far
    it is; only workers and commands have it. What belongs to the work itself never goes there.
    `boards` keeps nothing where a context is not made from a runtime that has Redis, and `counterparts` are none
    where it is not made from one.
    """

    tenant: Tenant
    actor: Actor
    db: UnitOfWork
    plugins: PluginSet
    clock: Clock = field(default_factory=SystemClock)
    locale: str = "zh-CN"
    request_id: str = ""
    origin: str = ""
    reason: str = ""
    aside: Callable[[], AbstractAsyncContextManager[UnitOfWork]] | None = None
    boards: Boards = field(default_factory=Boards)
    counterparts: Counterparts = field(default_factory=Counterparts)

    @property
    def tenant_id(self) -> UUID:
        """The tenant's id: the first argument of every statement."""
        return self.tenant.id

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return self.clock.now()

    @property
    def time_zone(self) -> ZoneInfo:
        """The tenant's time zone, in which its days begin and end."""
        return ZoneInfo(self.tenant.time_zone)

    def day_of(self, moment: datetime) -> date:
        """The day on which an aware moment lies in the tenant's time zone."""
        return moment.astimezone(self.time_zone).date()

    def start_of(self, day: date) -> datetime:
        """The midnight with which a day begins in the tenant's time zone, aware."""
        return datetime.combine(day, time.min, self.time_zone)

    def today(self) -> date:
        """Today's date in the tenant's time zone."""
        return self.day_of(self.now())

    def scopes(self, permission: str) -> tuple[str, ...]:
        """The area paths whose subtrees the actor's grants of `permission` cover; ("",) is the whole tenant.

        Paths covered by another are left out; no grant gives an empty tuple.
        """
        return self.scopes_of(self.actor, permission)

    @staticmethod
    def scopes_of(actor: Actor, permission: str) -> tuple[str, ...]:
        """What `scopes` gives, for an actor without a context."""
        if actor.kind is ActorKind.SYSTEM:
            return (WHOLE_TENANT,)
        found = actor._scopes.get(permission)
        if found is None:
            paths = sorted({grant.area_path for grant in actor.grants if permission in grant.permissions})
            found = actor._scopes[permission] = tuple(
                path for i, path in enumerate(paths) if not any(path.startswith(above) for above in paths[:i])
            )
        return found

    def can(self, permission: str, area_path: str | None = None) -> bool:
        """Whether the actor holds `permission` at the area, or anywhere when no area is given."""
        scopes = self.scopes(permission)
        if area_path is None:
            return bool(scopes)
        return any(area_path.startswith(scope) for scope in scopes)

    def require(self, permission: str, area_path: str | None = None) -> None:
        """Go on only with `permission` at the area. Raises: PermissionDenied."""
        if not self.can(permission, area_path):
            raise PermissionDenied(permission=permission)

    def setting(self, name: str) -> object:
        """A tenant setting after inheritance from the parent tenant. Raises: KeyError for an undeclared name."""
        settings: Mapping[str, object] = self.tenant.settings
        return settings[name] if name in settings else self.plugins.setting_default(name)
