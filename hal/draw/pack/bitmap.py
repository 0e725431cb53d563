"""Bitmaps of glyphs at bake time: read from a BDF file or drawn by FreeType, doubled, and cut into columns."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# One glyph: columns from left to right, each an int whose bit 0 is the top row; as many columns as the pen moves on.
Columns = list[int]


def read_bdf(path: Path, ascent: int, height: int, wanted: set[int]) -> dict[int, Columns]:
    """Glyphs of a BDF font (Glyph Bitmap Distribution Format 2.2) in a box of `height` rows, baseline below row `ascent`."""
    glyphs: dict[int, Columns] = {}
    code = advance = width = rows = left = bottom = row = 0
    reading = False
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "ENCODING":
            code = int(rest)
        elif word == "DWIDTH":
            advance = int(rest.split()[0])
        elif word == "BBX":
            width, rows, left, bottom = (int(n) for n in rest.split())
        elif word == "BITMAP":
            columns, reading, row = [0] * max(advance, left + width), code in wanted, ascent - bottom - rows
        elif word == "ENDCHAR":
            if reading:
                glyphs[code] = columns
            reading = False
        elif reading:
            bits = int(line, 16) >> (len(line) * 4 - width)
            for x in range(width):
                if bits >> (width - 1 - x) & 1 and 0 <= row < height and left + x >= 0:
                    columns[left + x] |= 1 << row
            row += 1
    return glyphs


def draw(font: ImageFont.FreeTypeFont, char: str, width: int, height: int, baseline: int) -> Columns:
    """One glyph drawn in black and white by FreeType, its baseline at a row of our choice."""
    image = Image.new("1", (width, height))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    pen.text((0, baseline), char, font=font, fill=1, anchor="ls")
    dots = image.load()
    assert dots is not None
    return [sum(1 << y for y in range(height) if dots[x, y]) for x in range(width)]


def load(path: Path, size: float, index: int = 0) -> ImageFont.FreeTypeFont:
    """A font file at a size in pixels; the basic text engine, since the other one changes with the machine."""
    return ImageFont.truetype(str(path), size, index=index, layout_engine=ImageFont.Layout.BASIC)


def trimmed(columns: Columns) -> Columns:
    """Without blank columns around it, but one that parts it from the next glyph."""
    inked = [x for x, column in enumerate(columns) if column]
    return columns[inked[0] : inked[-1] + 1] + [0] if inked else columns


def cross(side: int, top: int) -> Columns:
    """Two diagonals and a blank column."""
    return [1 << top + x | 1 << top + side - 1 - x for x in range(side)] + [0]


def doubled(columns: Columns, height: int) -> Columns:
    """Twice as wide and high by Scale2x (Mazzoleni, 2001): diagonals stay smooth, strokes keep their weight."""

    def dot(x: int, y: int) -> int:
        return columns[x] >> y & 1 if 0 <= x < len(columns) and 0 <= y < height else 0

    out = [0] * (2 * len(columns))
    for x in range(len(columns)):
        for y in range(height):
            above, left, right, below, here = dot(x, y - 1), dot(x - 1, y), dot(x + 1, y), dot(x, y + 1), dot(x, y)
            smooth = above != below and left != right
            corners = ((0, 0, left, above), (1, 0, right, above), (0, 1, left, below), (1, 1, right, below))
            for dx, dy, side, end in corners:
                if (side if smooth and side == end else here) & 1:
                    out[2 * x + dx] |= 1 << (2 * y + dy)
    return out


def narrowed(columns: Columns) -> Columns:
    """Eleven columns of every sixteen: strokes of four dots become three, and nothing else is lost."""
    width = (len(columns) * 11 + 8) // 16
    return [columns[(2 * x + 1) * len(columns) // (2 * width)] for x in range(width)]
