"""The line manager over two of the bench's lines: who carries, who is asked before he does, and what metered bytes may cost."""

import asyncio
import contextlib

import pytest

from hal.brokers import Broker as Address
from hal.budget import FILE, STEP, Budget, Limits
from hal.knock import knocker
from hal.line_health import STEADY_MS
from hal.lines import Lines
from hal.mqtt import MqttLink
from hal.ports.board import Ways
from hal.ports.faults import LinkDown
from hal.tls import Nobody
from sim.broker import Broker
from sim.clock import BenchClock, run
from sim.net import CAPTIVE, HOLE, OPEN, Net
from tests.core.memory_store import MemoryStore, QuietLog

TILL = "BARROW-0001"
NOON_S = 1795262400  # 2026-11-21, noon
BROKERS = (Address("broker", 1883),)


class Bench:
    """Two lines to one broker, and a link that keeps a session open as a courier would."""

    def __init__(self, wifi="wifi", cell="4g", limits=None, store=None):
        self.broker, self.log, self.clock = Broker(), QuietLog(), BenchClock(asyncio.get_running_loop(), NOON_S, 0)
        self.wifi, self.cell = Net(wifi, self.dial), Net(cell, self.dial, cost=1)
        self.store = store or MemoryStore()
        self.budget = Budget(limits, self.store, self.clock, self.log) if limits else None
        self.lines = Lines([self.wifi, self.cell], self.clock, self.log, knocker(BROKERS, Nobody()), self.budget)
        self.link = MqttLink(self.lines, BROKERS, Nobody(), self.clock, self.log)
        self.names, self.told, self.calls = [], [], 0
        self.lines.watch(self.told.append)
        self.link.start(self.note, lambda *message: None)

    def note(self, event):
        now = self.link.name if self.link.state == "online" else "-"
        if [now] != self.names[-1:]:
            self.names.append(now)

    async def dial(self, host, port):
        return self.broker.connect()

    async def call_again_and_again(self):
        while True:
            if self.link.state == "line":
                self.calls += 1
                with contextlib.suppress(LinkDown):
                    await self.link.connect(TILL, "dn/#", "st", b"gone", 60)
            await asyncio.sleep(1)

    def close(self):
        self.caller.cancel()
        self.link.drop()
        self.lines.close()
        for net in (self.wifi, self.cell):
            net.close()

    @property
    def used(self):
        return self.lines.name


def story(**setup):
    """The test, in virtual time, with a bench of its own."""

    def decorated(tell):
        def test():
            async def whole():
                bench = Bench(**setup)
                bench.caller = asyncio.create_task(bench.call_again_and_again())
                try:
                    await tell(bench)
                    assert bench.broker.violations == []
                finally:
                    bench.close()

            run(whole())

        test.__name__, test.__doc__ = tell.__name__, tell.__doc__
        return test

    return decorated


@story()
async def test_the_free_line_carries_as_long_as_it_is_well(bench):
    await asyncio.sleep(3600)
    assert bench.used == "wifi" and bench.names == ["-", "wifi"] and bench.cell.carried == 0


@story()
async def test_a_line_that_goes_is_replaced_at_once_and_one_that_comes_back_is_asked_first(bench):
    await asyncio.sleep(300)
    bench.wifi.set("off")
    await asyncio.sleep(2)
    assert (bench.used, bench.link.state) == ("4g", "online")
    bench.wifi.set("wifi")
    assert bench.used == "4g"
    await asyncio.sleep(6)
    assert (bench.used, bench.link.state) == ("wifi", "online")


@story(wifi="off", cell="off")
async def test_without_a_line_the_link_is_off_and_the_first_one_up_carries(bench):
    assert bench.link.state == "off" and bench.calls == 0
    bench.cell.set("4g")
    await asyncio.sleep(2)
    assert bench.link.state == "online" and bench.used == "4g"


