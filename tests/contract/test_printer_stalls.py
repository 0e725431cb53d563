"""The printer driver's contract when the printer takes no bytes for a while, and says nothing of it: each block comes out once,
or as it was begun and once whole, however often the print task has sent it meanwhile."""

import asyncio
import fcntl
import os
import socket
import struct
import termios
from types import SimpleNamespace

import pytest

from hal.ports.board import Printer
from hal.ports.faults import PrinterGone
from hal.ports.slip import Cut, Line, Qr
from hal.printer import EscposPrinter
from hal.printer_model import Model
from hal.serial_port import Port, PortGone, PortStalled
from hal.worker import Inline
from sim.chips.thermal import Thermal
from tests.contract.printing import print_task, printed, sent
from tests.contract.wires import Notes, run, wait_ms

BLOCK = [Line("茶 Tea", "2.00", bold=True), Qr("HTTPS://BRW.IO/P/7K3F9Q2M"), Line("Thanks")]
ROUNDS = 20
AGAIN_S = 2  # as firmware/flows/paper.py pauses


class Stuck(Port):
    """takes: so many bytes more, and then none; None: all. gone: the next write finds the cable pulled."""

    takes, gone = None, False

    async def write(self, data, timeout_ms):
        if self.gone:
            self.gone = False
            self.close()
            raise PortGone("pulled out")
        taken = len(data) if self.takes is None else min(self.takes, len(data))
        if self.takes is not None:
            self.takes -= taken
        await super().write(data[:taken], timeout_ms)
        if taken < len(data):
            await asyncio.sleep(timeout_ms / 1000)
            raise PortStalled(taken, len(data))


class Stand:
    """A driver at a printer that never answers, and a port that can be stuck."""

    def __init__(self, **how):
        self.chip = Thermal(asyncio.get_running_loop(), mm_per_s=5000)
        self.chip.silent = True
        self.port = Stuck(None, reopen=self.plug)
        self.driver = EscposPrinter(self.port, Notes(), Inline(), Model(mm_per_s=5000, **how))

    def plug(self):
        self.chip.plug()
        return socket.socket(fileno=self.chip.host.detach())

    async def tries(self, rounds=ROUNDS):
        """The block is sent as the print task does it."""
        for _ in range(rounds):
            assert await self.driver.status() == Printer.UNKNOWN
            with pytest.raises(PrinterGone):
                await self.driver.print(BLOCK)
            await asyncio.sleep(AGAIN_S)

    async def ends(self):
        """What is on the paper once the printer takes all again."""
        self.port.takes = None
        assert await self.driver.status() == Printer.UNKNOWN
        await self.driver.print(BLOCK)
        await wait_ms(1000)
        self.chip.unplug()
        self.port.close()
        assert self.chip.errors == []
        return self.chip.text()


def test_a_slip_that_waits_for_a_printer_that_takes_nothing_comes_out_once():
    """The print task of the firmware: after 20 rounds the printer takes bytes again."""

    async def main():
        stand = Stand()
        blocks = [[Line("TEA"), Line("Coffee")], [Line("Thanks"), Cut()]]
        task = print_task(stand.driver, SimpleNamespace(blocks=blocks))
        running = asyncio.create_task(task.run())
        await wait_ms(1000)
        stand.port.takes = 0
        task.submit({"no": 1})
        await wait_ms(ROUNDS * 8000)
        assert task.waiting is not None and task.waiting.why == Printer.ERROR
        stand.port.takes = None
        await wait_ms(10_000)
        assert task.waiting is None
        assert stand.chip.text() == ["TEA", "Coffee", "Thanks"] and stand.chip.errors == []
        running.cancel()
        stand.chip.unplug()
        stand.port.close()

    run(main())


def test_a_block_that_was_begun_ends_and_comes_once_more():
    """Wherever it was held up: after none of its bytes, in a command, in a letter of two bytes, behind the last but one."""
    whole = printed(BLOCK).text()

    async def main(at):
        stand = Stand()
        await stand.driver.status()
        stand.port.takes = 3 + at  # a question is 3
        await stand.tries()
        assert await stand.ends() == (whole * 2 if at else whole), at

    for at in range(len(sent(BLOCK))):
        run(main(at))


def test_of_a_paced_block_only_the_piece_that_was_begun_ends():
    whole = printed(BLOCK).text()

    async def main(at):
        stand = Stand(paced=True)
        await stand.driver.status()
        stand.port.takes = 3 + at
        await stand.tries()
        came = await stand.ends()
        begun = len(came) - len(whole)
        assert came == whole[:begun] + whole, at
        return begun

    begun = [run(main(at)) for at in range(len(sent(BLOCK)))]
    assert begun == sorted(begun) and set(begun) == {0, 1, 2, 3}


