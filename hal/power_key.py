"""The power key, on a GPIO line by gpiozero: pressed, the till is asked to stop; it switches itself off when it is ready.

gpiozero's DigitalInputDevice and not its Button, whose thread for holds wakes ten times a second. What lies between two edges
is told by the loop's timer, which runs only after an edge; an edge may come from any thread."""

import asyncio
from collections.abc import Callable
from typing import Any

from gpiozero import DigitalInputDevice

from hal import gpio_edges
from hal.gpio_lines import claimed
from hal.ports import board

BOUNCE_S = 0.05  # the level counts once it has stood for so long
LONGEST_S = 5.0  # held so long it was no press: something lies on the key, or the hardware's own switch takes over


class PowerKey:
    """pin: BCM number; the key pulls it to ground. press() is called in the loop when the key comes up again. Raises OSError
    where the line is another's.

    Not when it goes down: a second pole that wakes the Pi holds down a line of the I2C bus meanwhile (config/install.md)."""

    def __init__(self, factory: Any, pin: int, press: Callable[[], None], log: board.Log) -> None:
        self._loop = asyncio.get_running_loop()
        if hasattr(factory, "chip"):  # a real header
            gpio_edges.watched(factory, pin)
        self._key = claimed(DigitalInputDevice, factory, pin, pull_up=True)
        self._press = press
        self._log = log
        self._settling: asyncio.TimerHandle | None = None
        self._down = bool(self._key.is_active)
        self._down_at: float | None = None  # nobody knows, while it is held from before the start
        self._key.when_activated = self._key.when_deactivated = self._moved

    def close(self) -> None:
        """The line is free for another."""
        self._key.close()
        self._stand_still()

    def _moved(self) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._edge)

    def _edge(self) -> None:
        self._stand_still()
        if not self._key.closed:
            self._settling = self._loop.call_later(BOUNCE_S, self._settled)

    def _settled(self) -> None:
        self._settling = None
        down, now = bool(self._key.is_active), self._loop.time()
        if down == self._down:
            return
        self._down, down_at = down, self._down_at
        self._down_at = now if down else None
        if down or down_at is None:
            return
        if now - down_at < LONGEST_S:
            self._press()
        else:
            self._log.say("sys", f"the power key was held for {now - down_at:.0f} s, which is no press")

    def _stand_still(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
