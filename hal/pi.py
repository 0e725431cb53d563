"""A Raspberry Pi's board: the one place where every real driver meets its real wire, as config/board.json says."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import smbus2

from hal import board_file, brokers, inputs, keystore, modem_set, printer_board, tls
from hal.budget import Budget
from hal.caller import Line
from hal.claim_line import door
from hal.clock import SystemClock
from hal.draw.pack.load import panel_glyphs
from hal.files import ConfigFiles
from hal.gpio import Buzzer, Lamps, SolenoidDrawer, header
from hal.identity import AUTHORITY, Identity
from hal.ip_line import IpLine
from hal.knock import knocker
from hal.late_bus import LateBus
from hal.lines import Lines
from hal.log import Ring, StreamLog
from hal.looks import Looks
from hal.modem import ModemLine
from hal.modem_power import Supply
from hal.mqtt import MqttLink
from hal.no_header import Mute, NoDrawer, Unlit
from hal.panels import CHIPS
from hal.panels_board import serial
from hal.panels_spi_node import SpiNode
from hal.patient import PatientScreen
from hal.ports.board import Board, Clock, Drawer, Light, Log, Sound
from hal.ports.faults import ConfigFault
from hal.power import Battery
from hal.power_key import PowerKey
from hal.random import system
from hal.screen import Panel
from hal.serial_port import Device, open_serial
from hal.stick import OsMedium, UsbStick
from hal.store import FileStore, OsDisk
from hal.version import VERSION
from hal.worker import Thread

OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


class PiBoard(Board):
    """A board that can be left in order."""

    def __init__(self, panel: Panel, gauge: Battery, looks: Looks, pins: list[Any], workers: list[Thread], **ports: Any) -> None:
        super().__init__(power=gauge, **ports)
        self.look = looks.look  # at the power and the clock, now and then
        self._panel = panel
        self._pins = pins
        self._workers = workers

    def close(self) -> None:
        """Dark, silent, every line low: a till that shows a picture is a till that works."""
        for worker in self._workers:
            worker.close()
        self._panel.off()
        for device in self._pins:
            device.close()


def board(
    config_dir: Path,
    profile: str,
    log_to: TextIO,
    open_bus: Callable[[int], Any] = smbus2.SMBus,
    open_header: Callable[[], Any] = header,
    kept_in: Path | None = None,
) -> PiBoard:
    """In the running loop. kept_in: a folder where the log outlives this process. Raises ConfigFault, and OSError where
    the store is missing. Every device may be missing, and whatever hangs on a cable may come later."""
    loop = asyncio.get_running_loop()
    parts = board_file.load(config_dir)
    files = ConfigFiles(config_dir, profile)
    far = brokers.load(config_dir)
    clock = SystemClock(loop.time, time.time, offset_s(files))
    log = StreamLog(log_to, clock.wall_ms, ring(kept_in))
    # a slow stick, a bus that hangs must not hold up a sale
    worker, stick_worker, panel_worker, looking = Thread(), Thread(), Thread(), Thread()
    pins, seen = header_or_none(open_header, log), parts.panel
    wire, panel_pins = serial(seen, pins, lambda bus: LateBus(bus, open_bus), smbus2.i2c_msg.write, SpiNode())
    wire.hold = 0  # every byte goes beside the loop: a bus that hangs holds up its worker alone
    panel = Panel(wire, panel_glyphs(), log, panel_worker, upside_down=seen.upside_down, chip=CHIPS[seen.chip])
    drawer, buzzer, lamps = soldered(pins, parts.pins, log)
    gauge = Battery()
    key = power_key(pins, parts.pins.power_key, gauge, log)
    store, keys = FileStore(OsDisk(Path(parts.store)), worker, log), keystore.kept(Path(parts.store))
    authority, secure = config_dir / AUTHORITY, any(each.tls for each in far.brokers)
    own = Identity(Path(parts.store), authority, parts.terminal, keys.learn) if secure else None
    identity = own or tls.Nobody()
    modem, feed = modem_line(config_dir, parts.modem, pins, clock, log)
    ways: list[Line] = [IpLine(far.loopback), *([modem] if modem else [])]
    budget = Budget(parts.metered, store, clock, log)
    lines = Lines(ways, clock, log, knocker(far.brokers, identity), budget)
    return PiBoard(
        panel,
        gauge,
        Looks(gauge, clock, looking),
        [each for each in (drawer, buzzer, lamps, key, feed, panel_pins, pins) if hasattr(each, "close")],
        [worker, stick_worker, panel_worker, looking],
        screen=PatientScreen(panel, log),
        terminal=parts.terminal,
        version=VERSION,
        clock=clock,
        files=files,
        store=store,
        keys=inputs.keypad(config_dir, parts, clock, log, lambda: buzzer.tone(Sound.KEY)),
        scanner=inputs.scanner(parts.scanner, clock, log),
        printer=printer_board.driver(parts.printer, log, worker),
        drawer=drawer,
        sound=buzzer,
        light=lamps,
        link=MqttLink(lines, far.brokers, identity, clock, log),
        log=log,
        random=system(),
        keystore=keys,
        mirror=FileStore(OsDisk(Path(parts.mirror), Path(parts.store)), worker, log) if parts.mirror else None,
        stick=UsbStick(OsMedium(Path(parts.stick)), stick_worker, log) if parts.stick else None,
        ways=lines,
        identity=own,
        door=door(lines, far.claim, authority, clock, log) if own and far.claim else None,
    )


def ring(folder: Path | None) -> Ring | None:
    """None where there is no such folder: the log is for people, and stops nobody."""
    try:
        return Ring(folder) if folder is not None else None
    except OSError:
        return None


def header_or_none(open_header: Callable[[], Any], log: Log) -> Any:
    try:
        return open_header()
    except OSError as fault:
        log.say("sys", f"no drawer, no buzzer, no lamps, no power key: {fault}")
        return None


def soldered(pins: Any, parts: board_file.Pins, log: Log) -> tuple[Drawer, Sound, Light]:
    """What hangs on the header, or stands in for it where there is none."""
    if pins is None:
        return NoDrawer(log), Mute(), Unlit()
    later = asyncio.get_running_loop().call_later
    return SolenoidDrawer(pins, parts.drawer, later, log), Buzzer(pins, parts.buzzer, later), Lamps(pins, parts.lamps)


def power_key(pins: Any, line: int | None, gauge: Battery, log: Log) -> PowerKey | None:
    """None where there is none, or where something else has its line."""
    if pins is None or line is None:
        return None
    try:
        return PowerKey(pins, line, gauge.press, log)
    except OSError as fault:
        log.say("sys", f"no power key: {fault}")
        return None


def modem_line(
    config_dir: Path, modem: board_file.Modem | None, pins: Any, clock: Clock, log: Log
) -> tuple[ModemLine | None, Supply | None]:
    """The line over the modem and what feeds it, where there are such. Raises ConfigFault."""
    if modem is None:
        return None, None
    feed = Supply(pins, modem.power_bcm) if modem.power_bcm is not None and pins is not None else None

    def opened() -> Device:
        return open_serial(modem.port, modem.baud, modem.rtscts)

    return ModemLine(opened, modem_set.load(config_dir, modem.set), modem, feed, clock, log), feed


async def end_tasks() -> None:
    """Cancel every task but the caller's until none is left.

    More than once: wait_for of Python 3.11 loses a cancel that comes in the instant of its answer (fixed in 3.12)."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
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
