"""The virtual scanner: types what it reads as a keyboard wedge does, on the US layout, Shift and all."""

import asyncio

from hal.us_layout import ENTER, PLAIN, SHIFTED, SHIFTS
from sim.chips.keyboard import Keyboard

CODES = {char: (code, False) for code, char in reversed(PLAIN.items())}  # reversed: the main block before the number pad
CODES |= {char: (code, True) for code, char in SHIFTED.items() if char not in CODES}


class ScannerChip(Keyboard):
    """Knobs: scan, unplug, plug, prefix, suffix, pace_ms."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("scanner", loop)
        self.prefix = ""  # an AIM prefix such as "]E0", when the scanner is set to send it
        self.suffix = ENTER
        self.pace_ms = 1  # between characters

    def scan(self, text: str) -> None:
        """Read a label. A character that a US keyboard has not is not typed, as real wedges do with Chinese."""
        strokes = [CODES[char] for char in self.prefix + text if char in CODES]
        strokes.append((self.suffix, False))
        for i, (code, shifted) in enumerate(strokes):
            self.loop.call_later(i * self.pace_ms / 1000, self.stroke, code, shifted)

    def stroke(self, code: int, shifted: bool) -> None:
        """One key down and up, with Shift around it if it needs that."""
        if shifted:
            self.edge(SHIFTS[0], True)
        self.edge(code, True)
        self.edge(code, False)
        if shifted:
            self.edge(SHIFTS[0], False)
