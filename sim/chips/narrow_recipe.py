"""Bake the narrow letters of the virtual printer's ROM, 12 x 24 dots: `python -m sim.chips.narrow_recipe`.

A 58 mm printer has five code pages of them, so that a Café and a Größe print in one column a letter. ASCII comes from
Noto Sans Mono CJK SC, as the Chinese characters beside it do; it lacks the rest in this width, so that comes from Noto
Sans Mono, drawn large, made as tall as its neighbours and brought down to dots. Both fonts: OFL 1.1.

Product: sim/chips/narrow_font.bin.z, in the form of hal/draw/pack/form.py."""

import hashlib
import sys
import tempfile
import zlib
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from hal.draw.pack import bitmap, fetch
from hal.draw.pack.form import Font, pack
from sim.chips.escpos import PAGES

PRODUCT = Path(__file__).with_name("narrow_font.bin.z")
MONO, MONO_PATH = "fonts-noto-mono=20201225-1", "usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf"
MONO_HASH = "6b692c4b6d15ccf59f1c1fe8d11cb8a92f51960f3e9f1f523781755a3af7e29f"
CJK_FACE = 7  # of the collection: Noto Sans Mono CJK SC
WIDTH, ROWS, BASELINE = 12, 24, 19
LARGE = 8  # drawn so many times larger
STRETCHES = (1.2, 1.15, 1.1, 1.05, 1.0, 0.95, 0.9, 0.85)  # capitals with an accent are lower, as in any ROM
BLACK_FROM = 105  # of 255, the ink that a dot must have


def letters() -> set[str]:
    """What the code pages have beyond ASCII. Their lines and blocks are drawn by sim/chips/letters.py or not at all."""
    upper = bytes(range(0x80, 0x100))
    return {c for page in PAGES.values() for c in upper.decode(page) if not 0x2320 <= ord(c) < 0x2600}


def mono(folder: Path) -> ImageFont.FreeTypeFont:
    """Noto Sans Mono, 12 dots a letter, drawn large. Raises ValueError when it is not the file that was looked at."""
    path = fetch.from_debian(MONO, folder) / MONO_PATH
    if hashlib.sha256(path.read_bytes()).hexdigest() != MONO_HASH:
        raise ValueError(f"{path.name} of {MONO} is not the file that this recipe was made for")
    return bitmap.load(path, 20 * LARGE)


def dots(font: ImageFont.FreeTypeFont, char: str) -> bitmap.Columns:
    """One letter, as tall as its room allows."""
    drawn = Image.new("L", (WIDTH * LARGE, 40 * LARGE))
    ImageDraw.Draw(drawn).text((WIDTH * LARGE // 2, 30 * LARGE), char, font=font, fill=255, anchor="ms")
    for stretch in STRETCHES:
        image = drawn.resize((WIDTH, round(40 * stretch)), Image.Resampling.BOX).point(
            [255 * (v > BLACK_FROM) for v in range(256)]
        )
        top = round(30 * stretch) - BASELINE
        inked = image.getbbox()
        if inked is None or inked[1] >= top:
            break
    pixels = image.crop((0, top, WIDTH, top + ROWS)).load()
    assert pixels is not None
    return [sum(1 << y for y in range(ROWS) if pixels[x, y]) for x in range(WIDTH)]


def main() -> int:
    """Bake; nothing is installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cjk, other = bitmap.load(fetch.font("noto", folder), ROWS, CJK_FACE), mono(folder)
        glyphs = {code: bitmap.draw(cjk, chr(code), WIDTH, ROWS, BASELINE) for code in range(0x20, 0x7F)}
        glyphs |= {ord(c): dots(other, c) for c in sorted(letters())}
    raw = pack([Font("n", 0, BASELINE, ROWS, ROWS, WIDTH, glyphs)])
    PRODUCT.write_bytes(zlib.compress(raw, 9))
    sys.stderr.write(f"{PRODUCT.name}: {len(glyphs)} letters, {PRODUCT.stat().st_size} B\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
