"""Drawer, buzzer and lamps on GPIO lines, through gpiozero and a pin factory that is passed in.

Nothing here starts a thread: gpiozero's blink, beep and pulse would, so patterns are steps on the loop's own timer.
Pins are BCM numbers, from config/board.json."""

import contextlib
import importlib
import tempfile
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Any, Protocol

from gpiozero import DigitalOutputDevice, GPIOZeroError, PWMOutputDevice

from hal.gpio_lines import claimed
from hal.ports import board

Later = Callable[..., TimerHandle]  # asyncio's loop.call_later

KICK_S = 0.1  # a 24 V solenoid latches in 50 ms, and burns out when it is held
HALF = 0.5  # duty cycle: a piezo is loudest at one half

# steps of (Hz, ms) by name; 0 Hz is silence
TONES = {
    board.Sound.KEY: ((2400, 12),),
    board.Sound.DONE: ((1600, 70), (2400, 110)),
    board.Sound.ERROR: ((400, 90), (0, 60), (400, 90), (0, 60), (400, 90)),
    board.Sound.DOUBT: ((900, 150), (0, 80), (600, 220)),
}


def header() -> Any:
    """The 40-pin header of this Pi. Raises OSError.

    lgpio comes with Raspberry Pi OS (python3-lgpio); what an index has under that name may be an empty shell, hence the
    AttributeError (gpiozero issue 1115)."""
    try:
        lgpio = library()
        factory = importlib.import_module("gpiozero.pins.lgpio").LGPIOFactory
    except (ImportError, AttributeError) as fault:
        raise OSError(f"no library for GPIO: {fault}") from fault
    except OSError as fault:
        raise OSError(f"no folder for the FIFO of the library for GPIO: {fault}") from fault
    try:
        return factory()
    except (lgpio.error, GPIOZeroError) as fault:
        raise OSError(f"no GPIO: {fault}") from fault


def library() -> Any:
    """lgpio, which makes a FIFO as it is imported, and goes to the folder of that: to LG_WD if it is given, else it stays where
    it is (its issue 22). So where it is must be a folder of ours meanwhile, and nothing of the till may notice. Raises OSError
    and ImportError."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return importlib.import_module("lgpio")


class SolenoidDrawer(board.Drawer):
    """pin drives the solenoid's transistor, high is on. Raises OSError where the line is another's."""

    def __init__(self, factory: Any, pin: int, later: Later, log: board.Log) -> None:
        self._line = claimed(DigitalOutputDevice, factory, pin)
        self._later = later
        self._log = log
        self._release: TimerHandle | None = None

    def kick(self) -> None:
        if self._release is not None:  # a second kick makes the pulse no longer
            return
        self._line.on()
        self._release = self._later(KICK_S, self._let_go)
        self._log.say("sys", "drawer kicked")

    def close(self) -> None:
        """The line is low and free for another."""
        if self._release is not None:
            self._release.cancel()
        self._line.close()

    def _let_go(self) -> None:
        self._release = None
        self._line.off()


class Piezo(Protocol):
    """What a buzzer plays on: a ThreadPwm, or a KernelPwm (hal/pwm.py)."""

    def sound(self, hertz: int) -> None:
        """0 is silence."""
        ...

    def close(self) -> None:
        """Silent, and free for another."""
        ...


class ThreadPwm:
    """A passive piezo on any line, by gpiozero. Raises OSError where the line is another's.

    Silence is no PWM at all: lgpio makes it in a thread, which would turn as often for a pulse of no length."""

    def __init__(self, factory: Any, pin: int) -> None:
        self._line = claimed(PWMOutputDevice, factory, pin, frequency=None)

    def sound(self, hertz: int) -> None:
        self._line.frequency = hertz or None
        self._line.value = HALF if hertz else 0  # and low: PWM may have ended half way

    def close(self) -> None:
        self._line.close()


class Buzzer(board.Sound):
    """Tones with a pitch, one after the other."""

    def __init__(self, piezo: Piezo, later: Later) -> None:
        self._piezo = piezo
        self._later = later
        self._next: TimerHandle | None = None

    def tone(self, name: str) -> None:
        self._hush()
        self._play(TONES[name])

    def close(self) -> None:
        """The line is low and free for another."""
        self._hush()
        self._piezo.close()

    def _play(self, steps: tuple[tuple[int, int], ...]) -> None:
        self._next = None
        hertz, ms = steps[0] if steps else (0, 0)
        self._piezo.sound(hertz)
        if steps:
            self._next = self._later(ms / 1000, self._play, steps[1:])

    def _hush(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None


class Lamps(board.Light):
    """pins: lamp name -> pin, high is lit. A lamp without a pin is not built in, and that is no fault; one whose line is
    another's stays dark, and is said once."""

    def __init__(self, factory: Any, pins: dict[str, int], log: board.Log) -> None:
        self._lines: dict[str, Any] = {}
        for name, pin in pins.items():
            try:
                self._lines[name] = claimed(DigitalOutputDevice, factory, pin)
            except OSError as fault:
                log.say("sys", f"no lamp {name}: {fault}")

    def set(self, lamp: str, on: bool) -> None:
        if lamp in self._lines:
            self._lines[lamp].value = on

    def close(self) -> None:
        """The lines are low and free for another."""
        for line in self._lines.values():
            line.close()
