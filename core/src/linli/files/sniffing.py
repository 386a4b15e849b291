"""The type of a file by what it holds. Neither its name nor what the browser says is believed.

Source: WHATWG MIME Sniffing Standard §4, ECMA-376 part 2 (Office Open XML packages).
"""

from __future__ import annotations

import codecs
import re
import zipfile
from typing import BinaryIO, Final

_HEAD: Final = 16
_CHUNK: Final = 256 * 1024
_DIRECTORY_MAX: Final = 1024 * 1024
_MAGIC: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_OFFICE: Final = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MACROS: Final = ("word/vbaProject.bin", "xl/vbaProject.bin")
_TEXT: Final = "text/plain"
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
KNOWN: Final = frozenset({*(kind for _magic, kind in _MAGIC), *_OFFICE.values(), "image/webp", _TEXT})
"""The types that can be told; documents with macros are of none of them."""


def media_type_of(content: BinaryIO) -> str | None:
    """The type, or None; the stream stands at its beginning again."""
    content.seek(0)
    head = content.read(_HEAD)
    content.seek(0)
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if found is None and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = "image/webp"
    if found is None and head.startswith(b"PK\x03\x04"):
        found = _office(content)
    elif found is None and _is_text(content):
        found = _TEXT
    content.seek(0)
    return found


def _office(content: BinaryIO) -> str | None:
    try:
        with zipfile.ZipFile(_Directory(content)) as package:
            names = {entry.filename for entry in package.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name in names for name in _MACROS):
        return None
    return next((kind for name, kind in _OFFICE.items() if name in names), None)


class _Directory:
    """A package of which only a directory of up to 1 MiB is read: one of 100 MiB would take gigabytes of memory."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes. Raises: BadZipFile for more than a directory may have."""
        piece = self._content.read(_DIRECTORY_MAX + 1 if size < 0 else min(size, _DIRECTORY_MAX + 1))
        if len(piece) > _DIRECTORY_MAX:
            raise zipfile.BadZipFile
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        """The place."""
        return self._content.tell()


def _is_text(content: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := content.read(_CHUNK):
            if _CONTROLS.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
