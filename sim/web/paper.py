"""The paper as the page shows it: a strip that hangs in the slot, and a tray with the slips that came before it.

A slip that was cut still hangs where one can read it; the next one pushes it into the tray, or a hand takes it there."""

import base64
from typing import Any

from sim.chips.roll import Roll, Torn

TRAY = 12  # slips that lie in it at most


class Paper:
    """What of a printer's roll hangs, and what lies in the tray. Slips are counted as the roll counts them."""

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self.cleared = 0  # slips before this one were thrown away
        self.taken = 0  # slips before this one were taken off by a hand

    @property
    def number(self) -> int:
        """Of the slip that hangs."""
        last = len(self.roll.slips) - 1
        cut = last > self.taken and not self.roll.slips[last].rows
        hangs = cut and self.roll.slips[last - 1].across == self.roll.across  # another printer has no slip of the last one
        return last - 1 if hangs else last

    @property
    def strip(self) -> Torn:
        """What hangs."""
        return self.roll.slips[self.number]

    def rows(self, first: int, count: int) -> bytes:
        """Rows of the hanging strip."""
        size = self.row_bytes
        return bytes(self.strip.rows[first * size : (first + count) * size])

    @property
    def row_bytes(self) -> int:
        """Of the hanging strip: 48 or 72."""
        return self.strip.across // 8

    def tear(self) -> None:
        """A hand takes off what hangs."""
        self.roll.tear()
        self.taken = len(self.roll.slips) - 1

    def clear(self) -> None:
        """Throw away what lies in the tray."""
        self.cleared = self.number

    def tray(self) -> list[Torn]:
        """Oldest first."""
        return [slip for slip in self.roll.slips[self.cleared : self.number] if slip.rows][-TRAY:]


def told_slip(slip: Torn) -> dict[str, Any]:
    """A slip in the tray for a page: its lines, its rows in base64, dots across."""
    return {"text": slip.lines, "dots": slip.across, "rows": base64.b64encode(slip.rows).decode("ascii")}
