"""Virtual time: an hour passes at once, sockets are heard, and a world that can only wait for ever says so."""

import asyncio
import socket

import pytest

from sim.clock import BenchClock, Stuck, VirtualLoop, run


def test_an_hour_passes_at_once_and_exactly():
    async def main() -> tuple[float, list[float]]:
        loop = asyncio.get_running_loop()
        seen: list[float] = []
        loop.call_later(1800, lambda: seen.append(loop.time()))
        await asyncio.sleep(3600)
        return loop.time(), seen

    assert run(main()) == (3600.0, [1800.0])


def test_settle_returns_when_nothing_else_is_runnable_and_no_time_has_passed():
    async def main() -> tuple[list[int], float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        heard: list[int] = []
        near, far = socket.socketpair()
        far.setblocking(False)
        loop.add_reader(far.fileno(), lambda: heard.append(len(far.recv(100))))
        near.send(b"four")
        await loop.settle()
        loop.remove_reader(far.fileno())
        near.close(), far.close()
        return heard, loop.time()

    assert run(main()) == ([4], 0.0)


def test_next_instant_stops_at_the_next_timer_and_never_after_the_deadline():
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.call_later(2, int)
        await loop.next_instant(5)
        first = loop.time()
        await loop.next_instant(5)
        return [first, loop.time()]

    assert run(main()) == [2.0, 5.0]


def test_waiting_for_what_can_never_come_is_said_aloud():
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stuck):
        run(main())


def test_the_wall_can_be_moved_lost_and_set_again_while_timers_go_on():
    async def main() -> list[object]:
        clock = BenchClock(asyncio.get_running_loop(), 1_000_000, 3600)
        await asyncio.sleep(2.5)
        clock.shift(-7200)
        seen: list[object] = [clock.now_ms(), clock.utc_s(), clock.trusted()]
        clock.lose()
        seen.append(clock.trusted())
        clock.booted()
        seen.append(clock.trusted())
        clock.set(2_000_000)
        return [*seen, clock.utc_s(), clock.trusted()]

    assert run(main()) == [2500, 1_000_002 - 7200, True, True, False, 2_000_000, True]
