"""Posting: one entry, two or more postings that add up to zero, balances kept in the same transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.areas.locking import tree_lock
from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.ids import new_id
from linli.ledger.errors import AlreadyReversed, AmountOutOfRange, NotReversible, explained
from linli.ledger.tables import Entry

AMOUNT_MAX: Final = 9_007_199_254_740_991  # 2^53 - 1: exact in every client's numbers
LINES_MAX: Final = 200

_POST: Final = """
select app.ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
"""
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

    Lock a transaction's other rows before. Raises: InsufficientBalance, AccountClosed, KeyReused for a key with other
    content, DatabaseBusy; Unbalanced when the lines do not add up to zero, are of two units or of no account.
    """
    return await _post(ctx, purpose, lines)


async def post_for_hold(ctx: Context, purpose: Purpose, lines: Sequence[Line], hold_id: UUID) -> Posted:
    """Post an entry that makes a hold or draws on it; only `holds.py` calls this. Raises: as `post`."""
    return await _post(ctx, purpose, lines, hold_id=hold_id)


async def reverse(ctx: Context, entry_id: UUID, purpose: Purpose) -> Posted:
    """Post the opposite of an entry, once. A reversal and the entries of a hold cannot be reversed.

    Raises: NotFound, AlreadyReversed, NotReversible, InsufficientBalance when it was spent meanwhile, AccountClosed.
    """
    entry = await rows.get(ctx, Entry, entry_id)
    if entry.reverses_id or entry.hold_id:
        raise NotReversible()
    known = await rows.find_by(ctx, Entry, reverses_id=entry_id)
    if known is not None and known.key != purpose.key:
        raise AlreadyReversed()
    found = await ctx.db.fetch(_LINES, ctx.tenant_id, entry_id, LINES_MAX)
    lines = [Line(row["account_id"], -row["amount"], Part(row["part"]), row["category"]) for row in found]
    return await _post(ctx, purpose, lines, reverses_id=entry_id)


def checked_amount(amount: int, path: str) -> int:
    """The amount. Raises: AmountOutOfRange unless it is from 1 to 2^53 - 1."""
    if not 1 <= amount <= AMOUNT_MAX:
        raise AmountOutOfRange(path=(path,), limit=AMOUNT_MAX)
    return amount


def digest_of(purpose: Purpose, lines: Sequence[Line]) -> str:
    """What an entry's content is told by: SHA-256 over its key, kind and lines in one order, in hexadecimal."""
    content = sorted((str(one.account_id), one.part.value, one.amount, one.category) for one in lines)
    text = json.dumps([purpose.kind, purpose.key, content], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def _post(
    ctx: Context,
    purpose: Purpose,
    lines: Sequence[Line],
    *,
    reverses_id: UUID | None = None,
    hold_id: UUID | None = None,
) -> Posted:
    assert 2 <= len(lines) <= LINES_MAX
    entry_id, digest = new_id(), digest_of(purpose, lines)
    with explained():
        found: UUID = await ctx.db.fetchval(
            _POST, ctx.tenant_id, *tree_lock(ctx), entry_id, purpose.kind, purpose.key, digest, ctx.now(),
            purpose.reason, ctx.actor.kind.value, ctx.actor.id, ctx.actor.name,
            purpose.source_table, purpose.source_id, reverses_id, hold_id,
            [new_id() for _ in lines],
            [one.account_id for one in lines],
            [one.part.value for one in lines],
            [one.amount for one in lines],
            [one.category for one in lines],
        )  # fmt: skip
    if found != entry_id:
        return Posted(UUID(int=found.int), replayed=True)
    after = {"kind": purpose.kind, "key": purpose.key, "digest": digest}
    await record(ctx, Change("post", "ledger_entry", entry_id, before=None, after=after))
    return Posted(entry_id, replayed=False)
