"""The printer driver's contract: status, pace, and all that goes wrong; in virtual time on a socket pair, and once more on
a pty with the real pyserial. What it prints is test_printer_text.py."""

import asyncio
import os
import pty
import subprocess
import sys
import tty
from types import SimpleNamespace

import pytest

from hal.ports.board import Printer
from hal.ports.faults import PrinterGone
from hal.ports.slip import Line, Qr
from hal.printer import EscposPrinter
from hal.printer_model import Model
from hal.serial_port import Port, PortStalled, open_serial
from hal.worker import Inline, Thread
from sim.chips.thermal import Thermal
from tests.contract.cables import PRINTER, cable
from tests.contract.printing import driven, printed, receipt
from tests.contract.wires import Notes, run, wait_ms

# -- status


@pytest.mark.parametrize(
    ("trouble", "word"),
    [
        ({}, Printer.OK),
        ({"paper": "near_end"}, Printer.NEAR_END),
        ({"paper": "out"}, Printer.OUT),
        ({"cover": True}, Printer.COVER),
        ({"cover": True, "paper": "out"}, Printer.COVER),
        ({"hot": True}, Printer.ERROR),
        ({"silent": True}, Printer.UNKNOWN),
        ({"powered": False}, Printer.UNKNOWN),
    ],
)
@pytest.mark.parametrize("baud", [0, 9600])
def test_status_in_the_fields_words_within_half_a_second(trouble, word, baud):
    async def story(driver, chip):
        for name, value in trouble.items():
            setattr(chip, name, value)
        start = asyncio.get_running_loop().time()
        assert await driver.status() == word
        assert asyncio.get_running_loop().time() - start <= 0.5

    driven(story, baud=baud)


PAPER_ANSWERS = {0x12: Printer.OK, 0x16: Printer.NEAR_END, 0x1A: Printer.NEAR_END, 0x1E: Printer.NEAR_END} | dict.fromkeys(
    (0x32, 0x52, 0x72, 0x7E), Printer.OUT
)


@pytest.mark.parametrize("answer", PAPER_ANSWERS, ids=hex)
def test_either_of_two_sensors_tells_of_the_paper(answer):
    """DLE EOT 4: bits 2 and 3 the sensors near the roll's end, 5 and 6 those at the head; printers set both of a pair, or one."""

    async def story(driver, chip):
        chip.silent = True
        asyncio.get_running_loop().call_later(0.01, chip.uart.send, bytes([answer]))
        assert await driver.status() == PAPER_ANSWERS[answer]

    driven(story)


def test_noise_is_no_status():
    async def story(driver, chip):
        chip.silent = True
        loop = asyncio.get_running_loop()
        for i, noise in enumerate((b"\x11\x13", b"\xff\x00\x92", b"\x10\x00\x00\x00")):  # flow control, noise, an ASB report
            loop.call_later(0.01 * (i + 1), chip.uart.send, noise)
        assert await driver.status() == Printer.UNKNOWN
        loop.call_later(0.05, chip.uart.send, b"\x13\x72")  # "out", behind a flow control byte
        assert await driver.status() == Printer.OUT

    driven(story)


def test_an_answer_that_comes_too_late_is_not_the_answer_to_the_next_question():
    async def story(driver, chip):
        chip.silent = True
        asyncio.get_running_loop().call_later(0.4, chip.uart.send, b"\x72")
        assert await driver.status() == Printer.UNKNOWN
        await wait_ms(1000)
        chip.silent = False
        assert await driver.status() == Printer.OK

    driven(story)


def test_a_printer_that_answers_about_paper_alone_is_believed():
    async def story(driver, chip):
        answer = chip._answer
        chip._answer = lambda n: answer(n) if n == 4 else None
        assert await driver.status() == Printer.OK
        chip.paper = "out"
        assert await driver.status() == Printer.OUT

    driven(story)


def test_status_while_a_block_prints_is_the_last_word_and_does_not_wait():
    async def story(driver, chip):
        assert await driver.status() == Printer.OK
        printing = asyncio.create_task(driver.print([Line("x")] * 40))
        await wait_ms(100)
        start = asyncio.get_running_loop().time()
        assert await driver.status() == Printer.OK
        assert asyncio.get_running_loop().time() == start
        await printing

    driven(story)


# -- pace


def test_26_lines_at_9600_baud_are_a_second_on_the_wire_and_three_off_the_head():
    async def story(driver, chip):
        first = []
        chip.on_rows(lambda rows: first.append(asyncio.get_running_loop().time()))
        for block in receipt(26):
            await driver.print(block)
            assert await driver.status() == Printer.OK
        assert len(chip.text()) == 26
        assert asyncio.get_running_loop().time() <= 3.0
        assert chip.wire_s <= 1.0
        assert first[0] <= 0.3

    driven(story, baud=9600)


