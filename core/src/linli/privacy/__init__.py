"""Privacy services: encrypted columns and their keys; later the log of reveals, consents, tags and requests."""

from linli.db.encryption import BlindIndex, EncryptedText, decrypt, decrypt_all, find_equal
from linli.privacy.rotation import rewrap, rotate
from linli.privacy.shredding import shred

__all__ = ["BlindIndex", "EncryptedText", "decrypt", "decrypt_all", "find_equal", "rewrap", "rotate", "shred"]
