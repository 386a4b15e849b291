"""At start: the master keys that are configured must be those that the database's keys are wrapped with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog

from linli.clock import SystemClock
from linli.db.encryption.errors import MasterKeyMissing
from linli.db.encryption.master_keys import (
    MASTER_KEYS_FILE,
    create_master_keys_file,
    load_master_keys,
)
from linli.db.encryption.vault import Vault

if TYPE_CHECKING:
    from linli.db.database import Database
    from linli.settings import Settings

_MASTER_KEYS_MAX: Final = 50
_IN_USE: Final = """
select distinct on (master_key_id) * from privacy_data_key
where state <> 'destroyed' order by master_key_id, tenant_id, id limit $1"""
_log = structlog.get_logger("linli.privacy")


async def verify_master_keys(database: Database) -> None:
    """Unwrap one key for each master key in use, so that a wrong one is told at start and not by a user.

    Without master keys, and with nothing encrypted yet, it is only said in the log.
    Raises: MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
    """
    vault = database.vault or Vault(None)
    async with database.kernel(read_only=True) as db:
        try:
            found = await db.fetch(_IN_USE, _MASTER_KEYS_MAX)
        except asyncpg.UndefinedTableError:
            return  # not migrated yet: there is nothing to open
    for row in found:
        try:
            await vault.unwrap(row)
        except MasterKeyMissing:
            raise MasterKeyMissing(key_id=row["master_key_id"]) from None
    if not vault.configured:
        _log.warning("privacy.no_master_key", meaning="encrypted columns can be neither read nor written")


async def prepare_master_keys(
    settings: Settings, database_url: str, told: Callable[[str], None] = lambda _line: None
) -> None:
    """For the zero-set-up start: make the data directory's master key while nothing is encrypted yet.

    Once something is encrypted a missing key is never made anew. `told` gets the file's path.
    Raises: MasterKeyMissing, BadMasterKeys.
    """
    if load_master_keys(settings) is not None:
        return
    connection = await asyncpg.connect(database_url)
    try:
        in_use = await connection.fetchrow(_IN_USE, 1)
    finally:
        await connection.close()
    if in_use is not None:
        raise MasterKeyMissing(key_id=in_use["master_key_id"])
    path = settings.data_dir / MASTER_KEYS_FILE
    create_master_keys_file(path, f"{SystemClock().now():%Y-%m-%d}")
    told(str(path))
