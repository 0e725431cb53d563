"""What hangs on a Pi's header, on the pins that config/board.json names: drawer, buzzer, lamps, power key. All may be missing."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hal import pwm
from hal.board_file import Pins
from hal.gpio import Buzzer, Lamps, SolenoidDrawer, ThreadPwm
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


def header(
    open_pins: Callable[[], Any], parts: Pins, press: Callable[[], None], log: Log, kernel_pwm: Path = pwm.CLASS
) -> Header:
    """press: called when the power key is. kernel_pwm: where the kernel shows its PWM."""
    try:
        pins = open_pins()
    except OSError as fault:
        log.say("sys", f"no drawer, no lamps, no power key: {fault}")
        return Header(None, NoDrawer(log), buzzer(None, parts.buzzer, log, kernel_pwm), Unlit(), None)
    opener, sound = drawer(pins, parts.drawer, log), buzzer(pins, parts.buzzer, log, kernel_pwm)
    return Header(pins, opener, sound, Lamps(pins, parts.lamps, log), power_key(pins, parts.power_key, press, log))


def drawer(pins: Any, line: int, log: Log) -> Drawer:
    """One that only says so where something else has its line."""
    try:
        return SolenoidDrawer(pins, line, asyncio.get_running_loop().call_later, log)
    except OSError as fault:
        log.say("sys", f"no drawer: {fault}")
        return NoDrawer(log)


def buzzer(pins: Any, line: int, log: Log, kernel_pwm: Path) -> Sound:
    """By the kernel where it can: it wakes nobody, and needs no header of gpiozero's. A buzzer that cannot be had is mute."""
    later = asyncio.get_running_loop().call_later
    try:
        return Buzzer(pwm.KernelPwm(line, log, kernel_pwm), later)
    except OSError as fault:
        why = str(fault)
    if pins is None:
        log.say("sys", f"no buzzer: {why}")
        return Mute()
    try:
        thread = ThreadPwm(pins, line)
    except OSError as fault:
        log.say("sys", f"no buzzer: {why}; {fault}")
        return Mute()
    log.say("sys", f"the buzzer is a thread of lgpio's: {why}")
    return Buzzer(thread, later)


def power_key(pins: Any, line: int | None, press: Callable[[], None], log: Log) -> PowerKey | None:
    """None where there is none, or where something else has its line."""
    if line is None:
        return None
    try:
        return PowerKey(pins, line, press, log)
    except OSError as fault:
        log.say("sys", f"no power key: {fault}")
        return None
