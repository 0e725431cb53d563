"""The print task: what the till's paper says and what its journal holds, whatever the printer does meanwhile."""

import asyncio
import json

from firmware import config
from firmware.flows.paper import Paper
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.shop import Shop
from hal.ports.board import Board, Light, Printer
from hal.ports.faults import PrinterGone, StoreBroken
from hal.ports.slip import Cut, Line
from tests.core import vtime
from tests.core.devices import Keys
from tests.core.memory_store import MemoryStore
from tests.core.shop import Clock, Folder, Log

SETTINGS = []


class Scripted(Printer):
    """Says the given words one after the other, the last one for ever; keeps every block whole.

    gone: so many blocks are refused by the port, before any byte."""

    def __init__(self, words=(Printer.OK,)):
        self.words = list(words)
        self.blocks = []
        self.asked = 0
        self.gone = 0

    async def status(self):
        self.asked += 1
        return self.words.pop(0) if len(self.words) > 1 else self.words[0]

    async def print(self, block):
        if self.gone:
            self.gone -= 1
            raise PrinterGone("unplugged")
        self.blocks.append(block)

    def lines(self):
        return [e.left for block in self.blocks for e in block if isinstance(e, Line)]

    def slips(self):
        return sum(isinstance(e, Cut) for block in self.blocks for e in block)


class Lamp(Light):
    def __init__(self):
        self.on = None

    def set(self, lamp, on):
        assert lamp == "paper"
        self.on = on


class Bench:
    """A till with a printer and a journal, and nothing else plugged in."""

    def __init__(self, printer):
        self.printer, self.lamp, self.log, self.store = printer, Lamp(), Log(), MemoryStore()
        none = [None] * 17
        board = Board(*none)
        board.printer, board.light, board.log, board.clock = printer, self.lamp, self.log, Clock()
        board.terminal, board.keystore = "STALL-0001", Keys()
        self.journal = Journal(self.store, "main", Rollup(), self.log, 65536)
        self.rollup = self.journal._rollup
        self.changes = 0
        self.board, self.shop = board, Shop(SETTINGS[0], Desk())
        self.paper = self.new_paper()

    def new_paper(self):
        return Paper(self.board, self.shop, self.journal, self.rollup, self.changed)

    def changed(self):
        self.changes += 1

    async def start(self):
        await self.journal.recover()
        self.task = asyncio.create_task(self.paper.run())
        await vtime.sleep_ms(1)

    async def sell(self, no):
        await self.journal.append("sale", no, sale())
        self.paper.submit(self.rollup.last_sale)

    async def prints(self):
        frames = []
        for payload in await self.journal.payloads(1, 100, 1 << 20):
            record = json.loads(payload)
            if record["kind"] == "print":
                frames.append((record["no"], record["copy"], record["done"]))
        return frames


def sale():
    line = {"code": "11", "names": {"en": "Coffee", "zh": "咖啡"}, "price": 350, "qty": 1000, "total": 350, "rate": "standard"}
    return {
        "at": 1795271526, "off": 0, "trusted": True, "cur": "GBP", "lines": [line], "total": 350,
        "tax": [{"rate": "standard", "bp": 2000, "mode": "included", "net": 292, "tax": 58}], "rounding": 0,
        "legs": [{"tender": "cash", "amount": 350, "given": 350, "change": 0}], "receipt": "auto",
    }  # fmt: skip


def story(printer, tell):
    """Run tell(bench) in virtual time; the bench is started."""

    async def work():
        if not SETTINGS:
            SETTINGS.append(await config.load(Folder("market"), Log()))
        bench = Bench(printer)
        await bench.start()
        await tell(bench)
        assert not bench.task.done(), "the task must never end"
        return bench

    return vtime.run(work())


def test_a_slip_prints_whole_and_is_on_record():
    async def tell(bench):
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert bench.printer.slips() == 1
        assert any("Coffee" in line for line in bench.printer.lines())
        assert await bench.prints() == [(1, 0, True)]
        assert bench.lamp.on is True
        assert bench.rollup.slip_due is None and bench.changes == 0

    story(Scripted(), tell)


def test_the_printer_is_asked_before_a_slip_and_after_each_block():
    async def tell(bench):
        before = bench.printer.asked
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert bench.printer.asked - before == 1 + len(bench.printer.blocks)

    story(Scripted(), tell)


