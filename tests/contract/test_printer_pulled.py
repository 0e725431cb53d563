"""The printer driver's contract when its cable is pulled in the middle of a block: what is lost is known, and nothing of what
comes after is. In a running till: tests/flows/test_replug_kinds.py."""

import asyncio

import pytest

from hal.ports.board import Printer
from hal.ports.faults import PrinterGone
from hal.ports.slip import Line, Qr
from hal.printer import EscposPrinter
from hal.printer_model import Model
from hal.serial_port import Port, PortGone
from hal.worker import Inline
from sim.chips.thermal import Thermal
from tests.contract.cables import PRINTER, cable
from tests.contract.nodes import through_nodes
from tests.contract.printing import sent
from tests.contract.wires import Notes, run, wait_ms


@pytest.mark.parametrize("back", [False, True])
def test_a_cable_pulled_while_the_head_works_may_have_taken_the_end_and_that_is_known(back):
    """All had been sent, but the printer's buffer is small. back: it is in again before anybody could look."""

    async def main():
        chip = Thermal(asyncio.get_running_loop(), size=64)
        line = cable(chip, PRINTER)
        driver = EscposPrinter(Port(None, reopen=line.open), Notes(), Inline())
        assert await driver.status() == Printer.OK
        printing = asyncio.create_task(driver.print([Line(f"line {i}") for i in range(20)]))
        await wait_ms(500)
        line.unplug()
        if back:
            line.plug()
        with pytest.raises(PrinterGone):
            await printing
        line.plug()
        await wait_ms(5000)
        assert "line 19" not in chip.text(), "or this proves nothing"
        assert await driver.status() == Printer.OK
        await driver.print([Line("again")])
        assert chip.text()[-1] == "again"
        chip.unplug()
        line.close()

    run(main())


class Scissors(Port):
    """A port whose cable is pulled when so many bytes more have gone down it; None: it stays in."""

    left = None

    async def write(self, data, timeout_ms):
        if self.left is not None and len(data) >= self.left:
            data, self.left = data[: self.left], None
            await super().write(data, timeout_ms)
            await wait_ms(10)  # they arrive
            self.close()
            raise PortGone("pulled out")
        if self.left is not None:
            self.left -= len(data)
        await super().write(data, timeout_ms)


def test_a_command_that_a_pulled_cable_cut_in_two_takes_nothing_of_the_next_block():
    """Cut after each of its bytes: letters of one byte and of two, commands with a value, a code."""
    block = [Line("茶 Tea", "2.00", bold=True), Qr("HTTPS://BRW.IO/P/7K3F9Q2M")]
    size = len(sent(block))

    async def main():
        chip = Thermal(asyncio.get_running_loop(), mm_per_s=5000)
        line = cable(chip, PRINTER)
        port = Scissors(None, reopen=line.open)
        driver = EscposPrinter(port, Notes(), Inline(), Model(mm_per_s=5000))
        for at in range(1, size, 10 if through_nodes() else 1):
            port.left = at
            with pytest.raises(PrinterGone):
                await driver.print(block)
            assert await driver.status() == Printer.OK
            await driver.print([Line(f"line {i} of {at}", "1.00") for i in range(9)])
            assert [text.split()[:4] for text in chip.text()[-9:]] == [["line", str(i), "of", str(at)] for i in range(9)]
        chip.unplug()
        port.close()
        line.close()

    run(main())
