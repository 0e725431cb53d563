"""What hangs on a Pi's header, on the pins that config/board.json names: drawer, buzzer, lamps, power key. All may be missing."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from hal.board_file import Pins
from hal.gpio import Buzzer, Lamps, SolenoidDrawer
from hal.no_header import Mute, NoDrawer, Unlit
from hal.ports.board import Drawer, Light, Log, Sound
from hal.power_key import PowerKey


class Header(NamedTuple):
    """pins: gpiozero's factory, None where there is no header; then something stands in for each part, or nothing."""

    pins: Any
    drawer: Drawer
    sound: Sound
    light: Light
    key: PowerKey | None


def header(open_pins: Callable[[], Any], parts: Pins, press: Callable[[], None], log: Log) -> Header:
    """press: called when the power key is."""
    try:
        pins = open_pins()
    except OSError as fault:
        log.say("sys", f"no drawer, no buzzer, no lamps, no power key: {fault}")
        return Header(None, NoDrawer(log), Mute(), Unlit(), None)
    later = asyncio.get_running_loop().call_later
    drawer, sound = SolenoidDrawer(pins, parts.drawer, later, log), Buzzer(pins, parts.buzzer, later)
    return Header(pins, drawer, sound, Lamps(pins, parts.lamps), power_key(pins, parts.power_key, press, log))


def power_key(pins: Any, line: int | None, press: Callable[[], None], log: Log) -> PowerKey | None:
    """None where there is none, or where something else has its line."""
    if line is None:
        return None
    try:
        return PowerKey(pins, line, press, log)
    except OSError as fault:
        log.say("sys", f"no power key: {fault}")
        return None
