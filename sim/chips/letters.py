"""The virtual printer's ROM: which dots a letter has, by the code page it came from. One byte: 12 dots wide, two: 24.

The rows are ints, top first, the left dot highest. Baked by sim/chips/narrow_recipe.py and hal/draw/pack/recipe.py."""

import zlib
from functools import lru_cache
from pathlib import Path

from hal.draw.glyphs import Font, Glyphs
from sim.chips.paper_font import NARROW, PACK, ROWS, WIDE, rows_of

RULE_ROWS = (12, 13)  # where the horizontal line of the code pages' box drawing runs
ALIKE = {"—": "―"}  # GBK has a dash where GB 2312, which was baked, has its twin


def font(path: Path, name: str) -> Font:
    """One font of a pack."""
    return Glyphs(zlib.decompress(path.read_bytes())).fonts[name]


FONTS = {NARROW: font(Path(__file__).with_name("narrow_font.bin.z"), "n"), WIDE: font(PACK, "w")}


@lru_cache(maxsize=8192)
def letter(char: str, narrow: bool, bold: bool, wide: int, high: int) -> tuple[tuple[int, ...], int]:
    """Rows and width of a letter, bold and enlarged as asked."""
    width = NARROW if narrow else WIDE
    rows = []
    for row in plain(char, width):
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


def plain(char: str, width: int) -> list[int]:
    """The letter as it is in the ROM, an empty frame where it is not."""
    if char == "─" and width == NARROW:
        return [(1 << width) - 1 if y in RULE_ROWS else 0 for y in range(ROWS)]
    columns = FONTS[width].find(ord(ALIKE.get(char, char)))
    if columns is not None:
        return rows_of(columns, width)
    edge, sides = (1 << (width - 1)) - 2, 1 << (width - 2) | 2
    return [edge if y in (4, 19) else sides if 4 < y < 19 else 0 for y in range(ROWS)]
