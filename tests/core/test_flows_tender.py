"""Paying: exact, typed, by a note, in parts, and every way that it is refused."""

from tests.core.board import day

MERCHANT = "profile/merchant.json"


def test_an_open_price_and_cash_exact_are_five_keys():
    async def story(till):
        await till.keys("8 5 0 CASH")
        till.see("cash", due="8.50", given="0.00")
        await till.keys("OK")
        till.see("paid", total="8.50", change="0.00", no="0001")

    day(story)


def test_cash_twice_is_exact():
    async def story(till):
        await till.keys("F1 CASH CASH")
        till.see("paid", total="3.50", change="0.00")

    day(story)


def test_on_cash_digits_are_money_given():
    async def story(till):
        await till.keys("F1 CASH 5 00")
        till.see("cash", due="3.50", given="5.00")
        await till.keys("BACK")
        till.see("cash", given="0.50")
        await till.keys("hold:BACK")
        till.see("cash", given="0.00")
        await till.keys("1 0 00 OK")
        till.see("paid", total="3.50", change="6.50")

    day(story)


def test_the_offered_notes_are_those_that_pay_ascending():
    async def story(till):
        await till.keys("8 5 0 CASH")
        assert [text.s for text in till.screen.frame.soft] == ["10", "20", "50"]
        await till.keys("F2")
        till.see("paid", total="8.50", change="11.50")
        await till.keys("3 0 00 CASH")
        assert [text.s for text in till.screen.frame.soft] == ["50", "", ""]
        await till.keys("F2")
        assert till.refused()
        till.see("cash", due="30.00")
        await till.keys("F1")
        till.see("paid", change="20.00")

    day(story)


def test_a_note_that_is_exact_is_offered():
    async def story(till):
        await till.keys("5 00 CASH")
        assert [text.s for text in till.screen.frame.soft] == ["5", "10", "20"]

    day(story)


def test_digits_and_cash_over_a_cart_are_money_given():
    async def story(till):
        await till.keys("F1 F2 1 0 00 CASH")
        till.see("paid", total="6.00", change="4.00")

    day(story)


def test_less_than_due_is_a_leg():
    async def story(till):
        await till.keys("2 TIMES 1 2 PLU 5 00 CASH")
        till.see("tender", due="7.00")
        await till.keys("2 00 CASH")
        till.see("tender", due="5.00")
        await till.keys("CASH")
        till.see("cash", due="5.00", given="0.00")
        await till.keys("1 0 00 OK")
        till.see("paid", total="12.00", change="5.00")
        legs = (await till.records("sale"))[0]["legs"]
        assert [(leg["amount"], leg["given"], leg["change"]) for leg in legs] == [(500, 500, 0), (200, 200, 0), (500, 1000, 500)]

    day(story)


def test_a_leg_on_cash_goes_on_with_the_rest():
    async def story(till):
        await till.keys("2 TIMES 1 2 PLU CASH 5 00 OK")
        till.see("tender", due="7.00")
        await till.keys("CANCEL")
        till.see("cart", total="12.00")
        await till.keys("OK")
        till.see("tender", due="7.00")

    day(story)


def test_a_leg_is_given_back_only_when_the_operator_says_so():
    async def story(till):
        await till.keys("F1 2 00 CASH BACK")
        till.see("confirm", act="give_back")
        await till.keys("CANCEL")
        till.see("tender", due="1.50")
        await till.keys("BACK OK")
        till.see("tender", due="3.50")

    day(story)


def test_a_part_paid_cart_keeps_what_was_paid_for():
    async def story(till):
        await till.keys("F1 F2 5 00 CASH CANCEL BACK")
        till.see("refused", reason="part_paid", due="1.00")
        await till.keys("OK CANCEL")
        till.see("confirm", act="give_back_all")
        await till.keys("OK")
        till.see("idle")

    day(story)


def test_ok_on_a_cart_shows_tender():
    async def story(till):
        await till.keys("F1 OK")
        till.see("tender", due="3.50")
        await till.keys("BACK")
        till.see("cart", total="3.50")
        await till.keys("OK CANCEL")
        till.see("cart", total="3.50")
        await till.keys("OK CASH")
        till.see("cash", due="3.50")

    day(story)


def test_back_and_cancel_lead_from_cash_to_the_cart():
    async def story(till):
        await till.keys("8 5 0 CASH BACK")
        till.see("cart", total="8.50", lines="1")
        await till.keys("CASH 1 CANCEL")
        till.see("cart", total="8.50", lines="1")

    day(story)


def test_a_tender_that_is_not_set_up_is_refused_and_the_cart_stays():
    async def story(till):
        for key in ("CARD", "QR"):
            await till.keys("8 5 0 " + key)
            till.see("refused", reason="not_set_up", due="8.50")
            await till.keys("OK")
            till.see("cart", total="8.50", lines="1")
            await till.keys("5 00 " + key)
            till.see("refused", reason="not_set_up", due="8.50")
            await till.keys("CASH OK")  # the key that leaves it counts
            till.see("paid", total="8.50")

    day(story)


def test_nothing_is_refused():
    async def story(till):
        await till.keys("CASH")
        till.see("refused", reason="zero")
        await till.keys("OK 0 CASH")
        till.see("refused", reason="zero")
        await till.keys("OK hold:BACK F1 0 CASH")
        till.see("refused", reason="zero", due="3.50")
        await till.keys("OK CASH 0 OK")
        till.see("refused", reason="zero", due="3.50")
        await till.keys("OK")
        till.see("cash", due="3.50")

    day(story)


def test_what_is_due_in_cash_is_rounded_to_the_shops_coins():
    async def story(till):
        await till.keys("9 9 8 OK CASH")
        till.see("cash", due="10.00")
        await till.keys("F1")
        till.see("paid", total="9.98", change="0.00")
        sale = (await till.records("sale"))[0]
        assert (sale["total"], sale["rounding"], sale["legs"][0]["amount"]) == (998, 2, 1000)

    day(story, changed={MERCHANT: {"cash_step": "0.05"}})


def test_a_cart_that_is_paid_in_part_says_so():
    async def story(till):
        await till.keys("F1 F2 2 00 CASH")
        till.see("tender", due="4.00")
        await till.keys("CANCEL")
        till.see("cart", total="6.00")
        assert till.screen.frame.title.s == "Paid 2.00"

    day(story)
