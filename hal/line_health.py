"""One line among several, and how it has been: what it did decides how long it rests when it lets us down."""

from hal.caller import Line

FIRST_REST_MS, LONGEST_REST_MS = 15_000, 900_000
LONGEST_DEAF_MS = 60_000  # a knock costs a free line nothing
STEADY_MS = 120_000  # a session that held so long is a new beginning: what the line did before is forgotten


class Member:
    """One line, and how it has been. rest_until, greeted, up: clock.now_ms(); up: since when, -1 when down."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.name = "4g" if line.cost else "wifi"  # as long as it is off, what it would be
        self.faults = 0
        self.rest_until = 0
        self.greeted = 0
        self.opened = False  # a broker answered since it last failed
        self.up = -1
        self.trouble = ""  # Ways.PORTAL or SILENT

    def failed(self, now: int) -> int:
        """Rest, and longer than the last time: so many ms. Whoever opens, and then lets us down, rests longest."""
        held = self.greeted and now - self.greeted >= STEADY_MS
        self.faults = 1 if held else self.faults + 1
        rest = min(FIRST_REST_MS << min(self.faults - 1, 10), LONGEST_REST_MS if self.opened else LONGEST_DEAF_MS)
        self.greeted = 0
        self.opened = False
        self.rest_until = now + rest
        return rest

    def well(self, now: int) -> None:
        """A broker greeted us."""
        self.greeted = now
        self.opened = True
        self.rest_until = 0
        self.trouble = ""
