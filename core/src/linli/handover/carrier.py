"""How a message gets to the other place. The one carrier there is reaches the tenants of this platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from linli.errors import NotFound
from linli.handover.directory import Directory
from linli.handover.envelope import Envelope, Receipt
from linli.handover.errors import NotAccepting
from linli.handover.inbox import receive
from linli.tenancy.catalogue import Tenant, TenantState

if TYPE_CHECKING:
    from uuid import UUID

    from linli.runtime import Runtime


class Carrier(Protocol):
    """Brings messages to other places. It may be told of a message several times, and of several at once."""

    async def deliver(self, envelope: Envelope, sender: Tenant, public_key: bytes) -> Receipt:
        """Give a message to its recipient, who keeps it before this returns; `public_key` is the sender's.

        Raises: a LinliError when the recipient refuses it; anything else when nobody knows whether it arrived.
        """
        ...

    async def key_of(self, slug: str, key_id: UUID) -> bytes:
        """The public key with which a place signed a receipt. Raises: BadSignature for an unknown one."""
        ...


class PlatformCarrier:
    """Delivers to tenants of the same platform, in whichever of its databases they lie.

    The other tenant's transaction is a unit of work like any other, of the system in that tenant: row-level security
    binds it, and it is committed before the sender notes the receipt in its own.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._directory = Directory(runtime.catalogue.database)

    async def deliver(self, envelope: Envelope, sender: Tenant, public_key: bytes) -> Receipt:
        """As `Carrier`. Raises: NotAccepting for a place that is not there or not active, and as `inbox.receive`."""
        await self._directory.publish(sender.id, envelope.key_id, public_key)
        recipient = await self._tenant(envelope.recipient)
        if recipient.state is not TenantState.ACTIVE:
            raise NotAccepting()
        database = self._runtime.database_of(recipient)
        async with database.unit_of_work(recipient.id) as db:
            ctx = self._runtime.system_context(recipient, db, database=database)
            ctx.request_id, ctx.reason = f"handover:{envelope.message_id}", f"handover.{envelope.kind}"
            taken = await receive(ctx, envelope, public_key)
        await self._directory.publish(recipient.id, taken.receipt.key_id, taken.public_key)
        return taken.receipt

    async def key_of(self, slug: str, key_id: UUID) -> bytes:
        """As `Carrier`."""
        return await self._directory.key((await self._tenant(slug)).id, key_id)

    async def _tenant(self, slug: str) -> Tenant:
        try:
            return await self._runtime.catalogue.by_slug(slug)
        except NotFound:
            raise NotAccepting() from None
