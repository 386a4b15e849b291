"""Links by which a file is fetched without a log-in, for some minutes: for a browser, or a viewer of PDF.

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
from linli.db import rows
from linli.db.encryption.algorithms import Algorithm, digest
from linli.db.encryption.fields import vault_of
from linli.errors import NotFound
from linli.files.keeping import readable
from linli.files.tables import File

PURPOSE: Final = "files.link"
GOOD_FOR: Final = timedelta(minutes=10)
_SIGNATURE_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Link:
    """A link's path, and until when it is good."""

    path: str
    expires_at: datetime


async def link(ctx: Context, file_id: UUID) -> Link:
    """A link to a file that the actor may read, good for ten minutes. Raises: NotFound, MasterKeyMissing."""
    file = await readable(ctx, file_id)
    expires_at = (ctx.now() + GOOD_FOR).replace(microsecond=0)
    expires, by = int(expires_at.timestamp()), ctx.actor.id or UUID(int=0)
    key = await vault_of(ctx).writing_key(ctx.db, ctx.tenant_id, PURPOSE, "index", Algorithm.HMAC_SHA256)
    signature = digest(key.algorithm, key.secret, _message(file.id, expires, by)).hex()
    path = f"/files/link/{ctx.tenant.slug}/{file.id}?expires={expires}&by={by}&signature={signature}"
    return Link(path, expires_at)


async def linked(ctx: Context, file_id: UUID, *, expires: int, by: UUID, signature: str) -> File:
    """The file that a link leads to. Raises: NotFound for a link that is over, was altered, or whose file is gone."""
    good = len(signature) <= _SIGNATURE_MAX and signature.isascii() and ctx.now().timestamp() < expires
    keys = await vault_of(ctx).search_keys(ctx.db, ctx.tenant_id, PURPOSE)
    wanted = [digest(key.algorithm, key.secret, _message(file_id, expires, by)).hex() for key in keys]
    file = await rows.find(ctx, File, file_id)
    if not good or not any(hmac.compare_digest(one, signature) for one in wanted):
        raise NotFound(kind="files_file")
    if file is None or file.removed_at:
        raise NotFound(kind="files_file")
    return file


def _message(file_id: UUID, expires: int, by: UUID) -> bytes:
    return b"linli file link 1\0" + file_id.bytes + expires.to_bytes(8, "big") + by.bytes
