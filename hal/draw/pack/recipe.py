"""Bake the glyph packs: `make fonts`. Run it when a font, a size or the set of characters changes, and look at the result.

Ingredients, pinned in fetch.py by version and by the hash of the font file; npm and apt-get bring them from wherever this
machine is told to, and only into a temporary folder:
  galmuri (npm, OFL 1.1)                   BDF files: proportional Latin of 8, 10 and 13 rows, bold, and 17 rows
  @fontsource/unifontex (npm, OFL 1.1)     16-row hanzi, from GNU Unifont
  fonts-noto-cjk (Debian 12, OFL 1.1)      12-row hanzi, and the paper's 24-row ones, drawn by FreeType in black and white
The large amounts are Galmuri's bold doubled by Scale2x; a tall, narrow cut of the same serves amounts too long for that.

Why baked: changing nothing but Pillow's text engine altered 14 of 32 screens, and a till has neither Pillow nor FreeType.
The same packages, Pillow and FreeType give the same bytes; tests/golden/test_draw_pack.py holds their hash.

Products: hal/draw/pack/glyphs.bin.z for the panel and sim/chips/paper_font.bin.z for the virtual printer's ROM."""

import sys
import tempfile
import zlib
from pathlib import Path

from hal.draw.pack import art, bitmap, fetch, small_hanzi
from hal.draw.pack.form import Font, pack

ROOT = Path(__file__).parents[3]
SIGNS = Path(__file__).with_name("signs.txt")
PANEL, PAPER = ROOT / "hal/draw/pack/glyphs.bin.z", ROOT / "sim/chips/paper_font.bin.z"

ELLIPSIS, CROSS = 0x2026, 0x2715  # the second is what is printed on the red key
LATIN = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | {ord(c) for c in "–—‘’“”•…€←↑→↓○●△▲▽▼"}
PAPER_BASE = 21  # rows of a paper letter above its baseline: 0.88 of 24, as Noto has it
NOTO_MONO_SC = 7  # of the collection's faces: Chinese forms, its signs as wide as they


def gb2312() -> set[int]:
    """All of GB 2312-80: 6,763 hanzi and 682 signs; and the full-width yen, which stands for the yuan on paper."""
    found = {0xFFE5}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes([high, low]).decode("gb2312")))
            except UnicodeDecodeError:
                continue  # a hole in the table
    return found


def latin(name: str, source: Path, rise: int, capital: int, depth: int) -> Font:
    """A proportional font: rows above its capitals (for accents), of its capitals, below them.

    Its ellipsis is made anew of close points on the baseline, since it stands where room is short; the cross it lacks."""
    rows = rise + capital + depth
    glyphs = bitmap.read_bdf(source, rise + capital, rows, LATIN)
    glyphs[ELLIPSIS] = bitmap.trimmed(glyphs[ord(".")]) * 3
    glyphs[CROSS] = bitmap.cross(capital - 2, rise + 1)
    return Font(name, rise, capital, capital + depth, rows, 0, glyphs)


def hanzi(name: str, source: Path, size: int, baseline: int) -> Font:
    """A font of square cells; what it lacks is left out."""
    font = bitmap.load(source, size)
    blank = bitmap.draw(font, "\uffff", size, size, baseline)
    glyphs = {code: bitmap.draw(font, chr(code), size, size, baseline) for code in gb2312() if code >= 0x100}
    inked = {code: columns for code, columns in glyphs.items() if columns != blank or code == 0x3000}
    return Font(name, 0, baseline, size, size, size, inked)


def panel(folder: Path) -> bytes:
    """The fonts of the panel; hal/draw/faces.py says what each is for."""
    small = latin("s", fetch.font("galmuri7", folder), 2, 7, 1)
    row = latin("m", fetch.font("galmuri9", folder), 2, 9, 1)
    line = latin("l", fetch.font("galmuri11", folder), 3, 11, 2)
    bold = latin("b", fetch.font("galmuri11-bold", folder), 3, 11, 2)
    message = latin("e", fetch.font("galmuri14", folder), 4, 14, 3)
    plain = {code: columns for code, columns in bold.glyphs.items() if code < 0x7F or code in (0xA3, 0xA5, 0x20AC)}
    big = Font("x", 6, 22, 22, 32, 0, {code: bitmap.doubled(columns, 16) for code, columns in plain.items()})
    tall = Font("t", 6, 22, 22, 32, 0, {code: bitmap.narrowed(bitmap.doubled(columns, 16)) for code, columns in plain.items()})
    noto, unifont = fetch.font("noto", folder), fetch.font("unifont", folder)
    wanted = {code for code in gb2312() if code >= 0x100}
    tiny = small_hanzi.small_hanzi(noto, fetch.font("galmuri11", folder), wanted)
    chinese = [Font("h", 0, 10, 11, 12, 12, tiny), hanzi("k", unifont, 16, 14)]
    signs = art.read_art(SIGNS)
    return pack([small, row, line, bold, message, big, tall, *chinese, Font("i", 0, 28, 28, 28, 0, signs)])


def paper(folder: Path) -> bytes:
    """The printer's wide letters, as in the ROM of a 58 mm printer; sim/chips/narrow_recipe.py bakes the narrow ones."""
    font = bitmap.load(fetch.font("noto", folder), 24, NOTO_MONO_SC)
    wide = {code: bitmap.draw(font, chr(code), 24, 24, PAPER_BASE) for code in gb2312() if code >= 0x80}
    return pack([Font("w", 0, PAPER_BASE, 24, 24, 24, wide)])


def main() -> int:
    """Bake both packs; 5 when the machine lacks a tool."""
    missing = fetch.missing_tools()
    if missing:
        sys.stderr.write(f"baking fonts needs {', '.join(missing)} (Debian: apt install npm fonts-noto-cjk)\n")
        return 5
    with tempfile.TemporaryDirectory() as name:
        for path, raw in ((PANEL, panel(Path(name))), (PAPER, paper(Path(name)))):
            path.write_bytes(zlib.compress(raw, 9))
            sys.stderr.write(f"{path.relative_to(ROOT)}: {len(raw)} B, {path.stat().st_size} B packed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
