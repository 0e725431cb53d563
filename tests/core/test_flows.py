"""What an operator does at the counter, and sees: script.md, "Keys", rule by rule. Keys in, frames out."""

from tests.core.board import day


def test_the_first_sale_of_the_script():
    async def story(till):
        till.see("idle", total="0.00", queued="0", link="off", offline="yes", battery="78", training="no")
        await till.keys("2 TIMES 1 2 PLU")
        await till.scan("5012345678900")
        till.see("cart", total="15.80", lines="2")
        await till.keys("CASH 2 0 00 OK")
        till.see("paid", total="15.80", change="4.20", no="0001", queued="1")
        sales = await till.records("sale")
        assert [(s["no"], s["total"], s["receipt"]) for s in sales] == [(1, 1580, "auto")]
        assert till.drawer.kicks == 1
        assert "TOTAL 15.80" in till.printer.lines

    day(story)


def test_ok_adds_each_open_price_as_a_line_of_its_own():
    async def story(till):
        await till.keys("4 5 0 OK 4 5 0 OK")
        till.see("cart", total="9.00", lines="2")

    day(story)


def test_an_item_equal_to_the_last_line_raises_its_quantity():
    async def story(till):
        await till.keys("1 1 PLU 1 1 PLU F1")
        till.see("cart", total="10.50", lines="1")
        await till.keys("F2 F1")
        till.see("cart", total="16.50", lines="3")

    day(story)


def test_an_unknown_code_sells_at_a_typed_price():
    async def story(till):
        await till.scan("4006381333931")
        till.see("not_found", code="4006381333931")
        await till.keys("OK")
        assert till.refused()
        await till.keys("9 9 BACK 9 5 OK")
        till.see("cart", total="9.95", lines="1")
        await till.keys("2 TIMES 7 7 PLU")
        till.see("not_found", code="77")
        await till.keys("1 0 0 OK CASH OK")
        till.see("paid", total="11.95")
        lines = (await till.records("sale"))[0]["lines"]
        assert [(line["code"], line["qty"], line["total"]) for line in lines] == [("4006381333931", 1000, 995), ("77", 2000, 200)]

    day(story)


def test_an_unknown_code_can_be_left_or_scanned_over():
    async def story(till):
        await till.keys("9 9 PLU CANCEL")
        till.see("idle")
        await till.scan("4006381333931")
        await till.scan("5012345678900")
        till.see("cart", total="3.80")

    day(story)


def test_price_check_by_code_and_by_scan():
    async def story(till):
        await till.keys("PLU 1 2 OK")
        till.see("item", name="Dumplings", price="6.00")
        await till.keys("CANCEL")
        till.see("idle")
        await till.keys("PLU 1 1 PLU OK")
        till.see("cart", total="3.50", lines="1")
        await till.keys("PLU")
        await till.scan("5012345678900")
        till.see("item", name="Oolong L", price="3.80")
        await till.keys("OK")
        till.see("cart", total="7.30", lines="2")
        await till.keys("PLU 1 1 OK PLU 1 2 OK 8")
        till.see("amount", value="0.08")
        await till.keys("BACK PLU 9 9 OK")
        till.see("not_found", code="99")

    day(story)


def test_back_takes_back_what_the_last_act_added():
    async def story(till):
        await till.keys("2 TIMES F2 F2 F1 BACK")
        till.see("cart", total="7.50", lines="1")
        await till.keys("BACK")
        till.see("cart", total="5.00", lines="1")
        await till.keys("BACK")
        till.see("idle")
        await till.keys("BACK")
        assert till.refused()

    day(story)


def test_a_selected_line_is_voided_or_gets_a_quantity():
    async def story(till):
        await till.keys("F1 F2 F3 UP UP BACK")
        till.see("cart", total="5.50", lines="2")
        await till.keys("DOWN 4 TIMES")
        till.see("cart", total="16.00", lines="2")
        assert till.screen.frame.selected == -1
        await till.keys("UP")
        assert till.screen.frame.selected == 1
        await till.keys("F2")
        assert till.screen.frame.selected == -1
        till.see("cart", total="18.50", lines="3")

    day(story)


def test_cancel_ends_a_selection_before_it_asks():
    async def story(till):
        await till.keys("F1 UP CANCEL")
        till.see("cart", lines="1")
        await till.keys("CANCEL")
        till.see("confirm", act="cancel")

    day(story)


def test_cancel_loses_no_line_without_asking():
    async def story(till):
        await till.keys("F1 CANCEL BACK")
        till.see("cart", total="3.50")
        await till.keys("CANCEL CANCEL")
        till.see("cart", total="3.50")
        await till.keys("CANCEL 5")
        till.see("confirm", act="cancel")
        await till.keys("OK")
        till.see("idle")
        assert (await till.records("cart", "desk"))[-1]["cart"] == {}

    day(story)


def test_a_change_is_on_the_desk_before_it_is_on_the_screen():
    async def story(till):
        seen = []
        till.store.after_sync = lambda name: seen.append((name.split("-")[0], till.screen.frame.id))
        await till.keys("8 5 0")
        assert seen == []  # digits are not kept
        await till.keys("OK")
        assert seen == [("desk", "amount")]
        till.see("cart")

    day(story)


def test_keys_without_a_meaning_sound_the_error_tone():
    async def story(till):
        for key in ("OK", "CANCEL", "BACK", "UP", "DOWN", "PRINT", "SCAN", "TIMES"):
            await till.keys(key)
            till.see("idle")
            assert till.refused(), key

    day(story)
