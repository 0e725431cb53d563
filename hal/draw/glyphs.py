"""The baked glyphs (form: hal/draw/pack/form.py), found by binary search and kept once found.

A glyph is a tuple of columns, left to right, as many as the pen moves on; a column is an int, bit 0 on top."""

import struct

from hal.draw.signs import code_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    Columns = tuple[int, ...]

HEAD, ENTRY = 5, 16


class Font:
    """One font of a pack. Rows: rise above its line (accents), baseline and height from the line's top."""

    rise: int
    baseline: int
    height: int

    def __init__(self, pack: bytes, at: int):
        _, self.rise, self.baseline, self.height, self._bytes, self._width, _, self._count, self._codes = struct.unpack_from(
            "<4s6BHI", pack, at
        )
        self._pack = pack
        self._ends = self._codes + 2 * self._count
        self._data = self._ends + (0 if self._width else 2 * self._count)

    def find(self, code: int) -> "Columns | None":
        """The glyph of a code point, None where the font has none."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._u16(self._codes, middle) < code:
                low = middle + 1
            else:
                high = middle
        if low == self._count or self._u16(self._codes, low) != code:
            return None
        if self._width:
            return self._columns(low * self._width, (low + 1) * self._width)
        return self._columns(self._u16(self._ends, low - 1) if low else 0, self._u16(self._ends, low))

    def _u16(self, start: int, index: int) -> int:
        at = start + 2 * index
        return self._pack[at] | self._pack[at + 1] << 8

    def _columns(self, first: int, end: int) -> "Columns":
        step, pack, start = self._bytes, self._pack, self._data
        return tuple([int.from_bytes(pack[start + i * step : start + (i + 1) * step], "little") for i in range(first, end)])


class Glyphs:
    """A pack of fonts by name. Raises ValueError when the bytes are no pack of this form."""

    def __init__(self, pack: bytes):
        if pack[:4] != b"BGP1":
            raise ValueError("not a glyph pack")
        self.fonts: dict[str, Font] = {}
        self.faces: "dict[str, Face]" = {}
        for i in range(pack[4]):
            at = HEAD + ENTRY * i
            self.fonts[bytes(pack[at : at + 4]).rstrip(b"\0").decode()] = Font(pack, at)

    def face(self, names: str) -> "Face":
        """A face made of fonts by one-letter name: the first leads, the next ones have what it lacks."""
        if names not in self.faces:
            self.faces[names] = Face([self.fonts[name] for name in names])
        return self.faces[names]

    def sign(self, name: str) -> "Columns":
        """An icon or a sign of the status bar by its name (signs.py)."""
        return self.face("i").glyph(chr(code_of(name)))


class Face:
    """Fonts on one baseline; rows as in Font."""

    def __init__(self, fonts: "list[Font]"):
        self.fonts = fonts
        self.baseline = max([font.baseline for font in fonts])
        self.height = max([self.baseline - font.baseline + font.height for font in fonts])
        self.rise = max([0] + [font.rise + font.baseline - self.baseline for font in fonts])
        self.lacks: "list[str]" = []  # characters asked for in vain
        self._found: "dict[str, Columns]" = {}
        side = ((1 << self.baseline) - 1) << self.rise
        self._box = (side,) + (side & ~(side >> 1 & side << 1),) * (self.baseline // 2) + (side, 0)

    def glyph(self, char: str) -> "Columns":
        """Columns that start `rise` rows above the line; a hollow box where no font has the character."""
        columns = self._found.get(char)
        if columns is None:
            columns = self._look_up(char)
            self._found[char] = columns
        return columns

    def width(self, text: str) -> int:
        """Columns that the text takes, without the blank one after its last glyph, which some hanzi do not have."""
        last = self.glyph(text[-1]) if text else ()
        return sum([len(self.glyph(char)) for char in text]) - (1 if last and not last[-1] else 0)

    def _look_up(self, char: str) -> "Columns":
        for font in self.fonts:
            columns = font.find(ord(char))
            if columns is not None:
                down = self.rise + self.baseline - font.baseline - font.rise
                return tuple([column << down for column in columns])
        self.lacks.append(char)
        return self._box
