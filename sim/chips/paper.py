"""What stands on thermal paper, 384 dots across or 576: letters set into lines as a printer's ROM does it.

A row is 48 bytes or 72, most significant bit at the left, 1 is black. 8 dots are 1 mm."""

from dataclasses import dataclass

import segno

from sim.chips.escpos import Command
from sim.chips.letters import letter

HEAD_DOTS = 384  # of a 58 mm roll
ROW_BYTES = HEAD_DOTS // 8
HEADS = {58: HEAD_DOTS, 80: 576}  # width of the roll in mm
CUTTER_DOTS = 96  # from the head to the blade
LINE_DOTS = 30  # line spacing at power on
MASK = 0  # of eight that a code may have (ISO/IEC 18004 7.8): this ROM does not weigh them, which takes four times as long
TEAR_LINES = 4  # a feed of so many lines reaches the tear bar, and there a hand tears the slip off


@dataclass
class Strip:
    """Paper that the head makes in one go: one line of text, a code or a feed. text: None where nothing can be read."""

    rows: list[bytes]
    text: str | None = None
    ends_slip: bool = False


class Carriage:
    """Sets letters into lines of so many dots. `size` is (wide, high); Chinese characters heed GS ! but not ESC !."""

    def __init__(self, dots: int) -> None:
        self.dots = dots
        self.reset()

    def reset(self) -> None:
        """As after ESC @."""
        self.align = 0
        self.bold = False
        self.size = (1, 1)
        self.chinese_size = (1, 1)
        self.clear()

    def clear(self) -> None:
        """Forget the line under way."""
        self.chars = ""
        self.cells: list[tuple[tuple[int, ...], int]] = []
        self.width = 0

    def apply(self, command: Command) -> list[Strip]:
        """The strips that a command finishes. Raises ValueError for a code that the head is too narrow for."""
        name, value = command.name, command.value
        if name == "char":
            return self.put(command.text, value == 1)
        if name == "line":
            return [self.line()]
        if name == "feed_lines":
            return self.pending() + [Strip(self.blank(value * LINE_DOTS), ends_slip=value >= TEAR_LINES)]
        if name == "feed_dots":
            return self.pending() + [Strip(self.blank(value))]
        if name == "qr":
            return self.pending() + [self.code(command)]
        if name == "cut":
            return self.pending() + [Strip(self.blank(value + CUTTER_DOTS if command.text else 0), ends_slip=True)]
        self.style(name, value)
        return []

    def style(self, name: str, value: int) -> None:
        """What the letters from here on look like."""
        if name == "reset":
            self.reset()
        elif name == "align" and not self.cells:
            self.align = value % 48
        elif name == "bold":
            self.bold = bool(value & 1)
        elif name == "size":
            self.size = self.chinese_size = ((value >> 4) + 1, (value & 7) + 1)
        elif name == "mode":
            self.bold = bool(value & 8)
            self.size = (2 if value & 32 else 1, 2 if value & 16 else 1)

    def put(self, char: str, narrow: bool) -> list[Strip]:
        """One more letter; the line before it where the head's width is used up."""
        rows, width = letter(char, narrow, self.bold, *(self.size if narrow else self.chinese_size))
        full = [self.line()] if self.width + width > self.dots else []
        self.chars += char
        self.cells.append((rows, width))
        self.width += width
        return full

    def pending(self) -> list[Strip]:
        """The line under way: a feed prints it."""
        return [self.line()] if self.cells else []

    def line(self) -> Strip:
        """The line so far, at its place, letters of all sizes on one foot."""
        high = max([len(rows) for rows, _ in self.cells] or [0])
        indent = self.indent(self.width)
        packed = []
        for y in range(max(high, LINE_DOTS)):
            bits = 0
            for rows, width in self.cells:
                at = y - (high - len(rows))
                bits = bits << width | (rows[at] if 0 <= at < len(rows) else 0)
            packed.append(self.row(bits, self.width, indent))
        strip = Strip(packed, " " * (indent // 12) + self.chars.rstrip())
        self.clear()
        return strip

    def code(self, command: Command) -> Strip:
        """A QR code at its place. Raises ValueError where the head is too narrow for it."""
        dots = command.value
        matrix = segno.make_qr(command.text, error=command.level, boost_error=False, mask=MASK).matrix
        width = len(matrix) * dots
        if width > self.dots:
            raise ValueError(f"a code of {width} dots on a head of {self.dots}")
        rows = []
        for modules in matrix:
            bits = 0
            for module in modules:
                bits = bits << dots | ((1 << dots) - 1 if module else 0)
            rows += [self.row(bits, width, self.indent(width))] * dots
        return Strip(rows, f"[QR {command.text}]")

    def indent(self, width: int) -> int:
        """Dots at the left of what is `width` dots wide."""
        return (0, (self.dots - width) // 2, self.dots - width)[self.align]

    def row(self, bits: int, width: int, indent: int) -> bytes:
        """A row of the head from `width` bits that start `indent` dots from the left."""
        return (bits << (self.dots - width - indent)).to_bytes(self.dots // 8, "big")

    def blank(self, rows: int) -> list[bytes]:
        """White paper."""
        return [bytes(self.dots // 8)] * rows
