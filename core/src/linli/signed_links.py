"""Links by which one thing is fetched without a log-in, for some minutes: for a browser, or a viewer of PDF.

A link is signed by a key of the tenant and says until when it is good and who made it; whoever has it may read.
Source: RFC 2104 (HMAC).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db.encryption.algorithms import Algorithm, digest
from linli.db.encryption.fields import vault_of

GOOD_FOR: Final = timedelta(minutes=10)
SIGNATURE_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Link:
    """A link's path, and until when it is good."""

    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkKind:
    """What a link leads to: the purpose of its key, the first bytes of what is signed, and where it lies."""

    purpose: str
    first: bytes
    below: str

    def signed(self, row_id: UUID, expires: int, by: UUID) -> bytes:
        """The bytes that are signed: of this kind, this row, this moment and this maker alone."""
        return self.first + row_id.bytes + expires.to_bytes(8, "big") + by.bytes


async def sign_link(ctx: Context, kind: LinkKind, row_id: UUID) -> Link:
    """A link that is good for ten minutes; rights are the caller's concern. Raises: MasterKeyMissing."""
    expires_at = (ctx.now() + GOOD_FOR).replace(microsecond=0)
    expires, by = int(expires_at.timestamp()), ctx.actor.id or UUID(int=0)
    key = await vault_of(ctx).writing_key(ctx.db, ctx.tenant_id, kind.purpose, "index", Algorithm.HMAC_SHA256)
    signature = digest(key.algorithm, key.secret, kind.signed(row_id, expires, by)).hex()
    path = f"{kind.below}/{ctx.tenant.slug}/{row_id}?expires={expires}&by={by}&signature={signature}"
    return Link(path, expires_at)


async def link_is_good(
    ctx: Context, kind: LinkKind, row_id: UUID, *, expires: int, by: UUID, signature: str
) -> bool:
    """Whether a link is one that this tenant signed, unaltered, and not over."""
    keys = await vault_of(ctx).search_keys(ctx.db, ctx.tenant_id, kind.purpose)
    wanted = [digest(key.algorithm, key.secret, kind.signed(row_id, expires, by)).hex() for key in keys]
    if len(signature) > SIGNATURE_LENGTH or not signature.isascii() or ctx.now().timestamp() >= expires:
        return False
    return any(hmac.compare_digest(one, signature) for one in wanted)
