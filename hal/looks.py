"""What the kernel is asked now and then: gauge, supply, RTC. They hang on a bus that may be stuck, so it is done beside the loop,
one round at a time: a round that never ends holds up no key, no picture and no watchdog."""

import asyncio

from hal.clock import SystemClock
from hal.power import Battery
from hal.worker import Worker


class Looks:
    """worker: of its own, since it may hang for good."""

    def __init__(self, battery: Battery, clock: SystemClock, worker: Worker) -> None:
        self._battery = battery
        self._clock = clock
        self._worker = worker
        self._round: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin a round, unless one is under way."""
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._go_round())

    async def _go_round(self) -> None:
        self._battery.heed(await self._worker.run(self._battery.read))
        await self._worker.run(self._clock.look)
