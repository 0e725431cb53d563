"""What the contract tests of the devices share: a loop in virtual time, a clock on it, and a log that one can read."""

import asyncio

from hal.ports.board import Clock, Log
from sim.clock import BenchClock, VirtualLoop, run

AT = 1795271520  # 2026-11-21 14:32:00 UTC


class Notes(Log):
    """A log that one can read."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, who: str, text: str) -> None:
        self.lines.append(f"{who} {text}")


def clock() -> Clock:
    """On the running loop."""
    return BenchClock(asyncio.get_running_loop(), AT, 0)


async def wait_ms(ms: int) -> None:
    """Virtual time passes, and what is due runs."""
    await asyncio.sleep(ms / 1000)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    await loop.settle()


__all__ = ["AT", "Notes", "clock", "run", "wait_ms"]
