"""The battery on the bench: what is in it, and the gauge that a board reads it off."""

from collections.abc import Callable

from hal.power import STOP_PERCENT, Battery


class Cell:
    """The battery, which nothing charges. percent: what is in it; moved: called when that is another."""

    percent = 78

    def __init__(self) -> None:
        self.moved: Callable[[], None] = lambda: None

    def fill(self, percent: int) -> None:
        self.percent = percent
        self.moved()


class Gauge(Battery):
    """What a board reads off the cell, as soon as there is something to read."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self._cell = cell
        cell.moved = self.look
        self.look()

    def battery(self) -> int:
        return self._cell.percent

    def look(self) -> None:
        if self._cell.percent <= STOP_PERCENT:
            self._end(self.EMPTY)
