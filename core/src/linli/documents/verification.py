"""What anybody may know of a document by its number: no log-in, no name, nothing that is not printed on it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from typing import Final

from linli.context import Context
from linli.verifiable import normal_number

_NO_NUMBER: Final = "-"  # is looked for as any other is: a number that cannot be one takes as long
_BY_NUMBER: Final = """
select number, state, title, holder_masked, issued_on, valid_until, sha256 from documents_document
where tenant_id = $1 and number = $2"""
_KEYS: Final = "select id, public_key from handover_key where tenant_id = $1 order by id desc limit $2"
_KEYS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document as the public page shows it. `state` is valid, revoked or expired; the holder's name is masked.

    `same_file` tells whether a file that was sent along is the one that was issued; None without one.
    """

    number: str
    state: str
    title: str
    holder: str
    issued_on: date
    valid_until: date | None
    same_file: bool | None


async def check(ctx: Context, typed: str, *, file: bytes | None = None) -> CheckedDocument | None:
    """What anybody may know of the document with this number; None when there is none."""
    found = await ctx.db.fetchrow(_BY_NUMBER, ctx.tenant_id, normal_number(typed) or _NO_NUMBER)
    digest = None if file is None else hashlib.sha256(file).hexdigest()
    if found is None:
        return None
    return CheckedDocument(
        number=found["number"],
        state=_state(ctx, found["state"], found["valid_until"]),
        title=found["title"],
        holder=found["holder_masked"],
        issued_on=found["issued_on"],
        valid_until=found["valid_until"],
        same_file=None if digest is None else hmac.compare_digest(digest, found["sha256"]),
    )


async def public_keys(ctx: Context) -> dict[str, str]:
    """The keys that the tenant signs or has signed with, by their id, in hexadecimal."""
    found = await ctx.db.fetch(_KEYS, ctx.tenant_id, _KEYS_MAX)
    return {row["id"].hex: bytes(row["public_key"]).hex() for row in found}


def is_over(valid_until: date | None, today: date) -> bool:
    """Whether the last day of a document is over; one without a last day never ends by itself."""
    return valid_until is not None and valid_until < today


def _state(ctx: Context, state: str, valid_until: date | None) -> str:
    return "expired" if state == "valid" and is_over(valid_until, ctx.today()) else state
