"""What plugins declare: kinds of attachments, and scanners that look at every file before it is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final
from uuid import UUID

from linli.files.sniffing import KNOWN
from linli.identity.places import Place

if TYPE_CHECKING:
    from linli.context import Context
    from linli.files.tables import File

BYTES_MAX: Final = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileOwner:
    """What a file belongs to: a row, where it lies, and the person whom it tells of.

    While that row is `sealed`, such as a draft, no list or figure of attachments tells that there is a file; `unseal`
    ends it.
    """

    table: str
    id: UUID
    place: Place
    person_id: UUID | None = None
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of attachment.

    `owner` gives the row with an id when the actor may attach to it or remove from it, and raises NotFound or
    PermissionDenied otherwise. `may_read` decides on a file that exists. `personal` contents are encrypted.

    Raises: ValueError for a type that cannot be told by its content, or a limit beyond 100 MiB.
    """

    name: str
    media_types: frozenset[str]
    bytes_max: int
    owner: Callable[[Context, UUID], Awaitable[FileOwner]]
    may_read: Callable[[Context, File], Awaitable[bool]]
    personal: bool = True

    def __post_init__(self) -> None:
        strange = self.media_types - KNOWN
        if strange or not self.media_types:
            raise ValueError(f"{self.name}: of these types files cannot be kept: {sorted(strange)}")
        if not 1 <= self.bytes_max <= BYTES_MAX:
            raise ValueError(f"{self.name}: bytes_max must be 1 to {BYTES_MAX}")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scanner says: whether a file is harmless."""

    harmless: bool


@dataclass(frozen=True, slots=True)
class FileScanner:
    """Looks at a file before it is kept, such as a client of a virus scanner.

    `scan` gets the content, at its beginning, and the media type. What it raises refuses the file as well.
    """

    name: str
    scan: Callable[[BinaryIO, str], Awaitable[Scanned]]
