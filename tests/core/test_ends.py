"""How a till ends: a part of it dies, or its power is about to go. It says so, and loses nothing."""

import asyncio

from hal.ports.faults import PowerEnds
from tests.core import vtime
from tests.core.board import Bench, day

SHOWN_MS = 3000


def ended(part, name, end):
    """A cart of one coffee, and then a port's coroutine ends as it should not. The till, just after, and what it was."""

    async def story():
        till, go = Bench(), asyncio.Event()

        async def waits(*given):
            await go.wait()
            return end()

        setattr(getattr(till, part), name, waits)
        await till.boot()
        await till.keys("F1")
        go.set()
        await vtime.sleep_ms(10)
        seen = till.screen.frame
        assert till.light.lit["alarm"] and not till.light.lit["ready"]
        assert till.died is None, "it can be read"
        await vtime.sleep_ms(SHOWN_MS)
        return till, seen

    return vtime.run(story())


def raises():
    raise ZeroDivisionError("planted")


def test_a_task_that_dies_is_shown_logged_by_name_and_ends_the_till():
    till, seen = ended("power", "ends", raises)
    assert seen.id == "fault" and seen.fields == {"task": "power"} and seen.heading.s == "Starting again"
    assert any("the task power died: ZeroDivisionError" in line for line in till.log.lines), till.log.lines
    assert isinstance(till.died, ZeroDivisionError)


def test_it_starts_again_with_the_cart_that_lay_there():
    till, _ = ended("power", "ends", raises)

    async def again(till):
        till.see("cart", total="3.50", lines="1")

    day(again, store=till.store)


def test_an_empty_battery_stops_the_till_in_order_and_nothing_is_lost():
    till, seen = ended("power", "ends", lambda: "empty")
    assert seen.id == "switch_off" and seen.fields == {"why": "empty", "cart": "yes"}
    assert isinstance(till.died, PowerEnds) and str(till.died) == "empty"

    async def charged(till):
        till.see("cart", total="3.50")
        await till.keys("CASH OK")
        assert len(await till.records("sale")) == 1

    day(charged, store=till.store)


def test_a_panel_that_hangs_does_not_keep_a_till_from_stopping():
    async def story():
        till, go = Bench(), asyncio.Event()

        async def ends():
            await go.wait()
            return "weak"

        async def hangs(frame):
            await asyncio.Event().wait()

        till.power.ends = ends
        await till.boot()
        till.screen.show = hangs
        go.set()
        await vtime.sleep_ms(2 * SHOWN_MS + 100)
        assert isinstance(till.died, PowerEnds)

    vtime.run(story())
