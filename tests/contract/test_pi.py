"""A Pi's board, put together as on a Pi, with virtual chips at its bus and its header and nothing on its cables."""

import asyncio
import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from firmware import main as firmware
from hal.ports.faults import PowerEnds, StoreBroken
from hal.ports.frame import Frame, Text
from sim.chips.gpio import GpioChip
from sim.chips.oled_ssd1309 import Ssd1309

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="i2c and input nodes are Linux's")
CONFIG = Path(__file__).parents[2] / "config"
DEADLINE_S = 20


class Pi:
    """Chips, and the board on them."""

    def __init__(self, folder, panel=None):
        from hal import board_file, pi  # here, since neither smbus2 nor evdev is on other systems

        self.end_tasks = pi.end_tasks
        shutil.copytree(CONFIG, folder / "config")
        path = folder / "config/board.json"
        parts = json.loads(path.read_text())
        parts["store"] = {"folder": str(folder), "mirror": str(folder)}
        if panel:
            parts["panel"] |= panel
            parts["spi"] = {"bus": 0, "device": 0, "clock_hz": 8_000_000}
            parts["gpio"]["power_key_bcm"] = None  # its line is the panel's then
        path.write_text(json.dumps(parts))
        self.panel = Ssd1309()
        self.gpio = GpioChip(board_file.load(folder / "config").pins)
        self.log = io.StringIO()
        wires = {"open_bus": lambda bus: self.panel, "open_header": lambda: self.gpio.factory, "kernel_pwm": folder / "pwm"}
        self.board = pi.board(folder / "config", "market", self.log, **wires)


def test_every_port_is_there_and_moves_its_chip(tmp_path):
    async def story():
        pi = Pi(tmp_path)
        board = pi.board
        await board.screen.show(Frame("notice", {}, heading=Text("HELLO")))
        assert any(pi.panel.pages()) and not pi.panel.errors
        board.drawer.kick()
        board.sound.tone("key")
        board.light.set("ready", True)
        assert pi.gpio.kicks == 1 and pi.gpio.hertz and pi.gpio.lamps["ready"]
        await board.store.create("main-0.seg", 4096)
        assert await board.store.names() == ["main-0.seg"]
        with pytest.raises(StoreBroken, match="no disk is mounted at"):
            await board.mirror.names()  # the same disk, so no second copy
        assert await board.printer.status() == "unknown", "no printer on its cable"
        assert len(await board.files.read("profile/merchant.json")) > 100
        await board.close()
        assert not any(pi.panel.pages()) and not pi.gpio.hertz and not pi.gpio.lamps["ready"]

    asyncio.run(story())


def test_a_till_without_keypad_printer_and_network_comes_up_all_the_same(tmp_path):
    async def story():
        pi = Pi(tmp_path)
        moved, loop = asyncio.Event(), asyncio.get_running_loop()
        pi.panel.on_change = lambda: loop.call_soon_threadsafe(moved.set)  # the worker's thread draws
        task = asyncio.create_task(firmware.run(pi.board))
        async with asyncio.timeout(DEADLINE_S):
            while pi.board.screen.frame is None or pi.board.screen.frame.id == "boot":
                await moved.wait()
                moved.clear()
        assert not task.done()
        assert pi.board.screen.frame.id in ("idle", "clock_check")
        assert "matrix_keypad is not there" in pi.log.getvalue()
        await pi.end_tasks()
        await pi.board.close()

    asyncio.run(story())


def test_the_power_key_ends_the_till_in_order(tmp_path, monkeypatch):
    from hal import power_key

    monkeypatch.setattr(power_key, "BOUNCE_S", 0)
    monkeypatch.setattr(firmware, "FAULT_MS", 10)

    async def story():
        pi = Pi(tmp_path)
        shown, up = [], asyncio.Event()
        pi.board.screen.show = watched(pi.board.screen.show, shown, up)
        task = asyncio.create_task(firmware.run(pi.board))
        async with asyncio.timeout(DEADLINE_S):
            await up.wait()
            for down in (True, False):
                pi.gpio.power_key(down)
                for _ in range(10):  # turns of the loop
                    await asyncio.sleep(0)
            with pytest.raises(PowerEnds, match="key"):
                await task
        assert shown[-1] == "switch_off" and "the power key was pressed" in pi.log.getvalue()
        await pi.end_tasks()
        await pi.board.close()
        assert not any(pi.panel.pages()), "dark"

    asyncio.run(story())


def test_a_power_key_whose_line_is_another_s_costs_the_key_and_not_the_till(tmp_path, monkeypatch):
    def busy(*line):
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr("hal.header_board.PowerKey", busy)

    async def story():
        made = Pi(tmp_path)
        assert "no power key" in made.log.getvalue()
        await made.board.close()

    asyncio.run(story())


def watched(show, shown, up):
    """A panel's show, which notes the id of each screen; up is set by the first after boot."""

    async def showing(frame):
        await show(frame)
        shown.append(frame.id)
        if frame.id != "boot":
            up.set()

    return showing


@pytest.mark.parametrize(
    ("end", "status"), [(PowerEnds("key"), 10), (RuntimeError("planted"), 3), (OSError("no store"), 5), (None, 0)]
)
def test_how_the_till_ended_is_the_status_that_systemd_sees(end, status, monkeypatch):
    from hal import __main__ as entry

    async def ends(config, profile, sets_clocks):
        assert not sets_clocks, "a laptop's clocks are its own"
        if end is not None:
            raise end
        return entry.OK

    monkeypatch.setattr(entry, "run", ends)
    monkeypatch.setattr(sys, "argv", ["hal", "run"])
    assert entry.main() == status
