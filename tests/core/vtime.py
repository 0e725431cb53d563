"""asyncio in virtual time, on both interpreters: whenever nothing can run, time jumps to the next timer.

CPython: a selector that jumps. MicroPython: asyncio.core reads its clock through `ticks` and waits in
`_io_queue.wait_io_event`, and both are ours here. Its C half still stamps "now" with the real clock, so virtual time
starts ahead of it: what is ready is then always earlier than any timer, and a pending timer never looks due."""

import asyncio
import sys

AHEAD_MS = 1 << 24  # 4.6 hours; ticks are compared within 2**29 ms


class Deadlock(Exception):
    """Everything waits, and no timer is set."""


if sys.implementation.name == "micropython":
    core = asyncio.core
    _real = core.ticks
    _now = [0, 0]  # base, and virtual ms since

    def now_ms() -> int:
        """Virtual milliseconds since run began."""
        return _now[1]

    def _wait(ms: int) -> None:
        if core._task_queue.peek() is None:
            raise Deadlock()
        _now[1] += ms

    def run(work):
        """What work, a coroutine, returns. Tasks that it leaves behind are dropped where they stand."""
        asyncio.new_event_loop()
        _now[0], _now[1] = core.ticks_add(_real(), AHEAD_MS), 0
        core.ticks = lambda: core.ticks_add(_now[0], _now[1])
        core._io_queue.wait_io_event = _wait
        done = []

        async def main() -> None:
            done.append(await work)

        try:
            asyncio.run(main())
        finally:
            core.ticks = _real
            asyncio.new_event_loop()  # lets go of every task
        if not done:
            raise Deadlock()
        return done[0]

    async def sleep_ms(ms: int) -> None:
        """Let this much virtual time pass."""
        await asyncio.sleep_ms(ms)

else:
    import selectors

    class _Jump(selectors.SelectSelector):
        now = 0.0

        def select(self, timeout=None):
            if timeout is None:
                raise Deadlock()
            self.now += timeout
            return []

    def now_ms() -> int:
        """Virtual milliseconds since run began."""
        return round(asyncio.get_running_loop().time() * 1000)

    def run(work):
        """What work, a coroutine, returns. Tasks that it leaves behind are dropped where they stand."""
        jump = _Jump()
        loop = asyncio.SelectorEventLoop(jump)
        loop.time = lambda: jump.now
        loop._clock_resolution = 1e-9
        loop.set_exception_handler(lambda loop, what: None)  # a dropped task is no news here
        try:
            return loop.run_until_complete(work)
        finally:
            loop.close()

    async def sleep_ms(ms: int) -> None:
        """Let this much virtual time pass."""
        await asyncio.sleep(ms / 1000)