def test_what_fills_up_a_cut_command_is_still_owed_after_a_stall():
    """A cable is pulled in the middle of a code; in again, the printer takes a few of the NULs and then nothing for long."""
    whole, cut = printed(BLOCK).text(), sent(BLOCK).index(b"HTTPS")

    async def main(taken):
        stand = Stand()
        await stand.driver.status()
        stand.port.takes = 3 + cut
        await stand.tries(1)
        stand.port.takes, stand.port.gone = None, True
        await stand.driver.status()
        stand.port.takes = taken
        await stand.tries()
        assert (await stand.ends())[-len(whole) :] == whole

    for taken in range(0, 60, 7):
        run(main(taken))


# -- a port whose kernel takes all, and whose wire carries nothing


class Kernel:
    """What a serial driver holds, at the far end of a socket pair, until the wire carries it. carries: so many bytes more;
    None: all. drops: it can forget them (usb-serial cannot)."""

    def __init__(self, monkeypatch, drops=True):
        self.near, self.far = socket.socketpair()
        self.far.setblocking(False)
        self.carries, self.drops = None, drops
        self.wire = b""
        monkeypatch.setattr("hal.serial_port._waiting_out", lambda fd: self.held())
        monkeypatch.setattr("hal.serial_port.drop_unsent", lambda fd: self.forget())

    def waiting(self):
        return struct.unpack("i", fcntl.ioctl(self.far, termios.FIONREAD, bytes(4)))[0]

    def held(self):
        size = self.waiting() if self.carries is None else min(self.carries, self.waiting())
        if size:
            self.wire += self.far.recv(size)
        if self.carries is not None:
            self.carries -= size
        return self.waiting()

    def forget(self):
        if self.drops and self.waiting():
            self.far.recv(self.waiting())

    def port(self):
        return Port(self.near, baud=9600)

    def close(self):
        self.near.close()
        self.far.close()


@pytest.mark.parametrize("carried", [0, 1, 50, 95])
def test_a_wire_that_stands_still_costs_the_time_and_no_more(monkeypatch, carried):
    async def main():
        kernel, loop = Kernel(monkeypatch), asyncio.get_running_loop()
        port, data = kernel.port(), os.urandom(96)
        kernel.carries = carried
        with pytest.raises(PortStalled) as stalled:
            await port.write(data, 500)
        assert loop.time() == pytest.approx(0.6), "a tenth of a second for the wire itself"
        assert stalled.value.sent == carried and kernel.wire == data[:carried]
        kernel.carries = None
        await port.write(data[carried:], 500)
        assert kernel.wire == data
        kernel.close()

    run(main())


def test_a_wire_that_is_only_slow_is_waited_for(monkeypatch):
    async def main():
        kernel, loop = Kernel(monkeypatch), asyncio.get_running_loop()
        kernel.carries = 0
        loop.call_later(0.55, setattr, kernel, "carries", None)
        await kernel.port().write(b"x" * 96, 500)
        assert 0.55 <= loop.time() <= 0.6
        kernel.close()

    run(main())


def test_behind_bytes_that_no_driver_forgets_nothing_is_written(monkeypatch):
    """Or each try would be in the kernel, and on paper, once more."""

    async def main():
        kernel, loop = Kernel(monkeypatch, drops=False), asyncio.get_running_loop()
        port = kernel.port()
        kernel.carries = 10
        for sent_of_it in (96, 0, 0, 0):
            with pytest.raises(PortStalled) as stalled:
                await port.write(b"x" * 96, 500)
            assert stalled.value.sent == sent_of_it
        assert loop.time() == pytest.approx(2.1)
        kernel.carries = None
        await port.write(b"y", 500)
        assert kernel.wire == b"x" * 96 + b"y"
        kernel.close()

    run(main())


@pytest.mark.parametrize(("drops", "carried", "copies"), [(True, 0, 1), (True, 5, 2), (False, 0, 2), (False, 5, 2)])
def test_without_paper_a_printer_that_holds_up_its_line_leaves_a_slip_that_waits(monkeypatch, drops, carried, copies):
    """rtscts or xonxoff: it takes no bytes, not even a question, until there is paper."""

    async def main():
        kernel = Kernel(monkeypatch, drops)
        driver = EscposPrinter(kernel.port(), Notes(), Inline())
        task = print_task(driver, SimpleNamespace(blocks=[[Line("TEA"), Cut()]]))
        running = asyncio.create_task(task.run())
        await wait_ms(1000)
        kernel.carries = 3 + carried  # the question before the slip
        task.submit({"no": 1})
        await wait_ms(15_000)
        assert task.waiting is not None and task.waiting.why == Printer.ERROR
        await wait_ms(ROUNDS * 8000)
        kernel.carries = None
        await wait_ms(15_000)
        assert task.waiting is None
        assert kernel.wire.count(b"TEA") == copies
        running.cancel()
        kernel.close()

    run(main())
