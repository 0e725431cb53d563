"""A Pi's board with every wire a device node: told by tests/contract/test_nodes.py, in a process with the preload, in real time.

i2c-dev under luma and smbus2, evdev, pyserial on terminals, the battery's gauge in /sys. Only the GPIO header is gpiozero's mock:
a line of /dev/gpiochip* is a new descriptor, which the preload cannot give."""

import asyncio
import io
import json
import shutil
from pathlib import Path

import pytest

from hal import board_file, inputs, keymap, pi
from hal.__main__ import selling
from hal.check import check
from hal.clock import SystemClock
from hal.files import ConfigFiles
from hal.labels import Style
from hal.log import StreamLog
from hal.ports.frame import Frame, Text
from sim.chips.gpio import GpioChip
from sim.chips.modem import Modem
from sim.chips.oled_chips import chip_of
from sim.chips.thermal import Thermal
from tests.contract.cables import MODEM, PRINTER, SCANNER, Terminal
from tests.contract.nodes import hands, kernel, keypad_chip, scanner_chip

CONFIG = Path(__file__).parents[2] / "config"
DEADLINE_S = 20
TICK_S = 0.01
GAUGE = 63


class Pi:
    """Chips behind nodes, and the board on them."""

    def __init__(self, folder):
        loop = asyncio.get_running_loop()
        shutil.copytree(CONFIG, folder / "config")
        path = folder / "config/board.json"
        parts = json.loads(path.read_text())
        parts["store"] = {"folder": str(folder), "mirror": ""}
        parts["modem"]["port"], parts["modem"]["rtscts"] = MODEM, False
        path.write_text(json.dumps(parts))
        self.config = folder / "config"
        self.parts = board_file.load(self.config)
        self.panel = chip_of(self.parts.panel)
        kernel().i2c("/dev/i2c-1", self.panel)
        self.lines = [Terminal(PRINTER), Terminal(MODEM)]
        self.printer = Thermal(loop, self.lines[0].far)
        self.modem = Modem(loop, nobody, self.parts.modem.set, self.parts.modem.baud)
        self.modem.boot_s = self.modem.register_s = 0.2
        self.modem.plug(self.lines[1].far)
        self.modem.reboot()
        gauge = kernel().node("/sys/class/power_supply/battery")
        gauge.mkdir(parents=True, exist_ok=True)
        (gauge / "capacity").write_text(f"{GAUGE}\n", encoding="ascii")
        self.gpio = GpioChip(self.parts.pins, self.parts.modem.power_bcm)
        self.keypad, self.scanner = keypad_chip(keymap.load(self.config, self.parts.keymap), loop), scanner_chip(loop)
        self.log = io.StringIO()

    def board(self):
        return pi.board(self.config, "market", self.log, open_header=lambda: self.gpio.factory)

    def close(self):
        self.printer.unplug()
        self.modem.close()
        for line in self.lines:
            line.close()


async def nobody(host, port):
    raise ConnectionRefusedError(111, "nobody there")


