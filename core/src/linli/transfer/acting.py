"""Acting for whoever asked for a piece of background work, with the rights that they hold when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from linli.context import ActorKind, Context
from linli.identity.present_rights import account_now, client_now
from linli.transfer.errors import RequesterWithoutRights


class Requested(Protocol):
    """A row that says who asked, and what they held then."""

    id: Any
    acting_kind: Any
    acting_id: Any
    acting_name: Any
    acting_permissions: Any
    locale: Any


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks now, as columns of a row."""

    columns: Mapping[str, Any]

    @classmethod
    def of(cls, ctx: Context) -> Asking:
        """The actor of a context, with all permissions that its credential carries."""
        return cls(
            {
                "acting_kind": ctx.actor.kind.value,
                "acting_id": ctx.actor.id,
                "acting_name": ctx.actor.name,
                "acting_permissions": sorted(ctx.actor.permissions),
                "locale": ctx.locale,
            }
        )


async def acting_for(ctx: Context, requested: Requested, *, reason: str) -> Context:
    """A context of whoever asked, in the same transaction; `reason` stands in the audit trail.

    Grants count as they are now, and of them no more than what was held when it was asked for: a token of few scopes
    or a log-in without a second factor does not grow by waiting. Raises: RequesterWithoutRights.
    """
    made = replace(ctx, locale=requested.locale, reason=reason)
    if requested.acting_kind == ActorKind.SYSTEM:
        return made
    look_up = account_now if requested.acting_kind == ActorKind.ACCOUNT else client_now
    actor = await look_up(ctx, UUID(str(requested.acting_id)), frozenset(requested.acting_permissions))
    if actor is None:
        raise RequesterWithoutRights()
    return replace(made, actor=actor)
