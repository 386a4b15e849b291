"""The seed of a call's draw: committed to at the publication, revealed after the draw."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from linli.plugin import Context, privacy, rows
from linli_venture.calls.errors import SeedChanged
from linli_venture.calls.tables import Call, DrawSeed

SEED_BYTES: Final = 32


async def commit(ctx: Context, call: Call) -> str:
    """Choose the call's seed and keep it hidden; gives the commitment: SHA-256 of the seed's 64 hex digits."""
    seed = secrets.token_hex(SEED_BYTES)
    await rows.insert(
        ctx,
        DrawSeed,
        action="commit",
        area_id=call.area_id,
        area_path=call.area_path,
        call_id=call.id,
        seed=seed,
    )
    return commitment_of(seed)


async def reveal(ctx: Context, call: Call) -> str:
    """The call's seed, for the draw. Raises: SeedChanged."""
    kept = await rows.find_by(ctx, DrawSeed, call_id=call.id)
    assert kept is not None, "a published call has a seed"
    seed = str(await privacy.decrypt(ctx, kept, "seed"))
    if commitment_of(seed) != call.seed_commitment:
        raise SeedChanged()
    return seed


def commitment_of(seed: str) -> str:
    """What is published of a seed before the draw."""
    return hashlib.sha256(seed.encode("ascii")).hexdigest()
