"""Virtual time, under asyncio: when nothing is runnable the clock jumps to the next timer, so a day takes a second.

The loop is the real one; only its selector is ours. What runs in it must be woken by timers or by AF_UNIX sockets, pipes
and terminals; what a thread or another process says comes in real time, which is too late."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

from hal.ports.board import Clock

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
TURNS = 4096


class Stuck(Exception):
    """Nothing is runnable and no timer is set: what is waited for can never come."""


class JumpingSelector(selectors.PollSelector):
    """Looks at the sockets without waiting; where the loop would wait, it moves the clock instead.

    By poll(2): asked so, a terminal waits for the kernel's worker that carries its bytes (n_tty_poll), and has them at once, as
    a socket has. epoll asks only those that have called."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.settling: list[asyncio.Future[None]] = []
        self.moving: list[asyncio.Future[None]] = []
        self.turns = 0
        self.now_and_then: Callable[[], None] = lambda: None  # called every TURNS turns of the loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns += 1
        if self.turns % TURNS == 0:
            self.now_and_then()
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.settling:
            wake(self.settling)
        elif timeout is None:
            raise Stuck("nothing is runnable and no timer is set")
        else:
            self.now += max(timeout, 0)
            wake(self.moving)
        return []


def wake(waiters: "list[asyncio.Future[None]]") -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)
    waiters.clear()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop in virtual time, from 0.0 s."""

    def __init__(self) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)
        self._clock_resolution = 1e-6  # a jump of `when - now` may fall short of `when` by a rounding

    def time(self) -> float:
        return self.jumping.now

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Here and now: a thread would live in real time."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as fault:  # whatever it is, it belongs to who waits
            done.set_exception(fault)
        return done

    async def settle(self) -> None:
        """Returns when nothing but the caller is runnable at this instant."""
        waiter = self.create_future()
        self.jumping.settling.append(waiter)
        await waiter

    async def next_instant(self, deadline: float) -> None:
        """Let the clock move once, to the next timer or to deadline (loop time), and everything due then run."""
        alarm = self.call_at(deadline, int)
        waiter = self.create_future()
        self.jumping.moving.append(waiter)
        await waiter
        await self.settle()
        alarm.cancel()


def run(main: "Coroutine[Any, Any, T]") -> T:
    """asyncio.run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class BenchClock(Clock):
    """The till's clock on the bench: the loop's time below, a wall clock that one can move, and an RTC that can fail.

    It stands outside the power: it goes on while the till is off."""

    def __init__(self, loop: asyncio.AbstractEventLoop, at_utc_s: int, offset_s: int) -> None:
        self.loop = loop
        self.start = loop.time()
        self.at_utc_s = at_utc_s
        self.offset = offset_s
        self.vouched = True
        self.lost = False

    def now_ms(self) -> int:
        return round((self.loop.time() - self.start) * 1000)

    def utc_s(self) -> int:
        return self.at_utc_s + self.now_ms() // 1000

    def offset_s(self) -> int:
        return self.offset

    def trusted(self) -> bool:
        return self.vouched

    def set(self, utc_s: int) -> None:
        self.at_utc_s += utc_s - self.utc_s()
        self.vouched = True
        self.lost = False

    def shift(self, seconds: int) -> None:
        """Move the wall, not the timers."""
        self.at_utc_s += seconds

    def lose(self) -> None:
        """The RTC's cell is empty: from the next boot nobody vouches for the time."""
        self.lost = True

    def booted(self) -> None:
        """The till starts, and looks at the RTC."""
        self.vouched = not self.lost
