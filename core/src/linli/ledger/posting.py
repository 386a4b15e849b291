"""Posting: one entry, two or more postings that add up to zero, balances kept in the same transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from linli.areas.locking import tree_lock
from linli.audit.record import Change, insertion, note, values_of
from linli.context import Context
from linli.db import rows
from linli.ids import new_id
from linli.ledger.errors import AlreadyReversed, AmountOutOfRange, NotReversible, ReasonMissing, explained
from linli.ledger.tables import Entry

AMOUNT_MAX: Final = 9_007_199_254_740_991  # 2^53 - 1: exact in every client's numbers
LINES_MAX: Final = 200

_PLACES: Final = ", ".join(f"${i}" for i in range(1, 22))
# The entry and what the audit trail tells of it, in one journey; a replay ($4 is the new entry's id) adds neither.
_POST: Final = f"""
with posted as materialized (select app.ledger_post({_PLACES}) as id),
told as ({insertion(22)} from posted where posted.id = $4)
select id from posted"""
_LINES: Final = """
select account_id, part, amount, category from ledger_posting
where tenant_id = $1 and entry_id = $2 order by id limit $3"""


class Part(StrEnum):
    """Which part of an account's balance is meant."""

    AVAILABLE = "available"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to be: an amount in the unit's smallest part, above zero into the account, below out of it."""

    account_id: UUID
    amount: int
    part: Part = Part.AVAILABLE
    category: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an entry is for.

    `kind` is in the past tense, such as `points.claim_posted`; `key` lets it be posted once, whoever tries again, such
    as `points.claim:<id>`. The row `source_id` of `source_table` is where it comes from.
    """

    kind: str
    key: str
    reason: str = ""
    source_table: str = ""
    source_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that stands in the ledger; `replayed` when it had been posted before under the same key."""

    entry_id: UUID
    replayed: bool


async def post(ctx: Context, purpose: Purpose, lines: Sequence[Line]) -> Posted:
    """Post an entry, once for each key.

    Hold the tree and lock a transaction's other rows before, and let two entries of one transaction touch accounts in
    an order that all callers keep. After a refusal the transaction, or the savepoint around the call, is over.
    Raises: InsufficientBalance, BalanceOutOfRange, AmountOutOfRange, AccountClosed, KeyReused for a key with other
    content, DatabaseBusy; Unbalanced when the lines do not add up to zero, are of two units or of no account.
    """
    return await _post(ctx, purpose, lines)


async def post_for_hold(
    ctx: Context, purpose: Purpose, lines: Sequence[Line], hold_id: UUID, *, drawn: bool
) -> Posted:
    """Post an entry that makes a hold or draws on it; only `holds.py` calls this. Raises: as `post`."""
    return await _post(ctx, purpose, lines, hold_id=hold_id, concerns=hold_id if drawn else None)


async def reverse(ctx: Context, entry_id: UUID, purpose: Purpose) -> Posted:
    """Post the opposite of an entry, once, for a reason. A reversal and the entries of a hold cannot be reversed.

    Raises: NotFound, ReasonMissing, AlreadyReversed, NotReversible, KeyReused, AccountClosed, InsufficientBalance when
    it was spent meanwhile.
    """
    if not purpose.reason.strip():
        raise ReasonMissing(path=("reason",))
    entry = await rows.get(ctx, Entry, entry_id)
    if entry.reverses_id or entry.hold_id:
        raise NotReversible()
    known = await rows.find_by(ctx, Entry, reverses_id=entry_id)
    if known is not None and known.key != purpose.key:
        raise AlreadyReversed()
    found = await ctx.db.fetch(_LINES, ctx.tenant_id, entry_id, LINES_MAX)
    lines = [Line(row["account_id"], -row["amount"], Part(row["part"]), row["category"]) for row in found]
    return await _post(ctx, purpose, lines, reverses_id=entry_id, concerns=entry_id)


def checked_amount(amount: int, path: str) -> int:
    """The amount. Raises: AmountOutOfRange unless it is from 1 to 2^53 - 1."""
    if not 1 <= amount <= AMOUNT_MAX:
        raise AmountOutOfRange(path=(path,), limit=AMOUNT_MAX)
    return amount


def digest_of(purpose: Purpose, lines: Sequence[Line], concerns: UUID | None = None) -> str:
    """What an entry's content is told by: SHA-256 over its kind, key and lines in one order, as JSON, in hexadecimal.

    `concerns` is the entry that it reverses or the hold that it draws on.
    """
    content = sorted((str(one.account_id), one.part.value, one.amount, one.category) for one in lines)
    told: list[object] = [purpose.kind, purpose.key, content]
    if concerns is not None:
        told.append(str(concerns))
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


async def _post(
    ctx: Context,
    purpose: Purpose,
    lines: Sequence[Line],
    *,
    reverses_id: UUID | None = None,
    hold_id: UUID | None = None,
    concerns: UUID | None = None,
) -> Posted:
    assert 2 <= len(lines) <= LINES_MAX
    for line in lines:
        checked_amount(abs(line.amount), "amount")
    entry_id, now, digest = new_id(), ctx.now(), digest_of(purpose, lines, concerns)
    change = _told(entry_id, purpose, digest, now)
    with explained():
        found: UUID = await ctx.db.fetchval(
            _POST, ctx.tenant_id, *tree_lock(ctx), entry_id, purpose.kind, purpose.key, digest, now,
            purpose.reason, ctx.actor.kind.value, ctx.actor.id, ctx.actor.name,
            purpose.source_table, purpose.source_id, reverses_id, hold_id,
            [new_id() for _ in lines],
            [one.account_id for one in lines],
            [one.part.value for one in lines],
            [one.amount for one in lines],
            [one.category for one in lines],
            *values_of(ctx, change, new_id()),
        )  # fmt: skip
    if found != entry_id:
        return Posted(UUID(int=found.int), replayed=True)
    note(ctx, change)
    return Posted(entry_id, replayed=False)


def _told(entry_id: UUID, purpose: Purpose, digest: str, now: datetime) -> Change:
    """What the audit trail tells of an entry: enough to find out whether it was changed."""
    after = {
        "kind": purpose.kind,
        "key": purpose.key,
        "digest": digest,
        "posted_at": now.isoformat(),
        "reason": purpose.reason,
        "source_table": purpose.source_table,
        "source_id": str(purpose.source_id or ""),
    }
    return Change("post", "ledger_entry", entry_id, before=None, after=after)
