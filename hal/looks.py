"""What the kernel is asked now and then: gauge, supply, RTC, radio. Some hang on a bus that may be stuck, so it is done beside
the loop, one round at a time: a round that never ends holds up no key, no picture and no watchdog."""

import asyncio
from collections.abc import Callable
from typing import Any

from hal.worker import Worker

Look = tuple[Callable[[], Any], Callable[[Any], None]]  # what is asked, and may block; who heeds the answer, in the loop


class Looks:
    """worker: of its own, since it may hang for good."""

    def __init__(self, worker: Worker, *looks: Look) -> None:
        self._worker = worker
        self._looks = looks
        self._round: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin a round, unless one is under way."""
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._go_round())

    async def _go_round(self) -> None:
        for read, heed in self._looks:
            heed(await self._worker.run(read))
