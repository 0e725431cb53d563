"""Where blocking work is done: one thread beside the loop, so that an fsync never holds up a key."""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Worker(Protocol):
    """Runs blocking work, one piece after another, in the order asked."""

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        """fn(*args), its answer or its exception. Cancelled while it runs, it still runs to its end."""


class Thread:
    """A Pi's worker. One thread, so two writes never change places. patience_s: what takes longer raises ETIMEDOUT, as does
    all that is asked while it hangs; None: however long it takes."""

    def __init__(self, patience_s: float | None = None) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker")
        self._patience_s = patience_s

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        limit = asyncio.timeout(self._patience_s)
        try:
            async with limit:
                return await asyncio.get_running_loop().run_in_executor(self._pool, fn, *args)
        except asyncio.TimeoutError:
            if not limit.expired():
                raise  # fn's own, errno and all
            raise OSError(errno.ETIMEDOUT, f"no answer in {self._patience_s:g} s") from None

    def begin(self, fn: Callable[[], T]) -> "Future[T]":
        """The same, for who comes back for the answer: nobody is woken when it is there."""
        return self._pool.submit(fn)

    async def last(self, fn: Callable[[], object], within_s: float) -> bool:
        """fn(), once all is done that was asked before; False when that takes longer, and is left."""
        try:
            await asyncio.wait_for(self.run(fn), within_s)
        except asyncio.TimeoutError:
            return False
        return True

    def close(self) -> None:
        """What has not begun never will. Nobody waits for what is under way, since it may hang: last() does."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Inline:
    """Does it here and now: for tests, where nothing blocks."""

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        return fn(*args)
