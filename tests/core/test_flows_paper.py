"""Paper: it runs out, and neither the sale, nor the change, nor the next customer waits."""

from tests.core import vtime
from tests.core.board import day


async def slip_waits(till, keys="F1 CASH OK"):
    till.printer.paper = "out"
    await till.keys(keys)


def totals(till):
    return [line for line in till.printer.lines if line.startswith("TOTAL")]


def test_paid_stands_three_seconds_and_then_paper_out():
    async def story(till):
        await slip_waits(till)
        till.see("paid", total="3.50")
        await vtime.sleep_ms(2400)
        till.see("paid")
        await vtime.sleep_ms(200)
        till.see("paper_out", no="0001")
        assert till.drawer.kicks == 1

    day(story)


def test_a_waiting_slip_goes_on_by_itself():
    async def story(till):
        await slip_waits(till)
        await vtime.sleep_ms(4000)
        till.see("paper_out")
        till.printer.paper = "ok"
        await vtime.sleep_ms(2500)
        till.see("paid", total="3.50")
        assert totals(till) == ["TOTAL 3.50"]

    day(story)


def test_never_over_a_sale_in_hand():
    async def story(till):
        await slip_waits(till)
        await till.keys("F2 8")
        till.see("amount", value="0.08")
        await vtime.sleep_ms(20_000)
        till.see("amount", value="0.08")
        await till.keys("OK")
        await vtime.sleep_ms(20_000)
        till.see("cart")
        await till.keys("CASH OK")
        till.see("paid")
        await vtime.sleep_ms(3100)
        till.see("paper_out", no="0001")

    day(story)


def test_on_paper_out_the_next_sale_begins_and_counts():
    async def story(till):
        await slip_waits(till)
        await vtime.sleep_ms(4000)
        await till.keys("2 TIMES F1")
        till.see("cart", total="7.00")
        till.printer.paper = "ok"
        await vtime.sleep_ms(2500)
        assert totals(till) == ["TOTAL 3.50"]

    day(story)


def test_f2_skips_the_slip_and_the_journal_says_so():
    async def story(till):
        await slip_waits(till)
        await vtime.sleep_ms(4000)
        assert [text.s for text in till.screen.frame.soft] == ["", "Skip", ""]
        await till.keys("F1")
        assert till.refused()
        await till.keys("F2")
        till.see("idle")
        till.printer.paper = "ok"
        await vtime.sleep_ms(3000)
        assert totals(till) == []
        assert [(r["no"], r["done"]) for r in await till.records("print")] == [(1, False)]

    day(story)


def test_ok_leaves_it_waiting_and_it_is_said_once():
    async def story(till):
        await slip_waits(till)
        await vtime.sleep_ms(4000)
        await till.keys("OK")
        till.see("idle")
        await vtime.sleep_ms(60_000)
        till.see("idle")
        till.printer.paper = "ok"
        await vtime.sleep_ms(3000)
        assert totals(till) == ["TOTAL 3.50"]

    day(story)


def test_a_left_slip_is_recovered_after_a_power_cut():
    async def first(till):
        await slip_waits(till)
        await vtime.sleep_ms(4000)
        await till.keys("OK")

    async def second(till):
        till.see("recovered", no="0001")

    day(second, store=day(first).store)


def test_an_open_cover_has_its_own_words():
    async def story(till):
        till.printer.paper = "cover"
        await till.keys("F1 CASH OK")
        await vtime.sleep_ms(4000)
        till.see("paper_out", no="0001")
        assert till.screen.frame.heading.s == "Cover open"
        till.printer.paper = "out"
        await vtime.sleep_ms(2500)
        assert till.screen.frame.heading.s == "Paper out"

    day(story)


def test_idle_too_stands_three_seconds():
    async def story(till):
        await slip_waits(till, "F1 CASH OK OK")
        till.see("idle")
        await vtime.sleep_ms(3100)
        till.see("paper_out", no="0001")

    day(story)


def test_a_silent_printer_gets_every_byte():
    async def story(till):
        till.printer.paper = "unknown"
        await till.keys("F1 CASH OK")
        await vtime.sleep_ms(5000)
        till.see("paid")
        assert totals(till) == ["TOTAL 3.50"]

    day(story)
