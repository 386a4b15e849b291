"""What a plugin's messages show: lines of text come of columns that hold nothing personal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from linli.db.encryption.columns import EncryptedText
from linli.db.tables import TenantTable, table_name
from linli.registry.errors import PersonalPlaceholder
from linli.registry.load import Loaded

_KERNEL: Final = "kernel"


def check_messages(loaded: Loaded, others: Iterable[Loaded]) -> None:
    """Refuse a line whose column is unknown, encrypted, masked or declared as personal. Raises: PersonalPlaceholder.

    The plugin's own tables, the kernel's and those of required plugins are known.
    """
    allowed = {_KERNEL, loaded.name, *loaded.manifest.requires}
    members = [one for one in (loaded, *others) if one.name in allowed]
    personal = {column for one in members for column in one.manifest.declares.personal_data}
    tables = {table_name(table): table for one in members for table in one.tables}
    for name, message in loaded.manifest.declares.messages.items():
        for placeholder in message.placeholders.values():
            if placeholder.of and (placeholder.of in personal or not _plain(tables, placeholder.of)):
                raise PersonalPlaceholder(plugin=loaded.name, message=name, column=placeholder.of)


def _plain(tables: dict[str, type[TenantTable]], of: str) -> bool:
    table_of, _, name = of.partition(".")
    table = tables.get(table_of)
    if table is None or name in table.personal_columns:
        return False
    found = next((one for one in table._meta.columns if one._meta.name == name), None)
    return found is not None and not found._meta.secret and not isinstance(found, EncryptedText)
