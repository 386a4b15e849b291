"""The ciphers and digests, as pure functions over bytes. No keys are kept here.

Source: NIST SP 800-38D (GCM), GB/T 32907-2016 (SM4), GB/T 32905-2016 (SM3), FIPS 198-1 (HMAC).
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class Algorithm(StrEnum):
    """What a key is for: two ciphers, and the digests that go with them in search indexes."""

    AES_256_GCM = "aes-256-gcm"
    SM4_GCM = "sm4-gcm"
    HMAC_SHA256 = "hmac-sha256"
    HMAC_SM3 = "hmac-sm3"


CIPHERS: Final = (Algorithm.AES_256_GCM, Algorithm.SM4_GCM)
KEY_BYTES: Final = {
    Algorithm.AES_256_GCM: 32,
    Algorithm.SM4_GCM: 16,
    Algorithm.HMAC_SHA256: 32,
    Algorithm.HMAC_SM3: 32,
}
DIGEST_OF: Final = {
    Algorithm.AES_256_GCM: Algorithm.HMAC_SHA256,
    Algorithm.SM4_GCM: Algorithm.HMAC_SM3,
}
"""The digest of a tenant's search indexes follows from its cipher."""


class Forged(ValueError):
    """The tag does not fit: another key, another place, or changed bytes."""


def new_key(algorithm: Algorithm) -> bytes:
    """A random key of the algorithm's length."""
    return os.urandom(KEY_BYTES[algorithm])


def encrypt(algorithm: Algorithm, key: bytes, plain: bytes, associated: bytes) -> bytes:
    """Give nonce, ciphertext and tag in a row; the nonce is random, so a key is good for 2^32 values."""
    nonce = os.urandom(NONCE_BYTES)
    if algorithm is Algorithm.AES_256_GCM:
        return nonce + AESGCM(key).encrypt(nonce, plain, associated)
    encryptor = _Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def decrypt(algorithm: Algorithm, key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Undo `encrypt`. Raises: Forged."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Forged
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        if algorithm is Algorithm.AES_256_GCM:
            return AESGCM(key).decrypt(nonce, body, associated)
        text, tag = body[:-TAG_BYTES], body[-TAG_BYTES:]
        decryptor = _Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated)
        return decryptor.update(text) + decryptor.finalize()
    except InvalidTag as error:
        raise Forged from error


def digest(algorithm: Algorithm, key: bytes, content: bytes) -> bytes:
    """The keyed hash of a content, 32 bytes: nobody without the key can try out what it may be of."""
    mac = HMAC(key, hashes.SM3() if algorithm is Algorithm.HMAC_SM3 else hashes.SHA256())
    mac.update(content)
    return mac.finalize()
