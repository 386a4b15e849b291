"""The keys that a tenant signs with, made at first use; signing and checking."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.db.encryption.errors import KeyDestroyed
from linli.handover.tables import SigningKey

_CURRENT: Final = "select * from handover_key where tenant_id = $1 and state = 'current'"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of the tenant, ready to sign."""

    key_id: UUID
    public_key: bytes
    private_key: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self.private_key.sign(message)


async def signer(ctx: Context) -> Signer:
    """The tenant's current key; a first one is made, and a new one when the private half was shredded.

    Raises: MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
    """
    row = await ctx.db.fetchrow(_CURRENT, ctx.tenant_id)
    if row is None:
        await ctx.db.take_turns("handover/key")
        row = await ctx.db.fetchrow(_CURRENT, ctx.tenant_id)
    if row is None:
        return await _made(ctx)
    key = rows.from_record(SigningKey, row)
    try:
        secret = await decrypt(ctx, key, "private_key")
    except KeyDestroyed:
        secret = None
    if secret is None:
        await rows.update(ctx, key, action="retire", state="retired")
        return await _made(ctx)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret))
    return Signer(key.id, key.public_key, private)


def fits(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the owner of the public key signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


async def _made(ctx: Context) -> Signer:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    secret = base64.b64encode(private.private_bytes_raw()).decode()
    key = await rows.insert(ctx, SigningKey, action="make", public_key=public, private_key=secret)
    return Signer(key.id, public, private)
