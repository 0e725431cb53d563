"""The letters in the virtual printer's ROM: 12 x 24 dots for Latin, 24 x 24 for Chinese, as a 58 mm printer has them.

Baked beside the panel's glyphs (hal/draw/pack/recipe.py); Noto Sans Mono CJK SC, OFL 1.1 (hal/draw/pack/licences)."""

import zlib
from pathlib import Path

from hal.draw.glyphs import Font, Glyphs

PACK = Path(__file__).with_name("paper_font.bin.z")
ROWS, NARROW, WIDE = 24, 12, 24


class PaperFont:
    """Letters as rows of dots."""

    def __init__(self, pack: Path = PACK) -> None:
        fonts = Glyphs(zlib.decompress(pack.read_bytes())).fonts
        self._narrow, self._wide = fonts["n"], fonts["w"]
        self._known: dict[str, list[int]] = {}

    def glyph(self, char: str) -> list[int]:
        """24 rows from the top; in each, bit 0 is the rightmost dot of `width(char)`. An unknown one is a solid box."""
        if char not in self._known:
            width = self.width(char)
            font: Font = self._narrow if width == NARROW else self._wide
            columns = font.find(ord(char))
            self._known[char] = rows_of(columns, width) if columns is not None else [(1 << width) - 1] * ROWS
        return self._known[char]

    @staticmethod
    def width(char: str) -> int:
        """Dots that it takes on the line."""
        return NARROW if ord(char) < 0x80 else WIDE


def rows_of(columns: tuple[int, ...], width: int) -> list[int]:
    """A glyph turned from columns to rows."""
    return [sum((column >> y & 1) << (width - 1 - x) for x, column in enumerate(columns)) for y in range(ROWS)]
