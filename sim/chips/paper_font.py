"""The wide letters in the virtual printer's ROM, 24 x 24 dots: GB 2312, as a 58 mm printer has it.

Baked beside the panel's glyphs (hal/draw/pack/recipe.py); Noto Sans Mono CJK SC, OFL 1.1 (hal/draw/pack/licences)."""

from pathlib import Path

PACK = Path(__file__).with_name("paper_font.bin.z")  # its font is called "w"
ROWS, NARROW, WIDE = 24, 12, 24  # dots


def rows_of(columns: tuple[int, ...], width: int) -> list[int]:
    """A glyph turned from columns to rows, top first; in each, bit 0 is the rightmost of `width` dots."""
    return [sum((column >> y & 1) << (width - 1 - x) for x, column in enumerate(columns)) for y in range(ROWS)]
