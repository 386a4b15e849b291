"""A stand-in for a key management service: what an adapter looks like (`LINLI_MASTER_KEYS_ADAPTER`)."""

from __future__ import annotations

from linli.db.encryption import LocalMasterKeys, MasterKeys


def connect() -> MasterKeys:
    """Give the service's client; a real one would ask the service in `wrap` and `unwrap`."""
    return LocalMasterKeys({"service": b"a key that never leaves it, say."}, current_id="service")
