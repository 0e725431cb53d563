"""A device that is stuck never stops the sale: a Pi's whole board on its real drivers, and a cash sale goes through.

Stuck is worse than gone: the i2c transfer that never returns, the printer that takes no byte, the modem that never answers."""

import asyncio
import io
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from firmware import main as firmware
from hal.ports.keys import Key
from hal.store import OsDisk
from sim.chips.gpio import GpioChip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="i2c and input nodes are Linux's")
CONFIG = Path(__file__).parents[2] / "config"
DEADLINE_S = 20


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    """How long a gauge that hangs is waited for at the start, and panel and disks at the end."""
    monkeypatch.setattr("hal.pi.DARK_S", 0.1)
    monkeypatch.setattr("hal.pi.STORE_S", 0.1)
    monkeypatch.setattr("hal.pi.FIRST_LOOK_S", 0.1)


class HungBus:
    """Every transfer blocks its thread until the test lets it go."""

    def __init__(self):
        self.asked, self.free = threading.Event(), threading.Event()

    def hang(self, *transfer):
        self.asked.set()
        self.free.wait(DEADLINE_S)
        raise OSError(110, "Connection timed out")

    i2c_rdwr = write_i2c_block_data = hang


class Till:
    """A board whose panel hangs, whose printer and modem are ptys that nobody reads or answers, and whose keypad is the test."""

    def __init__(self, folder, mirror=""):
        from hal import board_file, pi  # here, since neither smbus2 nor evdev is on other systems

        self.end_tasks = pi.end_tasks
        self.ends = [os.openpty() for _ in range(2)]
        shutil.copytree(CONFIG, folder / "config")
        path = folder / "config/board.json"
        parts = json.loads(path.read_text())
        parts["store"] = {"folder": str(folder), "mirror": str(mirror)}
        parts["printer"]["port"], parts["modem"]["port"] = (os.ttyname(slave) for _, slave in self.ends)
        path.write_text(json.dumps(parts))
        self.bus, self.log = HungBus(), io.StringIO()
        gpio = GpioChip(board_file.load(folder / "config").pins)
        self.gpio = gpio
        self.board = pi.board(folder / "config", "market", self.log, lambda bus: self.bus, lambda: gpio.factory)
        self.board.clock.set(1_800_000_000)
        self.board.keys = self

    def start(self, post):
        self.post = post

    def press(self, names):
        for name in names.split():
            for down in (True, False):
                self.post(Key(name, down, self.board.clock.now_ms()))

    async def sees(self, id, limit_s=DEADLINE_S):
        async with asyncio.timeout(limit_s):
            while self.board.screen.frame is None or self.board.screen.frame.id != id:  # noqa: ASYNC110  # no event: it hangs
                await asyncio.sleep(0.01)

    async def close(self):
        """With the bus as it is; a worker that hangs is let go only afterwards, so that the test can end."""
        await self.end_tasks()
        await self.board.close()
        self.bus.free.set()
        for end in (fd for pair in self.ends for fd in pair):
            os.close(end)


def test_a_cash_sale_goes_through_while_panel_printer_scanner_and_modem_are_stuck(tmp_path):
    async def story():
        till = Till(tmp_path)
        task = asyncio.create_task(firmware.run(till.board))
        await till.sees("idle")
        assert till.bus.asked.is_set() and not till.bus.free.is_set(), "the panel hangs in its first transfer"
        till.press("F1 CASH OK")
        await till.sees("paid")
        assert not task.done() and till.gpio.kicks == 1
        assert "the panel hangs" in till.log.getvalue()
        await till.close()

    asyncio.run(story())


def test_a_gauge_that_hangs_on_the_bus_holds_up_nothing(tmp_path, monkeypatch):
    """It was well at boot; from then on every look at it is one that never returns."""

    async def story():
        till = Till(tmp_path)
        task = asyncio.create_task(firmware.run(till.board))
        await till.sees("idle")
        stuck = threading.Event()

        def gauge(folder):
            stuck.set()
            till.bus.free.wait(DEADLINE_S)

        monkeypatch.setattr("hal.power.gauge", gauge)
        till.board.look()
        till.board.look()  # the next turn of the watchdog
        await asyncio.to_thread(stuck.wait, DEADLINE_S)
        assert stuck.is_set()
        till.press("F1 CASH OK")
        await till.sees("paid", limit_s=5)
        assert not task.done() and till.board.power.battery() == 100
        await till.close()

    asyncio.run(story())


@pytest.mark.parametrize("what", ["hal.power.gauge", "hal.clock.SystemClock._rtc_runs"])
def test_a_gauge_or_an_rtc_that_hangs_from_the_start_on_holds_up_nothing(tmp_path, monkeypatch, what):
    from hal.__main__ import selling

    async def story():
        till, loop = Till(tmp_path), threading.get_ident()
        till.board.clock._told = None  # nobody has set it

        def hang(*asked):
            assert threading.get_ident() != loop, "asked in the loop"
            till.bus.free.wait(DEADLINE_S)

        monkeypatch.setattr(what, hang)
        task = asyncio.create_task(selling(till.board))
        await till.sees("clock_check", limit_s=5)
        till.press("OK")
        await till.sees("idle", limit_s=5)
        till.board.look()  # the next turn of the watchdog
        till.press("F1 CASH OK")
        await till.sees("paid", limit_s=5)
        assert not task.done() and till.board.power.battery() == 100 and not till.bus.free.is_set()
        await till.close()

    asyncio.run(story())


class HungDisk(OsDisk):
    """The second copy's stops in the middle of a sync, once it is told to, and says nothing."""

    hung, free = "", threading.Event()

    def fdatasync(self, name):
        if str(self._root) == self.hung:
            self.free.wait(DEADLINE_S)
        super().fdatasync(name)


def test_a_second_disk_that_hangs_costs_its_copy_and_not_the_sale(tmp_path, monkeypatch):
    monkeypatch.setattr("hal.pi.OsDisk", HungDisk)
    monkeypatch.setattr("hal.pi.MIRROR_S", 0.2)

    async def story(second):
        till = Till(tmp_path, second)
        task = asyncio.create_task(firmware.run(till.board))
        await till.sees("idle")
        HungDisk.hung = second
        till.press("F1 CASH OK")
        await till.sees("paid", limit_s=5)
        assert re.search(r"ALARM: the second copy of .*: ETIMEDOUT: no answer in 0.2 s", till.log.getvalue()) and not task.done()
        await till.close()

    with tempfile.TemporaryDirectory(dir="/dev/shm") as second:  # another disk than tmp_path's
        asyncio.run(story(second))
    HungDisk.free.set()


def test_without_patience_a_panel_that_hangs_stops_the_till(tmp_path, monkeypatch):
    """The control: this is what would happen."""
    monkeypatch.setattr("hal.pi.PatientScreen", lambda panel, log: panel)

    async def story():
        till = Till(tmp_path)
        task = asyncio.create_task(firmware.run(till.board))
        with pytest.raises(TimeoutError):
            await till.sees("idle", limit_s=1)
        till.bus.free.set()
        task.cancel()
        await till.close()

    asyncio.run(story())
