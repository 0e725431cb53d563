"""Held carts, the menu, languages, no-sale, reprint, help."""

from tests.core.board import Bench, day

MERCHANT = "profile/merchant.json"


def test_hold_and_recall():
    async def story(till):
        await till.keys("F1 F2 hold:OK")
        till.see("idle")
        await till.keys("F3 hold:OK")
        await till.keys("MENU 5")
        till.see("held")
        assert [(row.left.s, row.right.s) for row in till.screen.frame.rows] == [("1 Bun", "6.00"), ("2 Tea", "2.00")]
        await till.keys("1")
        till.see("cart", total="6.00", lines="2")
        await till.keys("BACK")
        till.see("cart", total="3.50", lines="1")

    day(story)


def test_a_held_cart_of_typed_prices_has_a_name_too():
    async def story(till):
        await till.keys("1 00 OK hold:OK MENU 5")
        assert [(row.left.s, row.right.s) for row in till.screen.frame.rows] == [("1 Item", "1.00")]

    day(story)


def test_hold_ok_on_an_empty_counter_lists_what_is_held():
    async def story(till):
        await till.keys("hold:OK")
        till.see("held")
        await till.keys("3")
        assert till.refused()
        await till.keys("CANCEL F1 hold:OK hold:OK DOWN OK")
        till.see("cart", total="3.50")

    day(story)


def test_a_cart_goes_to_the_lowest_free_slot_and_the_tenth_stays():
    async def story(till):
        for _ in range(9):
            await till.keys("F1 hold:OK")
        await till.keys("MENU 5 4 BACK")  # slot 4 is free again, and its cart is gone
        till.see("idle")
        await till.keys("F2 hold:OK F3 hold:OK")
        till.see("refused", reason="no_slot")
        await till.keys("OK")
        till.see("cart", total="2.00")
        await till.keys("CASH OK OK MENU 5 4")
        till.see("cart", total="2.50")

    day(story)


def test_recall_over_an_open_cart_is_refused():
    async def story(till):
        await till.keys("F1 hold:OK F2 MENU 5 1")
        till.see("refused", reason="cart_open", due="2.50")
        await till.keys("OK MENU 5 9")
        till.see("refused", reason="cart_open", due="2.50")
        await till.keys("OK")
        till.see("cart", total="2.50")

    day(story)


def test_a_part_paid_cart_is_held_with_its_leg():
    async def story(till):
        await till.keys("F1 2 00 CASH CANCEL hold:OK MENU 5 1 OK")
        till.see("tender", due="1.50")

    day(story)


def test_held_carts_outlive_the_power():
    async def first(till):
        await till.keys("F1 hold:OK F2")

    async def second(till):
        till.see("cart", total="2.50")
        await till.keys("CASH OK OK MENU 5 1")
        till.see("cart", total="3.50")

    day(second, store=day(first).store)


def test_the_menu_lists_what_is_built_and_the_digit_picks():
    async def story(till):
        await till.keys("MENU")
        till.see("menu", title="Menu")
        assert [row.left.s[0] for row in till.screen.frame.rows] == ["5", "6", "8", "9"]
        await till.keys("1")
        assert till.refused()
        await till.keys("9")
        till.see("menu", title="Settings")
        await till.keys("BACK")
        till.see("menu", title="Menu")
        await till.keys("DOWN DOWN OK")
        till.see("menu", title="Drawer")
        await till.keys("CANCEL")
        till.see("idle")
        await till.keys("8 5 MENU BACK")
        till.see("amount", value="0.85")

    day(story)


def test_the_language_changes_live_and_outlives_the_power():
    async def first(till):
        await till.keys("F1 MENU 9 1")
        assert [row.left.s for row in till.screen.frame.rows] == ["1 English", "2 中文"]
        await till.keys("2")
        till.see("cart", total="3.50")
        assert till.screen.frame.lang == "zh"
        assert till.screen.frame.rows[0].left.s == "1 咖啡"

    async def second(till):
        assert till.screen.frame.lang == "zh"
        await till.keys("CASH OK MENU 9 1 1")
        till.see("idle")
        assert till.screen.frame.lang == "en"

    day(second, store=day(first).store)


def test_no_sale_is_journaled_and_then_opens_the_drawer():
    async def story(till):
        seen = []
        till.store.after_sync = lambda name: seen.append((name[:4], till.drawer.kicks))
        await till.keys("MENU 8 5")
        till.see("idle")
        assert seen == [("main", 0)] and till.drawer.kicks == 1
        assert [r["reason"] for r in await till.records("no_sale")] == [""]
        await till.keys("F1 MENU 8 5")
        till.see("refused", reason="cart_open")
        assert till.drawer.kicks == 1

    day(story)


def test_a_shop_may_ask_why_the_drawer_opens():
    reasons = [
        {"code": "change", "name": {"en": "Change", "zh": "换零"}},
        {"code": "check", "name": {"en": "Check", "zh": "检查"}},
    ]

    async def story(till):
        await till.keys("MENU 8 5")
        till.see("menu", title="Reason")
        await till.keys("CANCEL")
        assert till.drawer.kicks == 0 and await till.records("no_sale") == []
        await till.keys("MENU 8 5 2")
        assert [r["reason"] for r in await till.records("no_sale")] == ["check"]

    day(story, changed={MERCHANT: {"no_sale_reasons": reasons}})


def test_print_on_idle_is_the_last_slip_again():
    async def story(till):
        await till.keys("PRINT")
        assert till.refused()
        await till.keys("F1 CASH OK OK PRINT")
        till.see("idle")
        assert "DUPLICATE 1" in till.printer.lines
        await till.keys("MENU 6 1")
        assert "DUPLICATE 2" in till.printer.lines
        await till.keys("F1 PRINT")
        assert till.refused()

    day(story)


def test_hold_menu_is_help():
    async def story(till):
        await till.keys("F1 hold:MENU")
        till.see("notice", text="Keys")
        await till.keys("F2")
        till.see("cart", total="6.00")

    day(story)


def test_another_shop_is_another_profile():
    async def story(till):
        await till.keys("1 0 0 CASH")
        till.see("cash", due="100")
        assert [text.s for text in till.screen.frame.soft] == ["1000", "5000", "10000"]

    day(story, changed={MERCHANT: {"currency": "JPY", "cash_step": "1", "notes": ["1000", "5000", "10000"]}})


def test_a_bench_is_a_till_of_its_own():
    assert Bench().store is not Bench().store
