"""How a script lets time pass: at once in virtual time, by the wall clock when it is replayed on the page."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from sim.clock import VirtualLoop

GLANCE_S = 0.02  # on the page: how often a condition is looked at; people see no difference


class Pace(Protocol):
    """Time, as a script spends it."""

    async def sleep(self, ms: int) -> None: ...
    async def settle(self) -> None: ...
    async def until(self, condition: Callable[[], bool], ms: int) -> bool: ...


class Virtual:
    """Nothing waits: time jumps from one thing that happens to the next."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)
        await self.settle()

    async def settle(self) -> None:
        """Run until nothing is runnable at this instant."""
        await self.loop.settle()

    async def until(self, condition: Callable[[], bool], ms: int) -> bool:
        """True as soon as the condition holds; False after ms without it."""
        await self.settle()
        deadline = self.loop.time() + ms / 1000
        while not condition():
            if self.loop.time() >= deadline:
                return False
            await self.loop.next_instant(deadline)
        return True


class Real:
    """x1: what is replayed on the page takes as long as it would at the stall."""

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)

    async def settle(self) -> None:
        await asyncio.sleep(GLANCE_S)

    async def until(self, condition: Callable[[], bool], ms: int) -> bool:
        deadline = asyncio.get_running_loop().time() + ms / 1000
        while not condition():
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(GLANCE_S)
        return True