def test_print_returns_when_the_head_is_through():
    async def story(driver, chip):
        for block in receipt(20):
            await driver.print(block)
            assert chip.held == 0 and not chip.head.busy

    for baud in (0, 9600, 19200, 115200):
        driven(story, baud=baud)


def test_a_very_long_block_waits_for_the_head_and_prints_whole():
    names = [f"Item {i:04d} with a name of some length" for i in range(400)]
    chip = printed([Line(name, "1.00") for name in names])
    assert sum(line.endswith("1.00") for line in chip.text()) == 400


# -- what goes wrong


def test_a_printer_that_never_reads_is_gone_in_bounded_time_and_nothing_is_cut_in_two():
    async def story(driver, chip):
        loop = asyncio.get_running_loop()
        await driver.status()
        listen, chip.uart.listen = chip.uart.listen, lambda: None
        loop.remove_reader(chip.uart._wire.fileno())
        block = [Line("x" * 32)] * 500 + [Qr("HTTPS://BRW.IO/P/7K3F9Q2M")]
        with pytest.raises(PrinterGone):
            await driver.print(block)
        assert await driver.status() == Printer.UNKNOWN
        chip.uart.listen = listen
        listen()
        await wait_ms(100_000)
        await driver.print([Line("again")])
        await wait_ms(100_000)
        # what was under way came first, whole; then the block that was sent again
        assert chip.text()[:-2] == ["x" * 32] * 500
        assert chip.text()[-2:] == ["[QR HTTPS://BRW.IO/P/7K3F9Q2M]", "again"]

    driven(story)


def test_an_unplugged_printer_is_gone_until_it_is_back():
    async def main():
        loop = asyncio.get_running_loop()
        chip = Thermal(loop)
        line = cable(chip, PRINTER)
        driver = EscposPrinter(Port(None, reopen=line.open), Notes(), Inline())
        await driver.print([Line("one")])
        line.unplug()
        assert await driver.status() == Printer.UNKNOWN
        with pytest.raises(PrinterGone):
            await driver.print([Line("two")])
        line.plug()
        assert await driver.status() == Printer.OK
        await driver.print([Line("two")])
        assert chip.text() == ["one", "two"] and chip.errors == []
        chip.unplug()
        line.close()

    run(main())


# -- the real serial port


def test_the_same_on_a_pty_with_pyserial():
    async def main():
        master, slave = pty.openpty()
        tty.setraw(slave)
        loop = asyncio.get_running_loop()
        chip = Thermal(loop, SimpleNamespace(fileno=lambda: master, close=lambda: os.close(master)), mm_per_s=5000)
        worker = Thread()
        driver = EscposPrinter(Port(open_serial(os.ttyname(slave), 115200), baud=115200), Notes(), worker, Model(mm_per_s=5000))
        assert await driver.status() == Printer.OK
        for block in receipt(20):
            await driver.print(block)
        chip.paper = "out"
        assert await driver.status() == Printer.OUT
        chip.paper, chip.silent = "ok", True
        assert await driver.status() == Printer.UNKNOWN
        assert chip.errors == [] and len(chip.text()) == 20 and "Item 3 茶" in chip.text()[3]
        chip.unplug()
        assert await driver.status() == Printer.UNKNOWN
        os.close(slave)
        worker.close()

    asyncio.run(main())


def test_a_port_with_xonxoff_stops_at_the_printers_word():
    async def main():
        master, slave = pty.openpty()
        tty.setraw(slave)
        port = Port(open_serial(os.ttyname(slave), 115200, xonxoff=True))
        os.write(master, b"\x13?")
        assert await port.read(16, 1000) == b"?", "its word is for the kernel alone, which has it by now"
        with pytest.raises(PortStalled) as caught:
            await port.write(b"wait", 50)
        assert caught.value.sent == 0
        os.write(master, b"\x11")
        await port.write(b"go on", 1000)
        assert os.read(master, 100) == b"go on"
        port.close()
        os.close(master)
        os.close(slave)

    asyncio.run(main())


def test_the_encoder_is_loaded_late_and_leaves_nothing_behind(tmp_path):
    """escpos costs a quarter of a second: importing the driver does not load it, and loading it litters no folder."""
    code = (
        "import sys, os\nimport hal.printer\nassert 'escpos' not in sys.modules\n"
        "from hal.escpos_encoder import Encoder\nfrom hal.printer_model import Model\nEncoder(Model())\n"
        "assert 'escpos' in sys.modules\n"
        f"assert os.listdir({str(tmp_path)!r}) == [], os.listdir({str(tmp_path)!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
