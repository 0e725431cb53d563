"""The virtual printer's ROM: which dots a letter has, by the code page it came from. One byte: 12 dots wide, two: 24.

The rows are ints, top first, the left dot highest."""

import unicodedata
import zlib
from functools import lru_cache

from hal.draw.glyphs import Glyphs
from sim.chips.paper_font import NARROW, PACK, ROWS, WIDE, rows_of

RULE_ROW = 12  # where the line of the code pages' box drawing runs
LOWEST_ACCENT = 6  # accents stand in the rows above a small letter
ABOVE = {
    "\u0300": (4, 5, 6),
    "\u0301": (7, 6, 5),
    "\u0302": (5, 6, 7),
    "\u0308": (4, 8),
    "\u0303": (4, 5, 6, 7),
    "\u030a": (5, 6),
}
"""Columns that an accent inks, for letters that the baked font has only without."""

_FONTS = Glyphs(zlib.decompress(PACK.read_bytes())).fonts


@lru_cache(maxsize=8192)
def letter(char: str, narrow: bool, bold: bool, wide: int, high: int) -> tuple[tuple[int, ...], int]:
    """Rows and width of a letter, bold and enlarged as asked."""
    width = NARROW if narrow else WIDE
    rows = []
    for row in _plain(char, narrow, width):
        bits = stretched(row, width, wide)
        if bold:
            bits |= bits >> 1  # the head strikes twice, one dot apart
        rows += [bits] * high
    return tuple(rows), width * wide


def stretched(row: int, width: int, times: int) -> int:
    """Every dot of a row made `times` wide."""
    if times == 1:
        return row
    dot = (1 << times) - 1
    return sum(dot << x * times for x in range(width) if row >> x & 1)


def _plain(char: str, narrow: bool, width: int) -> list[int]:
    if char == "─" and narrow:
        return [(1 << width) - 1 if y in (RULE_ROW, RULE_ROW + 1) else 0 for y in range(ROWS)]
    font = _FONTS["n" if narrow else "w"]
    columns = font.find(ord(char))
    if columns is not None:
        return rows_of(columns, width)
    base = unicodedata.normalize("NFD", char)
    columns = font.find(ord(base[0])) if narrow and len(base) == 2 and base[1] in ABOVE else None
    if columns is None:
        return _box(width)
    rows = rows_of(columns, width)
    top = next(y for y in range(ROWS) if rows[y])
    for i, x in enumerate(ABOVE[base[1]]):
        rows[max(0, top - 4 + (i % 2))] |= 3 << (width - 2 - x)
    return rows


def _box(width: int) -> list[int]:
    """What a ROM shows for a letter that it lacks: an empty frame."""
    side = 1 << (width - 2) | 2
    edge = (1 << (width - 1)) - 2
    return [edge if y in (4, 19) else side if 4 < y < 19 else 0 for y in range(ROWS)]
