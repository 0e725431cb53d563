"""The head and the motor of the virtual printer: strips of paper, band by band, in the loop's time."""

import asyncio
from collections import deque
from collections.abc import Callable

from sim.chips.paper import Strip
from sim.chips.roll import Roll

BAND = 30  # rows that the head makes before it looks up: a line of text, 75 ms at 50 mm/s

Rows = Callable[[list[bytes]], None]


class Head:
    """Prints what is queued while `able` says so, and calls `idle` when nothing is queued any more.

    row_s: seconds a row. watchers: called with the rows of each band as it comes out."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, roll: Roll, row_s: float, able: Callable[[], bool], idle: Callable[[], None]
    ):
        self.loop = loop
        self.roll = roll
        self.row_s = row_s
        self.able = able
        self.idle = idle
        self.watchers: list[Rows] = []
        self.strips: deque[Strip] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._made = 0  # rows of the first strip that are on paper

    @property
    def busy(self) -> bool:
        """Something is queued or under way."""
        return bool(self.strips)

    def queue(self, strips: list[Strip]) -> None:
        """Print these next."""
        self.strips.extend(strips)
        self.go()

    def go(self) -> None:
        """Start on the next band, if there is one and nothing forbids it."""
        if self._timer is None and self.strips and self.able():
            band = self.strips[0].rows[self._made : self._made + BAND]
            self._timer = self.loop.call_later(len(band) * self.row_s, self._printed, band)

    def forget(self) -> None:
        """Stop at once; nothing is queued any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.strips.clear()
        self._made = 0

    def _printed(self, band: list[bytes]) -> None:
        self._timer = None
        self._made += len(band)
        self.roll.feed(band)
        if self._made >= len(self.strips[0].rows):
            self.roll.ended(self.strips.popleft())
            self._made = 0
        for watch in self.watchers:
            watch(band)
        self.go()
        if not self.strips:
            self.idle()
