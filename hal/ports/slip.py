"""Paper as data: what a receipt says, block by block, in text columns; the printer's own letters do the rest.

A block is the unit of resuming: the printer's status is asked between blocks, and a block that may have been cut short by
the end of a roll is printed again, so a line may stand twice and none is lost."""

COLUMNS = 32  # of a 58 mm head, the narrowest: 384 dots, 12 a letter; a Chinese character takes two. 80 mm have 48

LEFT, CENTRE = "left", "centre"


def columns(text: str) -> int:
    """How many columns a text takes on paper: two for anything from U+1100 up, as in GBK, one for the rest."""
    return sum(2 if ord(c) >= 0x1100 else 1 for c in text)


class Line:
    """One line: `left` from the margin (or centred), `right` against the other one. big: double width and height."""

    def __init__(self, left: str, right: str = "", bold: bool = False, big: bool = False, align: str = LEFT):
        self.left = left
        self.right = right
        self.bold = bold
        self.big = big
        self.align = align


class Rule:
    """A line across the paper."""


class Qr:
    """A code, drawn by the printer itself, centred."""

    def __init__(self, text: str):
        self.text = text


class Feed:
    """Blank lines."""

    def __init__(self, lines: int):
        self.lines = lines


class Cut:
    """The end of a slip: fed past the tear bar, and cut where there is a cutter."""


class Slip:
    """A whole slip. no: the receipt it belongs to (0 for none), copy: 0 the first, 1.. duplicates."""

    def __init__(self, no: int, copy: int, blocks: "list[list[Line | Rule | Qr | Feed | Cut]]"):
        self.no = no
        self.copy = copy
        self.blocks = blocks
