"""128 or 256 columns of 64 dots, drawn on as integers: bit 0 of a column is its top dot, and `or` puts a glyph there.

What falls outside is cut, never wrapped. A panel's page bytes come out at the end."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.draw.glyphs import Columns, Face

    Box = tuple[int, int, int, int]

HEIGHT, PAGES = 64, 8
NARROW, WIDE = 128, 256  # columns of the panels that there are
ALL = (1 << HEIGHT) - 1


def span(top: int, bottom: int) -> int:
    """The dots of a column from row `top` to before row `bottom`."""
    return (1 << max(bottom, 0)) - (1 << max(top, 0))


class Canvas:
    """A dark panel to draw on, `width` columns wide."""

    def __init__(self, width: int = NARROW) -> None:
        self.width = width
        self.columns = [0] * width

    def put(self, x: int, y: int, columns: "Columns") -> None:
        """A picture, its top left dot at (x, y)."""
        mine, width = self.columns, self.width
        for column in columns:
            if column and 0 <= x < width:
                mine[x] |= column << y if y >= 0 else column >> -y
            x += 1

    def text(self, x: int, y: int, text: str, face: "Face", tracking: int = 0) -> None:
        """Text, the top left of its line at (x, y); `tracking` columns more (or less) between glyphs."""
        y -= face.rise
        for char in text:
            columns = face.glyph(char)
            self.put(x, y, columns)
            x += len(columns) + tracking

    def fill(self, box: "Box") -> None:
        """Light every dot of (left, top, right, bottom), the last two outside."""
        dots = span(box[1], box[3])
        for x in range(max(box[0], 0), min(box[2], self.width)):
            self.columns[x] |= dots

    def invert(self, box: "Box") -> None:
        """Turn every dot of a box over."""
        dots = span(box[1], box[3])
        for x in range(max(box[0], 0), min(box[2], self.width)):
            self.columns[x] ^= dots

    def dots(self, x: int, end: int, y: int, step: int = 2) -> None:
        """A dotted line: every other dot of row y, or every `step`th, from x to before end."""
        for i in range(x, end, step):
            self.columns[i] |= 1 << y

    def pages(self) -> bytearray:
        """As an SSD1306 holds them (datasheet 8.7): page p, column x at p * width + x, bit 0 on top."""
        width = self.width
        out = bytearray(width * PAGES)
        for x in range(width):
            column, at = self.columns[x] & ALL, x
            while column:
                out[at] = column & 255
                column >>= 8
                at += width
        return out
