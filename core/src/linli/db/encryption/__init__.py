"""Field encryption: columns whose values only leave the database's disk and dumps as ciphertext.

Source: GB/T 39786-2021 (密码应用基本要求), Personal Information Protection Law (个人信息保护法) art. 51.
"""

from linli.db.encryption.columns import BlindIndex, EncryptedBytes, EncryptedText
from linli.db.encryption.fields import decrypt, decrypt_all, find_equal, open_content, seal_content
from linli.db.encryption.master_keys import LocalMasterKeys, MasterKeys, load_master_keys
from linli.db.encryption.vault import Vault

__all__ = [
    "BlindIndex",
    "EncryptedBytes",
    "EncryptedText",
    "LocalMasterKeys",
    "MasterKeys",
    "Vault",
    "decrypt",
    "decrypt_all",
    "find_equal",
    "load_master_keys",
    "open_content",
    "seal_content",
]
