"""What the tests of the printer share: the real driver and the virtual printer at the two ends of one wire."""

import asyncio
from types import SimpleNamespace

from firmware.flows.paper import Paper
from hal.ports.slip import CENTRE, Cut, Line
from hal.printer import EscposPrinter
from hal.printer_model import Model
from hal.serial_port import Port
from hal.worker import Inline
from sim.chips.thermal import Thermal
from tests.contract.cables import PRINTER, cable
from tests.contract.wires import Notes, run, wait_ms


def driven(story, baud=0, size=512, keeps=True, **how):
    """Run story(driver, chip) in virtual time, both at the ends of one wire. The chip must have understood every byte.

    how: of the printer's Model. size: of its buffer, where it is paced. keeps: it keeps that when it stops."""

    async def main():
        model = Model(**how)
        chip = Thermal(
            asyncio.get_running_loop(),
            baud=baud,
            keeps=keeps,
            width_mm=model.width_mm,
            letters=model.letters,
            **({"flow": "paced", "size": size} if model.paced else {}),
        )
        line = cable(chip, PRINTER)
        port = Port(line.open(), baud=baud)
        await story(EscposPrinter(port, Notes(), Inline(), model), chip)
        await wait_ms(60_000)
        assert chip.errors == [] and chip.dropped == 0
        chip.unplug()
        port.close()
        line.close()

    run(main())


def printed(block, **how):
    """The chip that has printed a block."""
    chips = []

    async def story(driver, chip):
        await driver.print(block)
        chips.append(chip)

    driven(story, **how)
    return chips[0]


def lines(*block, **how):
    return printed(list(block), **how).text()


def sent(block):
    """The bytes of a block."""
    seen = []

    async def story(driver, chip):
        chip.uart.take = seen.append
        await driver.print(block)

    driven(story)
    return b"".join(seen)


def receipt(count):
    """The blocks of a slip of so many lines."""
    return [[Line(f"Item {i} 茶", "3.50") for i in range(first, first + 6)] for first in range(0, count - 2, 6)] + [
        [Line("TOTAL", "91.00", bold=True), Line("Thank you", align=CENTRE), Cut()]
    ]


def print_task(driver, slip):
    """The firmware's print task with a board and journal of cardboard around it."""

    async def append(kind, no, body):
        return 1

    clock = SimpleNamespace(utc_s=lambda: 0, offset_s=lambda: 0, trusted=lambda: False)
    light = SimpleNamespace(set=lambda lamp, on: None)
    board = SimpleNamespace(printer=driver, log=Notes(), light=light, clock=clock)
    rollup = SimpleNamespace(slip_due=None, next_copy=lambda no: 0)
    made = Paper(board, None, SimpleNamespace(append=append), rollup, lambda: None)

    async def compose(job):
        return slip.blocks

    made._compose = compose
    return made
