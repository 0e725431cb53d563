"""The line that feeds the modem, and how often it may be used: a module that hangs is cut off, but every start wears its
flash, so a hopeless one is left alone for longer and longer, and a day sees only so many starts."""

import asyncio
from collections import deque
from typing import Any, Protocol

from gpiozero import DigitalOutputDevice

from hal.gpio_lines import claimed
from hal.ports.board import Clock, Log

OFF_S = 3.0  # until its capacitors are empty
FAST = 3  # starts at once; then with these pauses, the last one for ever (Quectel's note on network recovery)
PAUSES_S = (600.0, 1800.0, 3600.0)
DAY_S = 86400.0
STARTS_A_DAY = 30
STEADY_S = 600.0  # a modem that answered for so long has recovered


class Switch(Protocol):
    """What switches the modem."""

    async def cycle(self) -> None: ...


class Supply:
    """pin drives the load switch, high feeds the modem; it is fed from the start. Raises OSError where the line is another's."""

    def __init__(self, factory: Any, pin: int) -> None:
        self._line = claimed(DigitalOutputDevice, factory, pin, initial_value=True)

    async def cycle(self) -> None:
        """Off and on again."""
        self._line.off()
        try:
            await asyncio.sleep(OFF_S)
        finally:
            if not self._line.closed:
                self._line.on()

    def close(self) -> None:
        """The line is free for another."""
        self._line.close()


def supply(factory: Any, pin: int | None, log: Log) -> Supply | None:
    """None where nothing switches the modem: by board.json, or for want of a header or of that line."""
    if factory is None or pin is None:
        return None
    try:
        return Supply(factory, pin)
    except OSError as fault:
        log.say("sys", f"no switch for the modem's power: {fault}")
        return None


class Patience:
    """When the next start is allowed. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._starts: deque[float] = deque(maxlen=STARTS_A_DAY)
        self._row = 0  # starts since it last was steady

    def not_before(self, now_s: float) -> float:
        """The time of the next start; now or earlier: at once."""
        at = now_s
        if self._row >= FAST:
            at = self._starts[-1] + PAUSES_S[min(self._row - FAST, len(PAUSES_S) - 1)]
        if len(self._starts) == STARTS_A_DAY:
            at = max(at, self._starts[0] + DAY_S)
        return at

    def started(self, now_s: float) -> None:
        self._starts.append(now_s)
        self._row += 1

    def answered(self, now_s: float) -> None:
        """To be called now and then while the modem is well."""
        if self._row and now_s - self._starts[-1] >= STEADY_S:
            self._row = 0


class Rescue:
    """What is done about a modem that hangs. supply: None where nothing switches it."""

    def __init__(self, supply: "Switch | None", clock: Clock) -> None:
        self.supply = supply
        self.clock = clock
        self.patience = Patience()

    def words(self) -> str:
        """What will be done now."""
        if self.supply is None:
            return "the modem hangs, and no line switches its power"
        return (
            "the modem hangs: its power goes off and on"
            if self._allowed()
            else "the modem hangs; its power may not be switched yet"
        )

    async def help(self) -> None:
        """Off and on, if it may be."""
        if self.supply is not None and self._allowed():
            self.patience.started(self._now_s())
            await self.supply.cycle()

    def answered(self) -> None:
        """To be called now and then while the modem is well."""
        self.patience.answered(self._now_s())

    def _allowed(self) -> bool:
        return self.patience.not_before(self._now_s()) <= self._now_s()

    def _now_s(self) -> float:
        return self.clock.now_ms() / 1000