def test_no_paper_at_all_prints_nothing_until_there_is_some():
    async def tell(bench):
        await bench.sell(7)
        await vtime.sleep_ms(5000)
        assert bench.printer.blocks == [] and bench.lamp.on is False
        waiting = bench.paper.waiting
        assert (waiting.no, waiting.why, waiting.slip) == (7, Printer.OUT, (7, 0))
        assert bench.changes == 1
        asked = bench.printer.asked
        await vtime.sleep_ms(20000)
        assert bench.printer.asked - asked == 10, "asked every 2 s while a slip waits"
        assert bench.paper.waiting is waiting, "nothing new, so nothing to redraw"
        bench.printer.words = [Printer.OK]
        await vtime.sleep_ms(2001)
        assert bench.printer.slips() == 1 and bench.paper.waiting is None and bench.lamp.on is True
        assert bench.changes == 2
        assert await bench.prints() == [(7, 0, True)]

    story(Scripted([Printer.OUT]), tell)


def test_paper_that_ends_inside_a_slip_repeats_one_block_and_loses_none():
    whole = story(Scripted(), lambda bench: one_slip(bench)).printer.blocks

    async def tell(bench):
        # asked at boot and before the slip; good after the first block, out after the second
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert bench.paper.waiting.why == Printer.OUT
        assert len(bench.printer.blocks) == 2
        bench.printer.words = [Printer.NEAR_END]
        await vtime.sleep_ms(2001)
        sent = [[text_of(e) for e in block] for block in bench.printer.blocks]
        expected = [[text_of(e) for e in block] for block in whole]
        assert sent == expected[:2] + expected[1:]
        assert await bench.prints() == [(1, 0, True)], "near the end it still prints"
        assert bench.lamp.on is False and bench.paper.near_end

    story(Scripted([Printer.OK, Printer.OK, Printer.OK, Printer.OUT]), tell)


def test_a_roll_near_its_end_is_said_once_and_until_a_new_one_is_in():
    async def tell(bench):
        assert bench.paper.near_end and bench.lamp.on is False and bench.changes == 1
        await bench.sell(1)
        await bench.sell(2)
        await vtime.sleep_ms(10)
        assert await bench.prints() == [(1, 0, True), (2, 0, True)], "it stops no slip"
        assert bench.changes == 1
        asked = bench.printer.asked
        await vtime.sleep_ms(180_500)
        assert bench.printer.asked - asked == 3, "asked once a minute"
        bench.printer.words = [Printer.COVER]
        await vtime.sleep_ms(60_000)
        assert bench.paper.near_end, "an open cover is no new roll"
        bench.printer.words = [Printer.OK]
        await vtime.sleep_ms(60_000)
        assert not bench.paper.near_end and bench.lamp.on is True and bench.changes == 2
        asked = bench.printer.asked
        await vtime.sleep_ms(600_000)
        assert bench.printer.asked == asked, "of a good roll nobody asks"

    story(Scripted([Printer.NEAR_END]), tell)


def test_a_roll_that_was_near_its_end_and_ends_is_a_slip_that_waits():
    async def tell(bench):
        assert bench.paper.near_end
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert not bench.paper.near_end and bench.paper.waiting.why == Printer.OUT

    story(Scripted([Printer.NEAR_END, Printer.OUT]), tell)


def test_a_printer_that_falls_silent_near_the_end_has_not_taken_it_back():
    async def tell(bench):
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert bench.paper.near_end and await bench.prints() == [(1, 0, True)]

    story(Scripted([Printer.NEAR_END, Printer.UNKNOWN]), tell)


async def one_slip(bench):
    await bench.sell(1)
    await vtime.sleep_ms(10)


def text_of(element):
    return type(element).__name__, getattr(element, "left", ""), getattr(element, "right", "")


def test_a_silent_printer_is_printed_on():
    async def tell(bench):
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert bench.printer.slips() == 1 and bench.changes == 0
        assert bench.lamp.on is False, "nothing is known of its paper"
        assert await bench.prints() == [(1, 0, True)]

    story(Scripted([Printer.UNKNOWN]), tell)


def test_a_printer_that_said_no_paper_and_then_falls_silent_has_not_taken_it_back():
    async def tell(bench):
        await bench.sell(1)
        await vtime.sleep_ms(9000)
        assert bench.printer.blocks == [] and bench.paper.waiting.why == Printer.OUT
        bench.printer.words = [Printer.OK]
        await vtime.sleep_ms(2001)
        assert bench.printer.slips() == 1

    story(Scripted([Printer.OK, Printer.OUT, Printer.UNKNOWN]), tell)


def test_what_is_wrong_may_change_while_a_slip_waits():
    async def tell(bench):
        await bench.sell(1)
        await vtime.sleep_ms(10)
        first = bench.paper.waiting
        await vtime.sleep_ms(2000)
        assert first.why == Printer.OUT and bench.paper.waiting.why == Printer.COVER
        await vtime.sleep_ms(2000)
        assert bench.printer.slips() == 1 and bench.changes == 3

    story(Scripted([Printer.OK, Printer.OUT, Printer.COVER, Printer.OK]), tell)


