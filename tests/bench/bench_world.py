"""A whole till in virtual time, for measuring: keys in, bytes and instants out."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from fleet.ledger import Ledger
from sim.clock import VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden
from sim.script.knobs import PowerOn
from sim.script.pace import Virtual
from sim.setup import Setup
from sim.world import World

T = TypeVar("T")


class Bench:
    """world and pace of a till that has booted."""

    def __init__(self, world: World, pace: Virtual) -> None:
        self.world = world
        self.pace = pace

    async def keys(self, *names: str) -> None:
        """As a script presses them: 500 ms each."""
        for name in names:
            self.world.press(name)
            await self.pace.sleep(60)
            self.world.release(name)
            await self.pace.sleep(440)

    async def until(self, condition: Callable[[], bool], ms: int = 60_000) -> None:
        assert await self.pace.until(condition, ms), "it never came"


def with_till(work: "Callable[[Bench], Awaitable[T]]", setup: Setup | None = None) -> T:
    """Boot a till in virtual time, do the work, and end it."""

    async def main() -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        ends = InLoop(Ledger(Path(":memory:")))
        world = World(setup or Setup(), ends, Golden(Path("/nonexistent")), echo=None)
        await ends.start()
        bench = Bench(world, Virtual(loop))
        try:
            await PowerOn().run(world, bench.pace)
            return await work(bench)
        finally:
            await world.close()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())
