"""Making values unreadable for good, wherever copies of them lie, by destroying the key."""

from __future__ import annotations

from typing import Final

from linli.audit.record import Change, record
from linli.context import WHOLE_TENANT, Context
from linli.db.encryption.fields import vault_of
from linli.identity import checks
from linli.privacy.errors import UnknownPurpose
from linli.privacy.rotation import MANAGE

_DESTROY: Final = """
update privacy_data_key set state = 'destroyed', wrapped = null, destroyed_at = $3, destroyed_reason = $4,
    version = version + 1, updated_at = $3
where tenant_id = $1 and ($2::text is null or purpose = $2) and state <> 'destroyed'"""


async def shred(ctx: Context, purpose: str | None, *, reason: str) -> int:
    """Destroy all keys of a purpose, or (None) of the whole tenant; gives how many there were.

    What was encrypted under them can never be read again, in backups neither once these lack the keys' rows; a
    process that read a value in the last 30 s may still know the key. Values written later get a new key.
    Raises: PermissionDenied, UnknownPurpose, Required, TooLong.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    tag = await ctx.db.execute(_DESTROY, ctx.tenant_id, purpose, ctx.now(), why)
    count = int(tag.rpartition(" ")[2])
    if purpose is not None and not count:
        raise UnknownPurpose(purpose=purpose[:80])
    vault_of(ctx).forget(ctx.tenant_id)
    change = Change("destroy", "privacy_data_key", after={"purpose": purpose or "*", "keys": count})
    await record(ctx, change)
    return count
