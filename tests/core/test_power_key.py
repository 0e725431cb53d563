"""The power key in the middle of a sale: whatever the till is at ends first, nothing new begins, and the next boot goes on."""

import asyncio

from hal.ports.faults import PowerEnds, StoreBroken
from tests.core import vtime
from tests.core.board import Bench, day
from tests.core.sparse_store import SparseStore

SHOWN_MS = 3000


class SlowStore(SparseStore):
    """slow: of this journal ("main", "desk") each sync takes so many ms."""

    slow, ms = "", 0

    async def sync(self, name):
        if self.slow and name.startswith(self.slow):
            await vtime.sleep_ms(self.ms)
        await SparseStore.sync(self, name)


def pressed(story, **setup):
    """A story of a till and its power key; its store, for the next boot."""

    async def whole():
        till, key = Bench(store=SlowStore(), **setup), asyncio.Event()

        async def ends():
            await key.wait()
            return "key"

        till.power.ends = ends
        await till.boot()
        await story(till, key)
        return till.store

    return vtime.run(whole())


async def off(till, within_ms=SHOWN_MS):
    """The till has ended by now, because its key was pressed."""
    await vtime.sleep_ms(within_ms + 10)
    assert isinstance(till.died, PowerEnds) and str(till.died) == "key", (till.died, till.screen.frame.id)


def test_an_open_cart_is_kept_said_and_comes_back():
    async def story(till, key):
        await till.keys("F1 F2 7")  # 7 is being typed
        key.set()
        await vtime.sleep_ms(10)
        till.see("switch_off", why="key", cart="yes")
        assert not till.light.lit["ready"] and not till.light.lit["alarm"]
        assert till.died is None, "it can be read"
        await off(till)

    async def later(till):
        till.see("cart", total="6.00", lines="2")
        await till.keys("CASH OK")
        till.see("paid", total="6.00", no="0001")
        assert len(await till.records("sale")) == 1

    day(later, store=pressed(story))


def test_with_nothing_on_the_counter_it_says_that_the_sales_are_kept():
    async def story(till, key):
        await till.keys("F1 CASH OK OK")
        key.set()
        await vtime.sleep_ms(10)
        till.see("switch_off", why="key", cart="no")
        await off(till)

    async def later(till):
        till.see("idle")

    day(later, store=pressed(story))


def test_pressed_while_a_sale_is_being_saved_the_change_can_still_be_read():
    async def story(till, key):
        await till.keys("F1 CASH")
        till.store.slow, till.store.ms = "main", 900
        till.edge("F1", True)  # five, and so change
        await vtime.sleep_ms(10)
        till.edge("F1", False)
        await vtime.sleep_ms(90)
        till.see("cash")
        key.set()
        await vtime.sleep_ms(700)
        till.see("cash")
        await vtime.sleep_ms(200)
        till.see("paid", total="3.50")
        assert till.drawer.kicks == 1
        await vtime.sleep_ms(2700)
        till.see("paid")
        await off(till, 2 * SHOWN_MS)
        assert till.printer.lines, "the slip is out"

    store = pressed(story)
    store.slow = ""

    async def later(till):
        till.see("idle")  # and not: Power is back, print it?
        assert len(await till.records("sale")) == 1 and len(await till.records("print")) == 1

    day(later, store=store)


def test_a_slip_that_is_half_out_is_finished():
    async def story(till, key):
        take = till.printer.print

        async def slowly(block):
            await vtime.sleep_ms(800)
            await take(block)

        till.printer.print = slowly
        await till.keys("F1 CASH OK")
        assert len(till.printer.lines) < 5
        key.set()
        await off(till, 2 * SHOWN_MS)
        assert any("Thank you" in line for line in till.printer.lines)

    async def later(till):
        till.see("idle")

    day(later, store=pressed(story))


def test_a_slip_that_waits_for_paper_is_not_waited_for():
    async def story(till, key):
        till.printer.paper = till.printer.OUT
        await till.keys("F1 CASH OK")
        key.set()
        await off(till)

    async def later(till):
        till.see("recovered", no="0001")

    day(later, store=pressed(story))


def test_a_printer_or_a_disk_that_hangs_does_not_keep_the_till_on():
    async def hangs(*given):
        await asyncio.Event().wait()

    async def printer(till, key):
        till.printer.print = hangs
        await till.keys("F1 CASH OK")
        key.set()
        await off(till, 10_000 + SHOWN_MS)

    async def disk(till, key):
        till.store.sync = hangs
        await till.keys("F1")
        key.set()
        await off(till, 10_000 + SHOWN_MS)

    pressed(printer)
    pressed(disk)


def test_a_sale_in_doubt_does_not_keep_it_on_and_the_next_boot_settles_it():
    async def story(till, key):
        await till.keys("F1 CASH")
        fault = StoreBroken("input/output error")
        till.store.broken = {"synced main": fault, "create main": fault, "read main": fault}
        await till.keys("OK")
        till.see("notice", text="IN DOUBT")
        key.set()
        await off(till, 10_000 + SHOWN_MS)

    async def later(till):
        till.see("recovered", no="0001", total="3.50")

    day(later, store=pressed(story))


def test_nothing_is_sold_once_the_till_is_on_its_way_out():
    async def story(till, key):
        async def slowly(block):
            await vtime.sleep_ms(1500)

        till.printer.print = slowly
        await till.keys("F1 CASH OK OK F2 CASH")
        key.set()
        await vtime.sleep_ms(10)
        await till.keys("OK OK")
        assert len(await till.records("sale")) == 1
        await off(till, 10_000)

    async def later(till):
        till.see("cart", total="2.50")
        assert len(await till.records("sale")) == 1

    day(later, store=pressed(story))


def test_a_till_that_cannot_start_can_be_switched_off():
    async def story(till, key):
        till.see("fault", file="profile/merchant.json")
        key.set()
        await vtime.sleep_ms(10)
        assert isinstance(till.died, PowerEnds)

    pressed(story, changed={"profile/merchant.json": {"first_no": 0}})
