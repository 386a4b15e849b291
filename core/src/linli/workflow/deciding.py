"""Who decides: the person behind the actor, under whichever account."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.workflow.machine import Facts

ACCOUNTS_MAX: Final = 100
_ACCOUNTS: Final = """
select id from identity_account where tenant_id = $1 and person_id = $2 and id <> $3 order by id limit $4"""


async def own_accounts(ctx: Context) -> tuple[UUID, ...]:
    """The actor's id and those of the other accounts of the same person, at most 100 in all; none for the system.

    Who has two accounts does not check under one what was done under the other: see `decision_facts`.
    """
    if ctx.actor.id is None:
        return ()
    if ctx.actor.person_id is None:
        return (ctx.actor.id,)
    found = await ctx.db.fetch(_ACCOUNTS, ctx.tenant_id, ctx.actor.person_id, ctx.actor.id, ACCOUNTS_MAX - 1)
    return (ctx.actor.id, *(UUID(int=row["id"].int) for row in found))


async def decision_facts(
    ctx: Context, subject: object = None, *, permissions: Collection[str] = (), **values: object
) -> Facts:
    """What a decision rests on that not everybody may take: the actor under all their accounts, and the subject.

    `values` are what guards ask for besides; `person_id`, the person behind the actor's account, is among them.
    """
    values.setdefault("person_id", ctx.actor.person_id)
    return Facts(await own_accounts(ctx) or None, permissions, subject, values)