async def until(true, what, wired):
    """Wait for it, with a deadline."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not true():  # noqa: ASYNC110 (chips in this loop, drivers in threads: no one event tells)
                await asyncio.sleep(TICK_S)
    except TimeoutError:
        pytest.fail(f"{what} did not come; the log:\n{wired.log.getvalue()[-3000:]}")


def on_pi(story, folder):
    async def main():
        wired = Pi(folder)
        try:
            await story(wired)
        finally:
            wired.close()

    asyncio.run(main())


async def press(wired, *names):
    for name in names:
        wired.keypad.press(name)
        await asyncio.sleep(0.05)
        wired.keypad.release(name)
        await asyncio.sleep(0.05)


def test_a_till_sells_through_nodes(tmp_path):
    async def story(wired):
        board = wired.board()

        def on(*ids):
            return lambda: board.screen.frame is not None and board.screen.frame.id in ids

        till = asyncio.create_task(selling(board))
        await until(on("idle", "clock_check"), "the till", wired)
        if board.screen.frame.id == "clock_check":
            await press(wired, "OK")
            await until(on("idle"), "the till", wired)
        assert board.screen.frame.status.battery == GAUGE
        await press(wired, "8", "5", "0", "CASH", "OK")
        await until(on("paid"), "the sale", wired)
        assert board.screen.frame.fields["total"] == "8.50" and any(wired.panel.pages()) and not wired.panel.errors
        await until(lambda: any("8.50" in line for line in wired.printer.text()), "the slip", wired)
        assert not wired.printer.errors and wired.gpio.kicks == 1
        await press(wired, "OK")
        wired.scanner.scan("5012345678900")
        await until(on("cart"), "the scan", wired)
        await until(lambda: "4g registered" in wired.log.getvalue(), "the modem", wired)
        assert not till.done()
        await pi.end_tasks()
        board.keys.stop()
        board.scanner.stop()
        await board.close()
        assert not any(wired.panel.pages())

    on_pi(story, tmp_path)


def test_a_panel_on_i2c_dev_dies_in_the_middle_of_a_picture_and_comes_back(tmp_path):
    async def story(wired):
        board = wired.board()
        await board.screen.show(notice("HELLO"))
        whole = wired.panel.pages()
        wired.panel.unplug(after_bytes=20)
        await board.screen.show(notice("GOOD BYE"))
        assert not any(wired.panel.pages()) and "panel lost" in wired.log.getvalue()
        wired.panel.plug()
        await board.screen.show(notice("HELLO"))
        assert wired.panel.pages() == whole and "panel back" in wired.log.getvalue()
        await board.close()

    on_pi(story, tmp_path)


def test_a_bus_that_is_not_there_comes_later(tmp_path):
    async def story(wired):
        kernel().gone("/dev/i2c-1")
        board = wired.board()
        await board.screen.show(notice("HELLO"))
        assert "panel lost" in wired.log.getvalue()
        kernel().node("/dev/i2c-1").touch()
        await board.screen.show(notice("HELLO"))
        assert any(wired.panel.pages())
        await board.close()

    on_pi(story, tmp_path)


def test_check_finds_what_is_there_and_misses_what_is_not(tmp_path):
    async def story(wired):
        loop = asyncio.get_running_loop()
        files, clock = ConfigFiles(wired.config, "market"), SystemClock(loop.time, lambda: 0.0, 0)

        def found():
            return {finding.part: finding for finding in check(wired.parts, files, clock)}

        await until(lambda: wired.modem.sent > 0, "the modem's banner", wired)
        before = await loop.run_in_executor(None, found)
        missing = [before[part] for part in ("panel", "keypad", "scanner", "printer", "modem") if not before[part].there]
        assert not missing
        assert before["battery"].words == f"{GAUGE} %"
        wired.keypad.unplug()
        wired.panel.unplug()
        hands().order("gone", PRINTER)
        after = await loop.run_in_executor(None, found)
        assert not any(after[part].there for part in ("panel", "keypad", "printer")) and after["scanner"].there, after
        assert "nothing answers at 0x3C" in after["panel"].words

    on_pi(story, tmp_path)


def test_a_serial_scanner_on_a_terminal_is_pulled_out_and_put_back(tmp_path):
    async def story(wired):
        loop, texts = asyncio.get_running_loop(), []
        line = Terminal(SCANNER)
        where = board_file.Scanner("", SCANNER, 9600, Style())
        scanner = inputs.scanner(where, SystemClock(loop.time, lambda: 0.0, 0), StreamLog(wired.log, lambda: 0))
        scanner.start(lambda scan: texts.append(scan.text))
        await asyncio.sleep(TICK_S)
        line.far.write(b"]E05012345678900\r\n")
        await until(lambda: texts == ["5012345678900"], "the scan", wired)
        hands().order("gone", SCANNER)
        line.close()
        await until(lambda: "is not there" in wired.log.getvalue(), "the loss", wired)
        line = Terminal(SCANNER)
        await until(lambda: "is back" in wired.log.getvalue(), "the scanner", wired)
        line.far.write(b"77\r")
        await until(lambda: texts[1:] == ["77"], "its scan", wired)
        scanner.stop()
        line.close()

    on_pi(story, tmp_path)


def notice(text):
    return Frame("notice", {}, heading=Text(text))
