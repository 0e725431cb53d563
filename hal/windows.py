"""Which parts of a panel to send: the fewest bytes on its wire that turn the picture it holds into the picture wanted.

A picture lies as its chip keeps it: rows of cells, a cell one or two bytes (hal/panels.py says which)."""

import re
from functools import lru_cache
from typing import NamedTuple


class Window(NamedTuple):
    """Columns left..right of rows top..bottom, all inclusive."""

    left: int
    right: int
    top: int
    bottom: int

    def hull(self, other: "Window") -> "Window":
        """The smallest window around both."""
        return Window(
            min(self.left, other.left), max(self.right, other.right), min(self.top, other.top), max(self.bottom, other.bottom)
        )


class Raster(NamedTuple):
    """How a chip is filled: `rows` of `columns` cells of `cell` bytes (1 or 2).

    overhead: bytes on the wire that a window costs beside its cells. tall: a window may be more than one row high."""

    columns: int
    rows: int
    cell: int
    overhead: int
    tall: bool

    def whole(self) -> list[Window]:
        """Every cell."""
        if self.tall:
            return [Window(0, self.columns - 1, 0, self.rows - 1)]
        return [Window(0, self.columns - 1, row, row) for row in range(self.rows)]

    def cost(self, windows: list[Window]) -> int:
        """Bytes on the wire."""
        return sum(self.overhead + cells(window) * self.cell for window in windows)

    def full(self) -> int:
        """Bytes of a whole picture; no change costs more."""
        return self.cost(self.whole())

    def cut(self, picture: bytes, window: Window) -> bytes:
        """A window's bytes of a whole picture, in the order that the chip fills it."""
        start, end, line = window.left * self.cell, (window.right + 1) * self.cell, self.columns * self.cell
        return b"".join(picture[row * line + start : row * line + end] for row in range(window.top, window.bottom + 1))


def cells(window: Window) -> int:
    return (window.right - window.left + 1) * (window.bottom - window.top + 1)


def changed(raster: Raster, held: bytes, wanted: bytes) -> list[Window]:
    """The windows to send; none when the pictures are the same, the whole when that is cheapest."""
    if held == wanted:
        return []
    spans = changed_spans(raster, held, wanted)
    windows = joined(raster, spans) if raster.tall else spans
    return raster.whole() if raster.cost(windows) >= raster.full() else windows


def changed_spans(raster: Raster, held: bytes, wanted: bytes) -> list[Window]:
    """Windows of one row, from the top."""
    difference = int.from_bytes(held, "big") ^ int.from_bytes(wanted, "big")
    if raster.cell == 2:
        difference |= difference >> 8  # the second byte of a cell speaks for both
    marks = difference.to_bytes(len(held), "big")[raster.cell - 1 :: raster.cell]
    pattern, columns = span_pattern(raster.overhead // raster.cell), raster.columns
    return [
        Window(span.start(), span.end() - 1, row, row)
        for row in range(raster.rows)
        for span in pattern.finditer(marks[row * columns : (row + 1) * columns])
    ]


@lru_cache(maxsize=8)
def span_pattern(gap: int) -> "re.Pattern[bytes]":
    """Changed cells of one row; up to `gap` that did not change are no dearer to send again than a second window."""
    return re.compile(rb"[^\0](?:\0{0,%d}[^\0])*" % gap)


def joined(raster: Raster, spans: list[Window]) -> list[Window]:
    """Windows joined wherever one around both costs no more; what ended above the row before is left alone."""
    done: list[Window] = []
    near: list[Window] = []
    for span in spans:
        done += [window for window in near if window.bottom < span.top - 1]
        near = [window for window in near if window.bottom >= span.top - 1]
        window = span
        while (partner := cheaper_together(raster, window, near)) is not None:
            near.remove(partner)
            window = window.hull(partner)
        near.append(window)
    return done + near


def cheaper_together(raster: Raster, window: Window, near: list[Window]) -> Window | None:
    for other in near:
        if cells(window.hull(other)) * raster.cell <= raster.overhead + (cells(window) + cells(other)) * raster.cell:
            return other
    return None
