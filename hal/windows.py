"""Which parts of a panel to send: the fewest bytes on the bus that turn the picture it holds into the picture wanted.

Pictures are SSD1306 pages: 8 pages of 128 columns, a byte is eight pixels of one column, bit 0 on top."""

import re
from typing import NamedTuple

WIDTH, PAGES = 128, 8
# A window costs two transfers: address, control byte and the six bytes that set it; address and control byte of its data.
OVERHEAD = 10
FULL = OVERHEAD + WIDTH * PAGES  # 1,034 bytes: no change may cost more
# Changed columns of one page; up to OVERHEAD columns that did not change are cheaper to send again than a second window.
SPAN = re.compile(rb"[^\0](?:\0{0,%d}[^\0])*" % OVERHEAD)


class Window(NamedTuple):
    """Columns left..right of pages top..bottom, all inclusive."""

    left: int
    right: int
    top: int
    bottom: int

    def cost(self) -> int:
        """Bytes on the bus, addresses and control bytes included."""
        return OVERHEAD + (self.right - self.left + 1) * (self.bottom - self.top + 1)

    def hull(self, other: "Window") -> "Window":
        """The smallest window around both."""
        return Window(
            min(self.left, other.left), max(self.right, other.right), min(self.top, other.top), max(self.bottom, other.bottom)
        )

    def cut(self, pages: bytes) -> bytes:
        """Its bytes of a whole picture, in the order that the chip fills a window."""
        rows = range(self.top, self.bottom + 1)
        return b"".join(pages[page * WIDTH + self.left : page * WIDTH + self.right + 1] for page in rows)


WHOLE = Window(0, WIDTH - 1, 0, PAGES - 1)


def changed(held: bytes, wanted: bytes) -> list[Window]:
    """The windows to send; none when the pictures are the same, one of FULL bytes when that is cheapest."""
    spans = changed_spans(held, wanted)
    if len(spans) > FULL // OVERHEAD:
        return [WHOLE]
    windows = joined(spans)
    return [WHOLE] if sum(window.cost() for window in windows) >= FULL else windows


def changed_spans(held: bytes, wanted: bytes) -> list[Window]:
    difference = int.from_bytes(held, "big") ^ int.from_bytes(wanted, "big")
    marks = difference.to_bytes(WIDTH * PAGES, "big")
    return [
        Window(span.start(), span.end() - 1, page, page)
        for page in range(PAGES)
        for span in SPAN.finditer(marks[page * WIDTH : (page + 1) * WIDTH])
    ]


def joined(spans: list[Window]) -> list[Window]:
    """Windows joined wherever one around both costs no more; only neighbours in the order of the pages are tried."""
    windows: list[Window] = []
    for span in spans:
        window = span
        while (partner := cheaper_together(window, windows)) is not None:
            windows.remove(partner)
            window = window.hull(partner)
        windows.append(window)
    return windows


def cheaper_together(window: Window, windows: list[Window]) -> Window | None:
    for other in windows:
        if other.bottom >= window.top - 1 and window.hull(other).cost() <= window.cost() + other.cost():
            return other
    return None
