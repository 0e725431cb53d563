"""A Raspberry Pi's board: the one place where every real driver meets its real wire, as config/board.json says."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import smbus2

from hal import board_file, board_panel, brokers, header_board, inputs, keystore, printer_board, pwm
from hal.clock import SystemClock
from hal.clock_kept import ClockKept, set_rtc, set_system
from hal.draw.pack.load import panel_glyphs
from hal.files import ConfigFiles
from hal.gpio import header
from hal.late_bus import LateBus
from hal.log import Ring, StreamLog
from hal.looks import Looks
from hal.panels import CHIPS
from hal.panels_board import serial
from hal.panels_pins import Pins
from hal.panels_spi_node import SpiNode
from hal.patient import PatientScreen
from hal.ports.board import Board, Log, Sound
from hal.ports.faults import ConfigFault
from hal.power import Battery
from hal.random import system
from hal.screen import Panel
from hal.stick import OsMedium, UsbStick
from hal.store import FileStore, OsDisk
from hal.version import VERSION
from hal.ways_board import ways_out
from hal.worker import Thread

Turn = Callable[[], None]
OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
MIRROR_S = 10.0  # a second disk that hangs longer is lost: the kernel would wait for minutes, and the sale with it
TASKS_S = 1.0  # what is left to tasks that were told to end
STORE_S = 5.0  # to the syncs under way: a card that tidies itself takes seconds
DARK_S = 1.0  # to the panel, at the same time
FIRST_LOOK_S = 1.0  # what hangs longer at the start is not waited for
LONGEST_S = TASKS_S + STORE_S + 1.0  # all of it; TimeoutStopSec= in barrow.service is more


class Workers(NamedTuple):
    """A thread for each thing that may hang by itself, so that none of them holds up a sale."""

    store: Thread
    mirror: Thread
    panel: Thread
    stick: Thread
    printer: Thread
    looks: Thread


class PiBoard(Board):
    """A board that can be left in order. pins: what holds lines of the header, the header itself last; or stands in for it."""

    def __init__(
        self, panel: Panel, gauge: Battery, looks: Looks, lines: Turn, pins: list[Any], workers: Workers, **ports: Any
    ) -> None:
        super().__init__(power=gauge, **ports)
        self._looks = looks
        self._lines = lines
        self._panel = panel
        self._pins = [each for each in pins if hasattr(each, "close")]
        self._workers = workers

    def look(self) -> None:
        """Every ten seconds or so, when the loop is awake for the watchdog: at power, clock, radio, and what was carried."""
        self._looks.look()
        self._lines()

    async def first_look(self) -> None:
        """Before the till starts: what gauge and RTC say, unless one of them hangs."""
        await self._looks.first(FIRST_LOOK_S)

    async def close(self) -> None:
        """Dark, silent, every line low: a till that shows a picture is a till that works. What is being written gets to the
        disk. Store and panel have their time; what hangs longer is left, and said."""
        at = self._workers
        over = await asyncio.gather(
            at.store.last(nothing, STORE_S), at.mirror.last(nothing, STORE_S), at.panel.last(self._panel.off, DARK_S)
        )
        for name, done in zip(("the store", "its second copy", "the panel"), over, strict=True):
            if not done:
                self.log.say("sys", f"{name} hangs: what it is at is left")
        for worker in at:
            worker.close()
        for device in self._pins:
            device.close()


def nothing() -> None:
    """All before it is done when this is."""


def board(
    config_dir: Path,
    profile: str,
    log_to: TextIO,
    open_bus: Callable[[int], Any] = smbus2.SMBus,
    open_header: Callable[[], Any] = header,
    kept_in: Path | None = None,
    kernel_pwm: Path = pwm.CLASS,
    sets_clocks: bool = False,
) -> PiBoard:
    """In the running loop. kept_in: a folder where the log outlives this process. sets_clocks: a person's word for the time
    sets the machine's too. Raises ConfigFault, and OSError where the store is missing. Every device may be missing, and
    whatever hangs on a cable may come later."""
    loop = asyncio.get_running_loop()
    parts = board_file.load(config_dir)
    files = ConfigFiles(config_dir, profile)
    far = brokers.load(config_dir)
    clock = SystemClock(loop.time, time.time, offset_s(files))
    log = StreamLog(log_to, clock.wall_ms, ring(kept_in))
    at = Workers(Thread(), Thread(MIRROR_S), Thread(), Thread(), Thread(), Thread())
    gauge = Battery()
    hung = header_board.header(open_header, parts.pins, gauge.press, log, kernel_pwm)
    panel, panel_pins = glass(parts.panel, hung.pins, open_bus, log, at.panel)
    store, keys = FileStore(OsDisk(Path(parts.store)), at.store, log), keystore.kept(Path(parts.store))
    out = ways_out(config_dir, parts, far, hung.pins, store, keys, clock, log)
    kept = ClockKept(clock, log, {"system's clock": set_system, "RTC": set_rtc} if sets_clocks else {})
    looks = Looks(at.looks, *((each.read, each.heed) for each in (gauge, kept, clock, out.network)))
    return PiBoard(
        panel,
        gauge,
        looks,
        out.lines.look,
        [hung.drawer, hung.sound, hung.light, hung.key, out.feed, panel_pins, hung.pins],
        at,
        screen=PatientScreen(panel, log),
        terminal=parts.terminal,
        version=VERSION,
        clock=clock,
        files=files,
        store=store,
        keys=inputs.keypad(config_dir, parts, clock, log, lambda: hung.sound.tone(Sound.KEY)),
        scanner=inputs.scanner(parts.scanner, clock, log),
        printer=printer_board.driver(parts.printer, log, at.printer),
        drawer=hung.drawer,
        sound=hung.sound,
        light=hung.light,
        link=out.link,
        log=log,
        random=system(),
        keystore=keys,
        mirror=FileStore(OsDisk(Path(parts.mirror), Path(parts.store)), at.mirror, log) if parts.mirror else None,
        stick=UsbStick(OsMedium(Path(parts.stick)), at.stick, log) if parts.stick else None,
        ways=out.lines,
        identity=out.identity,
        door=out.door,
    )


def glass(seen: board_panel.Panel, pins: Any, open_bus: Callable[[int], Any], log: Log, worker: Thread) -> tuple[Panel, Pins]:
    """The panel, and the lines of the header that it holds."""
    wire, held = serial(seen, pins, lambda bus: LateBus(bus, open_bus), smbus2.i2c_msg.write, SpiNode())
    wire.hold = 0  # every byte goes beside the loop: a bus that hangs holds up its worker alone
    return Panel(wire, panel_glyphs(), log, worker, upside_down=seen.upside_down, chip=CHIPS[seen.chip]), held


def ring(folder: Path | None) -> Ring | None:
    """None where there is no such folder: the log is for people, and stops nobody."""
    try:
        return Ring(folder) if folder is not None else None
    except OSError:
        return None


async def end_tasks() -> None:
    """Cancel every task but the caller's until none is left, or TASKS_S are over.

    More than once: wait_for of Python 3.11 loses a cancel that comes in the instant of its answer (fixed in 3.12)."""
    loop = asyncio.get_running_loop()
    end = loop.time() + TASKS_S
    while (others := asyncio.all_tasks() - {asyncio.current_task()}) and loop.time() < end:
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=0.2)


def offset_s(files: ConfigFiles) -> int:
    """Seconds to add to UTC at the stall, as its profile says; 0 where the profile is broken, which the till itself reports."""
    try:
        found = OFFSET.fullmatch(json.loads(files.get("profile/merchant.json"))["offset"])
    except (ConfigFault, ValueError, LookupError, TypeError):
        return 0
    if found is None:
        return 0
    seconds = (int(found[2]) * 60 + int(found[3])) * 60
    return -seconds if found[1] == "-" else seconds