@pytest.mark.parametrize(("manners", "trouble"), [(CAPTIVE, Ways.PORTAL), (HOLE, Ways.SILENT)])
def test_a_wifi_that_leads_nowhere_is_left_named_and_taken_again_when_it_is_well(manners, trouble):
    @story()
    async def tell(bench):
        bench.wifi.behave(manners)
        await asyncio.sleep(70)
        assert (bench.used, bench.link.state) == ("4g", "online")
        wifi, cell = bench.lines.ways()
        assert (wifi.name, wifi.up, wifi.used, wifi.trouble) == ("wifi", True, False, trouble)
        assert (cell.used, cell.trouble) == (True, "")
        assert bench.told == ([Ways.PORTAL] if manners == CAPTIVE else [])
        await asyncio.sleep(600)
        assert bench.used == "4g", "it was taken although it leads nowhere"
        bench.wifi.behave(OPEN)
        await asyncio.sleep(70)
        assert (bench.used, bench.link.state, bench.lines.ways()[0].trouble) == ("wifi", "online", "")

    tell()


@story(cell="off")
async def test_a_login_page_is_named_when_there_is_no_other_line(bench):
    bench.wifi.behave(CAPTIVE)
    await asyncio.sleep(30)
    assert bench.used == "wifi" and bench.lines.ways()[0].trouble == Ways.PORTAL and bench.told == [Ways.PORTAL]
    bench.wifi.behave(OPEN)
    await asyncio.sleep(30)
    assert bench.link.state == "online" and bench.lines.ways()[0].trouble == ""


@story()
async def test_a_line_that_dies_under_the_session_is_noticed(bench):
    await asyncio.sleep(300)
    bench.wifi.behave(HOLE)
    await bench.link.publish("up/x", b"a batch", 1, False)
    await asyncio.sleep(60)
    assert (bench.used, bench.link.state) == ("4g", "online")


@story()
async def test_a_line_that_takes_calls_and_drops_sessions_does_not_make_the_till_hop(bench):
    """The knock is answered, and what follows is not: the Wi-Fi is tried ever more rarely, and 4G carries in between."""

    async def spoil():
        while True:
            await asyncio.sleep(1)
            if bench.used == "wifi" and bench.link.state == "online":
                bench.lines.report(False, "silence")

    spoiling = asyncio.create_task(spoil())
    await asyncio.sleep(3 * 3600)
    spoiling.cancel()
    hops = bench.names.count("wifi")
    assert 4 <= hops <= 20, hops


@story()
async def test_a_wifi_at_the_edge_of_its_reach_does_not_make_the_till_hop(bench):
    for _ in range(360):
        bench.wifi.set("off")
        await asyncio.sleep(5)
        bench.wifi.set("wifi")
        await asyncio.sleep(5)
    assert bench.names.count("wifi") <= 10, bench.names.count("wifi")


@story()
async def test_when_no_broker_answers_both_lines_are_tried_and_the_free_one_comes_back(bench):
    await asyncio.sleep(STEADY_MS / 1000)
    bench.broker.down()
    await asyncio.sleep(900)
    assert bench.cell.reports, "4G was never tried"
    bench.broker.up()
    await asyncio.sleep(130)
    assert (bench.used, bench.link.state) == ("wifi", "online")


# ---- the budget


@story(wifi="off", limits=Limits(day=20_000, month=100_000))
async def test_the_budget_warns_closes_opens_at_midnight_and_by_the_operators_word(bench):
    await asyncio.sleep(2)
    assert bench.link.state == "online"
    bench.cell.carried += 16_000
    await asyncio.sleep(6)
    assert bench.told == [Ways.NEAR] and bench.link.state == "online"
    bench.cell.carried += 4000
    await asyncio.sleep(6)
    assert bench.told == [Ways.NEAR, Ways.SPENT] and bench.link.state == "off"
    assert bench.lines.ways()[1].trouble == Ways.SPENT
    bench.lines.allow()
    await asyncio.sleep(2)
    assert bench.link.state == "online"
    await asyncio.sleep(12 * 3600)
    assert bench.lines.data()[1] < 20_000 and bench.link.state == "online"
    bench.cell.carried += 20_000
    await asyncio.sleep(6)
    assert bench.link.state == "off", "what was allowed yesterday is allowed no more"


