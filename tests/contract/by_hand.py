"""What the tests of the virtual printer share: bytes written by hand on its wire, and a look at the paper."""

import asyncio

from sim.chips.paper import HEAD_DOTS, ROW_BYTES
from sim.chips.thermal import Thermal
from tests.contract.wires import run, wait_ms

LATIN = b"\x1c."  # Chinese printers wake up with Chinese on


def printing(story, **how):
    """Run a story at a printer in virtual time: story(printer, say), where say(bytes) puts them on the wire."""

    async def main():
        printer = Thermal(asyncio.get_running_loop(), **how)
        printer.host.setblocking(False)
        await story(printer, printer.host.send)
        printer.unplug()
        printer.host.close()

    run(main())


def printed(data, **how):
    """What comes of some bytes: the lines, the picture, the refusals."""
    found = []

    async def story(printer, say):
        for i in range(0, len(data), 1000):
            say(data[i : i + 1000])
            await wait_ms(10)
        await wait_ms(60_000)
        found.append((printer.text(), printer.image(), printer.errors))

    printing(story, **how)
    return found[0]


def ink(image, first=0, last=None):
    """Rows and columns of the black dots, as a set."""
    rows = [image[i : i + ROW_BYTES] for i in range(0, len(image), ROW_BYTES)][first:last]
    return {(x, y) for y, row in enumerate(rows) for x in range(HEAD_DOTS) if row[x // 8] >> (7 - x % 8) & 1}


def box(dots):
    """Left, right, top, bottom of the ink."""
    xs, ys = [x for x, _ in dots], [y for _, y in dots]
    return min(xs), max(xs), min(ys), max(ys)
