"""What is asked beside the loop: heeded a turn later but for the first, wakes nobody, and holds nothing up when it hangs."""

import asyncio
import selectors
import threading

from hal.looks import Looks
from hal.worker import Thread

LIMIT_S = 10


class CountedSelector(selectors.DefaultSelector):
    """wakes: how often something woke the loop."""

    wakes = 0

    def select(self, timeout=None):
        ready = super().select(timeout)
        self.wakes += bool(ready)
        return ready


class Asked:
    """One that is asked; holds its answer back until `may`. heeded: what was made of it, in the loop."""

    def __init__(self):
        self.may, self.asked = threading.Event(), threading.Semaphore(0)
        self.may.set()
        self.count, self.heeded, self.fault = 0, [], None

    def read(self):
        self.count += 1
        self.asked.release()
        assert self.may.wait(LIMIT_S)
        if self.fault:
            raise self.fault
        return self.count

    def heed(self, seen):
        assert asyncio.get_running_loop()
        self.heeded.append(seen)


def at_looks(story):
    selector = CountedSelector()

    async def main():
        thread, asked = Thread(), Asked()
        try:
            await story(Looks(thread, (asked.read, asked.heed)), asked, selector)
        finally:
            asked.may.set()
            thread.close()

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(main())


async def over(looks):
    """The round is, as far as its thread is concerned."""
    looks._round.exception(LIMIT_S)
    await asyncio.sleep(0)


def test_an_answer_is_heeded_at_the_next_turn_and_wakes_nobody():
    async def story(looks, asked, selector):
        for turn in range(1, 6):
            looks.look()
            await over(looks)
            assert asked.heeded == list(range(1, turn))
        assert selector.wakes == 0

    at_looks(story)


def test_a_round_that_hangs_is_left_alone_and_heeded_when_it_comes_back():
    async def story(looks, asked, selector):
        asked.may.clear()
        for _ in range(5):
            looks.look()
        assert asked.asked.acquire(timeout=LIMIT_S) and asked.count == 1 and not asked.heeded
        asked.may.set()
        await over(looks)
        looks.look()
        assert asked.heeded == [1]

    at_looks(story)


def test_the_first_round_of_a_start_is_waited_for():
    async def story(looks, asked, selector):
        await looks.first(LIMIT_S)
        assert asked.heeded == [1]
        looks.look()
        assert asked.heeded == [1], "heeded once"
        await over(looks)
        looks.look()
        assert asked.heeded == [1, 2]

    at_looks(story)


def test_a_first_round_that_hangs_is_not_waited_for_long_and_heeded_as_any_other():
    async def story(looks, asked, selector):
        asked.may.clear()
        async with asyncio.timeout(LIMIT_S):
            await looks.first(0.01)
        assert asked.count == 1 and not asked.heeded
        asked.may.set()
        await over(looks)
        looks.look()
        assert asked.heeded == [1]

    at_looks(story)


def test_a_look_that_is_broken_costs_its_round_and_not_the_watchdog():
    async def story(looks, asked, selector):
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: told.append(what["exception"]))
        asked.fault = RuntimeError("planted")
        looks.look()
        await over(looks)
        asked.fault = None
        looks.look()
        await over(looks)
        looks.look()
        assert told and str(told[0]) == "planted" and asked.heeded == [2]

    at_looks(story)