@story(wifi="off", limits=Limits(day=20_000, month=100_000))
async def test_who_looks_in_now_and_then_spares_the_budget_its_own_timer(bench):
    await asyncio.sleep(2)
    bench.lines.look()
    bench.cell.carried += 20_000
    await asyncio.sleep(3600)
    assert bench.link.state == "online", "nothing wakes by itself"
    bench.lines.look()
    await asyncio.sleep(0.1)
    assert bench.told[-1] == Ways.SPENT and bench.link.state == "off"


@story(limits=Limits(day=1000, month=0))
async def test_a_spent_budget_leaves_the_free_line_alone(bench):
    bench.cell.carried = 5000
    bench.wifi.set("off")
    await asyncio.sleep(10)
    assert bench.link.state == "off"
    bench.wifi.set("wifi")
    await asyncio.sleep(2)
    assert (bench.used, bench.link.state) == ("wifi", "online")


def booted(store, at_s=NOON_S, trusted=True):
    async def load():
        clock = BenchClock(asyncio.get_running_loop(), at_s, 0)
        clock.vouched = trusted
        budget = Budget(Limits(10 * STEP, 20 * STEP), store, clock, QuietLog())
        await budget.load()
        return budget

    return load()


def test_what_was_carried_is_known_at_the_next_boot_and_never_too_low():
    async def tell():
        store, carried = MemoryStore(), 0
        for boot in range(6):
            budget = await booted(store)
            assert carried <= budget.this_month <= carried + STEP * (boot + 1)
            before = budget.this_month
            for part in (10, 300, STEP // 2, 7):
                budget.seen = 0
                budget.count(part)
                await asyncio.sleep(0)
                if budget.writing:
                    await budget.writing
            carried += 317 + STEP // 2
            assert budget.this_month == before + 317 + STEP // 2
            store.cut()

    run(tell())


def test_a_torn_slot_leaves_the_other():
    async def tell():
        store = MemoryStore()
        budget = await booted(store)
        for _ in range(30):
            budget.seen = 0
            budget.count(1000)
            await budget.writing
        good = (await booted(store)).this_month
        slot = budget.writes % 2
        await store.write(FILE, slot * 512 + 20, b"torn")
        await store.sync(FILE)
        assert 30_000 - 1000 <= (await booted(store)).this_month < good

    run(tell())


@pytest.mark.parametrize(
    ("later_s", "trusted", "today", "month"),
    [
        (3600, True, 100, 100),
        (86_400, True, 0, 100),
        (86_400 * 12, True, 0, 0),
        (-86_400 * 3, True, 100, 100),
        (86_400, False, 100, 100),
    ],
)
def test_days_and_months_turn_only_forwards_and_only_with_a_clock_that_somebody_vouches_for(later_s, trusted, today, month):
    async def tell():
        clock = BenchClock(asyncio.get_running_loop(), NOON_S, 0)
        budget = Budget(Limits(1000, 1000), MemoryStore(), clock, QuietLog())
        await budget.load()
        budget.count(100)
        clock.shift(later_s)
        clock.vouched = trusted
        budget.count(100)
        assert (budget.today, budget.this_month) == (today, month)

    run(tell())


def test_until_the_store_has_answered_nothing_metered_is_carried():
    async def tell():
        bench = Bench(wifi="off", limits=Limits(1000, 1000))
        assert bench.link.state == "off"
        await asyncio.sleep(0.1)
        assert bench.link.state == "line"
        bench.lines.close()

    run(tell())
