"""What one printer is: its paper, its letters, its cutter, its pace. Dots are an eighth of a millimetre (203 dpi)."""

from typing import NamedTuple

DOTS_A_MM = 8
COLUMN_DOTS = 12  # a letter of font A
HEADS = {58: 384, 80: 576}  # width of the roll in mm -> dots that the head can print
LETTERS = ("gbk", "latin")  # "latin": code pages alone, no Chinese in its ROM
# of python-escpos's table, those with letters of 12 dots on such a head; each has code pages of its own. "simple" has CP437.
PROFILES = (
    "default",
    "simple",
    "KR-306",
    "NT-5890K",
    "NT-80-V-UL",
    "POS-5890",
    "RP-F10-80mm",
    "Sunmi-V2",
    "TM-L90",
    "TM-T20II",
    "ZJ-5870",
)


class Model(NamedTuple):
    """profile: one of PROFILES. width_mm: of the roll, a key of HEADS. letters: one of LETTERS. cutter: it has one.
    paced: nothing holds us up when its buffer is full. mm_per_s: how fast its head is, rather too slow than too fast."""

    profile: str = "default"
    width_mm: int = 58
    letters: str = "gbk"
    cutter: bool = False
    paced: bool = False
    mm_per_s: int = 50

    @property
    def chinese(self) -> bool:
        """It has the characters of GBK."""
        return self.letters == "gbk"

    @property
    def columns(self) -> int:
        """Letters on a line: 32 or 48."""
        return HEADS[self.width_mm] // COLUMN_DOTS

    @property
    def dots_per_s(self) -> int:
        """Rows that the head makes in a second."""
        return self.mm_per_s * DOTS_A_MM
