"""Reads the QR code that is printed on a PDF: a page is rendered, and the code decoded from its picture.

Only what is printed straight and clean can be read: nothing is corrected, so a module that is wrong shows.
Source: ISO/IEC 18004 (finder patterns §6.3.3, format information §7.9, masks §7.8.2, placement §7.7.3).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Final

import pypdfium2
from segno import consts

SCALE: Final = 4
_DARK: Final = re.compile(rb"\x01+|\x00+")
_BYTE_MODE: Final = 0b0100
_FORMAT_MASK: Final = 0x5412
_FORMAT_PLACES: Final = [
    *((8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)),
    *((y, 8) for y in (7, 5, 4, 3, 2, 1, 0)),
]
_MASKS: Final[tuple[Callable[[int, int], bool], ...]] = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
Rows = list[bytes]


def read_code(pdf: bytes, *, page: int = -1) -> str:
    """What the QR code on a page (the last by default) says. Raises: ValueError when there is none to be read."""
    return _decoded(_modules(_picture(pdf, page)))


def _picture(pdf: bytes, page: int) -> Rows:
    """The page's pixels, 1 for dark."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        chosen = document[page % len(document)]
        bitmap = chosen.render(scale=SCALE, grayscale=True)
        pixels = bytes(bitmap.buffer).translate(bytes(int(grey < 128) for grey in range(256)))
        return [pixels[y * bitmap.stride :][: bitmap.width] for y in range(bitmap.height)]
    finally:
        document.close()


def _modules(picture: Rows) -> Rows:
    """The code's modules, 1 for dark, sampled in their middles."""
    found = _corners(picture)
    if len(found) != 3:
        raise ValueError(f"a code has three finder patterns, and here are {len(found)}")
    (left, top, width), (right, _, _), _ = sorted(found, key=lambda one: (round(one[1] / one[2]), one[0]))
    version = round(((right - left) / (width / 7) + 7 - 17) / 4)
    size = 17 + 4 * version
    step = (right - left) / (size - 7)
    across = [round(left + (place - 3) * step) for place in range(size)]
    down = [round(top + (place - 3) * step) for place in range(size)]
    return [bytes(picture[y][x] for x in across) for y in down]


def _corners(picture: Rows) -> list[tuple[float, float, float]]:
    """The middles (across, down) and widths of the finder patterns: those of a row that are so in a column too."""
    found: list[tuple[float, float, float]] = []
    for y, row in enumerate(picture):
        for x, width in _finders(row):
            first = max(0, y - int(width))
            column = bytes(line[int(x)] for line in picture[first : y + int(width)])
            for middle, _height in _finders(column):
                down = first + middle
                known = any(abs(x - a) < width and abs(down - b) < width for a, b, _width in found)
                if not known and abs(down - y) < width / 7 and _is_finder(picture, x, down, width / 7):
                    found.append((x, down, width))
    return found


def _is_finder(picture: Rows, x: float, y: float, unit: float) -> bool:
    """Whether the 7 by 7 modules around a middle are a dark square in a light and a dark ring."""
    steps = range(-3, 4)
    return all(
        picture[round(y + down * unit)][round(x + across * unit)] == (max(abs(down), abs(across)) != 2)
        for down, across in itertools.product(steps, steps)
    )


def _finders(line: bytes) -> Iterator[tuple[float, float]]:
    """The middles and widths of what looks like a finder pattern in a line: dark and light as 1:1:3:1:1."""
    runs = [(match.start(), match.end()) for match in _DARK.finditer(line)]
    for five in zip(*(runs[i:] for i in range(5)), strict=False):
        start, end = five[0][0], five[4][1]
        unit = (end - start) / 7
        lengths = [b - a for a, b in five]
        if (
            line[start]
            and unit >= 2
            and all(
                abs(length - wanted * unit) <= unit / 2
                for length, wanted in zip(lengths, (1, 1, 3, 1, 1), strict=True)
            )
        ):
            yield (start + end - 1) / 2, end - start


def _decoded(modules: Rows) -> str:
    size = len(modules)
    version = (size - 17) // 4
    bits = [modules[y][x] for y, x in _FORMAT_PLACES]
    told = int("".join(map(str, bits)), 2) ^ _FORMAT_MASK
    level, mask = told >> 13, _MASKS[(told >> 10) & 0b111]
    stream = [modules[y][x] ^ mask(y, x) for y, x in _data_places(size, version)]
    words = [int("".join(map(str, stream[at : at + 8])), 2) for at in range(0, len(stream) - 7, 8)]
    blocks: tuple[consts.EC, ...] = consts.ECC[version][level]  # type: ignore[index]
    data = _in_order(words, blocks)
    text = "".join(f"{word:08b}" for word in data)
    if int(text[:4], 2) != _BYTE_MODE:
        raise ValueError("the code is not of bytes")
    digits = 8 if version < 10 else 16
    length = int(text[4 : 4 + digits], 2)
    return bytes(int(text[at : at + 8], 2) for at in range(4 + digits, 4 + digits + 8 * length, 8)).decode()


def _in_order(words: list[int], blocks: tuple[consts.EC, ...]) -> list[int]:
    """The data words, block after block, of those that stand in turns."""
    sizes = [one.num_data for one in blocks for _ in range(one.num_blocks)]
    parts: list[list[int]] = [[] for _ in sizes]
    following = iter(words)
    for place in range(max(sizes)):
        for part, size in zip(parts, sizes, strict=True):
            if place < size:
                part.append(next(following))
    return [word for part in parts for word in part]


def _data_places(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Where the bits stand: in pairs of columns from the right, up and down in turns."""
    taken = _function_places(size, version)
    columns = [x for x in range(size - 1, 0, -2) if x > 6] + [5, 3, 1]
    for turn, right in enumerate(columns):
        for y in range(size - 1, -1, -1) if turn % 2 == 0 else range(size):
            for x in (right, right - 1):
                if (y, x) not in taken:
                    yield y, x


def _function_places(size: int, version: int) -> set[tuple[int, int]]:
    """The modules that hold no data: finders, timing, alignment, format and version."""
    taken = {(6, x) for x in range(size)} | {(y, 6) for y in range(size)}
    for top, left, high, wide in ((0, 0, 9, 9), (0, size - 8, 9, 8), (size - 8, 0, 8, 9)):
        taken |= {(top + y, left + x) for y in range(high) for x in range(wide)}
    if version >= 2:
        middles = consts.ALIGNMENT_POS[version - 2]
        corners = {(6, 6), (6, size - 7), (size - 7, 6)}
        for y, x in itertools.product(middles, repeat=2):
            if (y, x) not in corners:
                taken |= {(y + dy, x + dx) for dy in range(-2, 3) for dx in range(-2, 3)}
    if version >= 7:
        pairs = set(itertools.product(range(6), range(size - 11, size - 8)))
        taken |= pairs | {(x, y) for y, x in pairs}
    return taken
