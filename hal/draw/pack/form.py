"""The form of a pack: several small fonts in one run of bytes that hal/draw/glyphs.py reads without copying.

    "BGP1", number of fonts (u8)
    for each font, 16 bytes: name (4 bytes, zero-filled), rows above the line (accents), rows of the line above the
        baseline, rows of the line, bytes a column, columns a glyph (0: each its own), zero, number of glyphs (u16),
        start of its body (u32)
    body: code points, ascending (u16 each); ends of the glyphs in columns (u16 each, only where each has its own
        width); columns, little-endian, bit 0 on top
All numbers little-endian. Code points are of the Basic Multilingual Plane, which holds all of GB2312."""

import struct
from dataclasses import dataclass

from hal.draw.pack.bitmap import Columns

HEAD, ENTRY = 5, 16


@dataclass
class Font:
    """Rows: `rise` above the line, `baseline` and `line` from its top, `rows` of picture. Columns: `width`, 0 if each its own."""

    name: str
    rise: int
    baseline: int
    line: int
    rows: int
    width: int
    glyphs: dict[int, Columns]

    def body(self) -> bytes:
        """Code points, ends, columns."""
        codes = sorted(self.glyphs)
        out = struct.pack(f"<{len(codes)}H", *codes)
        if not self.width:
            end, ends = 0, []
            for code in codes:
                end += len(self.glyphs[code])
                ends.append(end)
            out += struct.pack(f"<{len(ends)}H", *ends)
        assert all(len(columns) == self.width for columns in self.glyphs.values()) or not self.width
        return out + b"".join(c.to_bytes(self.column_bytes, "little") for code in codes for c in self.glyphs[code])

    @property
    def column_bytes(self) -> int:
        """1 to 4."""
        return (self.rows + 7) // 8


def pack(fonts: list[Font]) -> bytes:
    """The whole pack, not compressed."""
    head, bodies = b"BGP1" + bytes([len(fonts)]), b""
    start = HEAD + ENTRY * len(fonts)
    for font in fonts:
        sizes = (font.rise, font.baseline, font.line, font.column_bytes, font.width, 0, len(font.glyphs))
        head += struct.pack("<4s6BHI", font.name.encode(), *sizes, start + len(bodies))
        bodies += font.body()
    return head + bodies
