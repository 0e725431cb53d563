"""The virtual scanner: types what it reads as a keyboard wedge does, Shift and AltGr and all."""

import asyncio

from hal.layouts import ALT_GR, ENTER, LAYOUTS, SHIFTS, SPACE
from sim.chips.keyboard import Keyboard


class ScannerChip(Keyboard):
    """Knobs: scan, unplug, plug, prefix, suffix, pace_ms, layout."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("scanner", loop)
        self.layout = "us"
        self.prefix = ""  # an AIM prefix such as "]E0", when the scanner is set to send it
        self.suffix = ENTER  # 0 for none
        self.pace_ms = 1  # between characters

    def scan(self, text: str) -> None:
        """Read a label. A character that its keyboard has not is not typed, as real wedges do with Chinese."""
        strokes = self.strokes(self.prefix + text) + [(self.suffix, 0)] * (self.suffix > 0)
        for i, (code, held) in enumerate(strokes):
            self.loop.call_later(i * self.pace_ms / 1000, self.stroke, code, held)

    def strokes(self, text: str) -> list[tuple[int, int]]:
        """Scan code and the key that is held with it, 0 for none."""
        layout = LAYOUTS[self.layout]
        found = []
        for char in text:
            for table, held in ((layout.plain, 0), (layout.shifted, SHIFTS[0]), (layout.alt_gr, ALT_GR)):
                codes = sorted(code for code, typed in table.items() if typed == char)
                if codes:
                    found.append((codes[0], held))
                    break
            if char in layout.dead:
                found.append((SPACE, 0))
        return found

    def stroke(self, code: int, held: int) -> None:
        """One key down and up, with another around it if it needs that."""
        if held:
            self.edge(held, True)
        self.edge(code, True)
        self.edge(code, False)
        if held:
            self.edge(held, False)