def test_an_unplugged_printer_is_tried_again():
    async def tell(bench):
        bench.printer.gone = 3
        await bench.sell(1)
        await vtime.sleep_ms(5999)
        assert bench.printer.blocks == [] and bench.paper.waiting.why == Printer.ERROR and bench.changes == 1
        await vtime.sleep_ms(2)
        assert bench.printer.slips() == 1 and bench.paper.waiting is None
        assert await bench.prints() == [(1, 0, True)]

    story(Scripted([Printer.UNKNOWN]), tell)


def test_skip_gives_up_the_slip_that_waits_and_only_that():
    async def tell(bench):
        await bench.sell(1)
        await bench.sell(2)
        await vtime.sleep_ms(10)
        bench.paper.skip()
        await vtime.sleep_ms(10)
        assert bench.paper.waiting.slip == (2, 0)
        bench.printer.words = [Printer.OK]
        await vtime.sleep_ms(2001)
        assert await bench.prints() == [(1, 0, False), (2, 0, True)]
        assert "No 0002" in [e.right for block in bench.printer.blocks for e in block if isinstance(e, Line)]
        assert bench.printer.slips() == 1

    story(Scripted([Printer.OUT]), tell)


def test_skip_with_nothing_waiting_changes_nothing():
    async def tell(bench):
        bench.paper.skip()
        await bench.sell(1)
        await vtime.sleep_ms(10)
        assert await bench.prints() == [(1, 0, True)]

    story(Scripted(), tell)


def test_after_a_slip_given_up_half_way_the_next_starts_on_its_own_paper():
    async def tell(bench):
        await bench.sell(1)
        await vtime.sleep_ms(10)
        half = len(bench.printer.blocks)
        bench.paper.skip()
        bench.printer.words = [Printer.OK]
        await bench.sell(2)
        await vtime.sleep_ms(10)
        assert isinstance(bench.printer.blocks[half][0], Cut)
        assert await bench.prints() == [(1, 0, False), (2, 0, True)]

    story(Scripted([Printer.OK, Printer.OK, Printer.OK, Printer.OUT]), tell)


def test_a_slip_that_the_power_cut_short_is_torn_off_before_it_prints_again():
    async def tell(bench):
        await bench.journal.append("sale", 1, sale())
        again = bench.new_paper()
        task = asyncio.create_task(again.run())
        await vtime.sleep_ms(1)
        again.submit(bench.rollup.slip_due)
        await vtime.sleep_ms(10)
        assert isinstance(bench.printer.blocks[0][0], Cut) and bench.printer.slips() == 2
        again.submit(bench.rollup.last_sale)
        await vtime.sleep_ms(10)
        assert bench.printer.slips() == 3, "once is enough"
        assert not task.done()

    story(Scripted(), tell)


def test_other_sales_go_on_while_a_slip_waits_and_their_slips_follow_in_order():
    async def tell(bench):
        for no in (1, 2, 3):
            await bench.sell(no)
            await vtime.sleep_ms(3000)
        assert bench.rollup.sales == 3 and bench.paper.waiting.no == 1
        bench.printer.words = [Printer.OK]
        await vtime.sleep_ms(2001)
        assert await bench.prints() == [(1, 0, True), (2, 0, True), (3, 0, True)]

    story(Scripted([Printer.OUT]), tell)


def test_copies_are_counted_by_what_came_out_and_what_is_to_come():
    async def tell(bench):
        await bench.sell(1)
        bench.paper.submit(bench.rollup.last_sale)
        await vtime.sleep_ms(10)
        bench.paper.submit(bench.rollup.last_sale)
        await vtime.sleep_ms(10)
        assert await bench.prints() == [(1, 0, True), (1, 1, True), (1, 2, True)]
        assert [line for line in bench.printer.lines() if "DUPLICATE" in line] == ["DUPLICATE 1", "DUPLICATE 2"]

    story(Scripted(), tell)


def test_a_recovered_slip_that_nobody_wants_is_put_on_record():
    async def tell(bench):
        await bench.journal.append("sale", 1, sale())
        assert bench.rollup.slip_due is not None
        bench.paper.forget(bench.rollup.last_sale)
        await vtime.sleep_ms(10)
        assert await bench.prints() == [(1, 0, False)]
        assert bench.rollup.slip_due is None and bench.printer.blocks == []

    story(Scripted(), tell)


def test_a_broken_store_stops_no_slip():
    async def tell(bench):
        await bench.sell(1)
        for call in ("write", "create", "read"):
            bench.store.fail[call] = StoreBroken("the card is dead")
        bench.paper.submit(bench.rollup.last_sale)
        await vtime.sleep_ms(10)
        assert bench.printer.slips() == 2
        assert any("not on record" in line for line in bench.log.said)
        bench.paper.submit(bench.rollup.last_sale)
        await vtime.sleep_ms(10)
        assert (1, 2, True) in await bench.prints() or (1, 1, True) in await bench.prints(), "the next one is"

    story(Scripted(), tell)
