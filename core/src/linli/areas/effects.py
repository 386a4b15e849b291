"""What a set of changes does: counted while it is done, kept in the preview and in the audit trail."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from linli.areas.errors import TooManyChanges

AREAS_TOUCHED_MAX = 100_000


@dataclass(slots=True)
class Effects:
    """Numbers of areas by what happens to them, and of rows of other tables that go to another place."""

    created: int = 0
    renamed: int = 0
    moved: int = 0
    repathed: int = 0
    retired: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    def repath(self, count: int) -> None:
        """Note areas whose path changes. Raises: TooManyChanges."""
        self.repathed += count
        if self.repathed > AREAS_TOUCHED_MAX:
            raise TooManyChanges(limit=AREAS_TOUCHED_MAX)

    def plain(self) -> dict[str, object]:
        """The numbers as plain data; tables without a change are left out."""
        return {
            "created": self.created,
            "renamed": self.renamed,
            "moved": self.moved,
            "repathed": self.repathed,
            "retired": self.retired,
            "rows": {table: count for table, count in sorted(self.rows.items()) if count},
        }
