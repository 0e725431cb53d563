"""What the kernel is asked now and then: gauge, supply, RTC, radio. Some hang on a bus that may be stuck, so it is done beside
the loop, one round at a time: a round that never ends holds up no key, no picture and no watchdog.

What a round gave is heeded as the next one begins: an answer that woke the loop by itself would do so every ten seconds. Only
the first is waited for, so that the first picture is true, and not for long."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from hal.worker import Thread

Look = tuple[Callable[[], Any], Callable[[Any], None]]  # what is asked, and may block; who heeds the answer, in the loop


class Looks:
    """thread: of its own, since it may hang for good."""

    def __init__(self, thread: Thread, *looks: Look) -> None:
        self._thread = thread
        self._looks = looks
        self._round: Future[list[Any]] | None = None

    def look(self) -> None:
        """In the loop: heed the last round and begin another, unless it is still under way."""
        if self._ended():
            self._round = self._thread.begin(lambda: [read() for read, _ in self._looks])

    async def first(self, within_s: float) -> None:
        """A round is begun, and heeded if it ends in time; else look() heeds it, as any other."""
        self.look()
        assert self._round is not None
        await asyncio.wait((asyncio.wrap_future(self._round),), timeout=within_s)
        self._ended()

    def _ended(self) -> bool:
        """None is under way; the last is heeded, once."""
        if self._round is None or not self._round.done():
            return self._round is None
        over, self._round = self._round, None
        self._heed(over)
        return True

    def _heed(self, over: "Future[list[Any]]") -> None:
        fault = over.exception()
        if fault is not None:  # a defect of one look costs the round, and not the watchdog that it is part of
            asyncio.get_running_loop().call_exception_handler({"message": "a look failed", "exception": fault})
            return
        for (_, heed), seen in zip(self._looks, over.result(), strict=True):
            heed(seen)
