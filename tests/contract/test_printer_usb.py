"""A printer at a USB line printer's node: with a way back or without, and what its class's status byte says. usblp itself is
not here: a socket pair stands for a node with two ways, a pipe for one with one, an ioctl that we hand in for its status."""

import asyncio
import errno
import os
import socket
import threading

import pytest

from hal.ports.board import Printer
from hal.ports.faults import PrinterGone
from hal.ports.slip import Cut, Line
from hal.printer import EscposPrinter
from hal.printer_board import Wired
from hal.printer_model import Model
from hal.printer_usb import LPGETSTATUS, UsbPort
from hal.serial_port import PortGone
from hal.worker import Inline, Thread
from sim.chips.thermal import Thermal
from tests.contract import second_reader
from tests.contract.wires import Notes, run

PATIENCE_S = 5


class End:
    """A descriptor as a node's owner has it."""

    def __init__(self, fd):
        self.fd = fd

    def fileno(self):
        return self.fd

    def close(self):
        os.close(self.fd)


def saying(byte):
    """The ioctl of a printer whose status byte is this."""

    def ioctl(fd, request, into):
        if request != LPGETSTATUS:
            raise OSError(errno.ENOTTY, "not a request of usblp")
        into[0] = byte
        return 0

    return ioctl


def dumb(fd, request, into):
    raise OSError(errno.EIO, "it stalls")


def driver_of(port):
    return EscposPrinter(port, Notes(), Inline(), trouble=port.trouble)


def test_one_with_a_way_back_answers_like_any_other():
    async def story():
        chip = Thermal(asyncio.get_running_loop())
        port = UsbPort(lambda: End(chip.host.detach()), saying(0x18))
        driver = driver_of(port)
        assert await driver.status() == Printer.OK
        await driver.print([Line("Coffee", "3.50"), Cut()])
        chip.paper = "out"
        assert await driver.status() == Printer.OUT
        assert chip.text() == ["Coffee                      3.50"] and chip.errors == []
        port.close()
        chip.unplug()

    run(story())


@pytest.mark.parametrize(
    ("byte", "word"),
    [(0x18, Printer.UNKNOWN), (0x38, Printer.OUT), (0x30, Printer.OUT), (0x10, Printer.ERROR), (0x00, Printer.ERROR)],
)
def test_one_without_a_way_back_prints_and_is_asked_for_its_classs_byte(byte, word):
    """0x18 is what a printer says that cannot tell (USB printer class 1.1, 4.2.2): nothing is known then."""

    async def story():
        out, node = os.pipe()
        port = UsbPort(lambda: End(node), saying(byte))
        driver = driver_of(port)
        start = asyncio.get_running_loop().time()
        assert await driver.status() == word
        assert asyncio.get_running_loop().time() - start < 0.5
        await driver.print([Line("Coffee", "3.50"), Cut()])
        sent = os.read(out, 4096)
        assert second_reader.read(sent[sent.index(b"\x1b@") :]).rows[0].text == "Coffee                      3.50"
        os.close(out)
        assert await driver.status() == Printer.UNKNOWN, "pulled out"
        with pytest.raises(PrinterGone):
            await driver.print([Line("x")])

    run(story())


@pytest.mark.parametrize("fault", [errno.ENODEV, errno.ENOTTY])
def test_a_cable_pulled_while_the_head_works_may_have_taken_the_end_and_that_is_known(fault):
    """A node says so by ENODEV, in answer to anything. The printer itself, which may be stuck, is not asked."""

    async def story():
        out, node = os.pipe()
        pulled = False

        def ioctl(fd, request, into):
            assert request != LPGETSTATUS
            raise OSError(fault if pulled else errno.ENOTTY, "no answer")

        driver = driver_of(UsbPort(lambda: End(node), ioctl))
        printing = asyncio.create_task(driver.print([Line("Coffee", "3.50"), Cut()]))
        await asyncio.sleep(0.05)
        pulled = True
        if fault == errno.ENODEV:
            with pytest.raises(PrinterGone):
                await printing
        else:
            await printing
            os.close(node)
        os.close(out)

    run(story())


def test_one_that_takes_nothing_more_says_why_by_its_class():
    """Out of paper it leaves our bytes with the host controller, and our question behind them."""

    async def story():
        out, node = os.pipe()
        os.set_blocking(node, False)
        while True:
            try:
                os.write(node, bytes(4096))
            except BlockingIOError:
                break
        port = UsbPort(lambda: End(node), saying(0x38))
        assert await driver_of(port).status() == Printer.OUT
        port.close()
        os.close(out)

    run(story())


def test_one_whose_class_is_silent_too_is_unknown():
    async def story():
        out, node = os.pipe()
        port = UsbPort(lambda: End(node), dumb)
        assert await driver_of(port).status() == Printer.UNKNOWN
        port.close()
        os.close(out)

    run(story())


def test_one_that_is_stuck_keeps_nobody_waiting():
    """The kernel waits seconds for the status byte of its class, and the loop goes on."""

    async def story():
        out, node = os.pipe()
        loop, asked, answers = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

        def stuck(fd, request, into):
            loop.call_soon_threadsafe(asked.set)
            assert answers.wait(PATIENCE_S), "the loop waits for the printer"
            raise OSError(errno.ETIMEDOUT, "Connection timed out")

        port = UsbPort(lambda: End(node), stuck)
        thread = Thread()
        question = asyncio.create_task(EscposPrinter(port, Notes(), thread, trouble=port.trouble).status())
        await asked.wait()
        assert not question.done()
        answers.set()
        assert await question == Printer.UNKNOWN
        thread.close()
        port.close()
        os.close(out)

    asyncio.run(story())


def test_packets_of_no_bytes_are_no_hang_up_and_no_busy_loop():
    """A printer with nothing to say sends empty packets; here a socket whose other end writes no more."""

    async def story():
        near, far = socket.socketpair()
        far.shutdown(socket.SHUT_WR)
        reads = 0

        class Counted(UsbPort):
            def _take(self, fd, n):
                nonlocal reads
                reads += 1
                return super()._take(fd, n)

        port = Counted(lambda: near, dumb)
        assert await port.read(16, 300) == b""
        assert 2 < reads < 80
        port.close()
        far.close()

    run(story())


def test_a_node_that_is_not_there_is_gone_and_comes_later(tmp_path):
    async def story():
        def absent():
            raise FileNotFoundError(errno.ENOENT, "no node")

        port = UsbPort(absent, dumb)
        with pytest.raises(PortGone):
            await port.write(b"x", 100)
        assert port.trouble() == Printer.UNKNOWN

    run(story())


@pytest.mark.parametrize(
    ("path", "usb"),
    [("/dev/usb/lp0", True), ("/dev/lp1", True), ("/dev/usb/lp12", True), ("/dev/ttyUSB0", False), ("/dev/serial0", False)],
)
def test_a_node_is_known_by_its_path(path, usb):
    assert Wired(path, 9600, "paced", Model()).usb is usb


def test_a_node_that_is_not_there_says_so():
    with pytest.raises(FileNotFoundError):
        Wired("/dev/usb/lp99", 9600, "paced", Model()).open()
