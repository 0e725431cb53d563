"""The cart as an operator fills, corrects and keeps it."""

import json

from firmware.sale import legs, record
from firmware.sale.cart import LINES, Cart
from firmware.sale.catalogue import Item
from firmware.sale.tax import ADDED, INCLUDED, Rate
from firmware.sale.totals import rounding
from tests.core.shop import PROFILES, Chance, Clock, reason, shop

TAXES = {"standard": Rate("standard", 2000, INCLUDED, {"en": "VAT"})}
COFFEE = Item("11", {"en": "Coffee"}, 350, "standard")
DUMPLINGS = Item("12", {"en": "Dumplings"}, 600, "standard")
BUN = Item("13", {"en": "Bun"}, 250, "standard")


def cart():
    return Cart(TAXES, "standard")


def seen(cart):
    """code or price, and quantity, of each line."""
    return [(line.code or line.price, line.qty) for line in cart.lines]


def test_the_first_sale_of_the_script():
    c = cart()
    c.add_item(DUMPLINGS, 2000)
    c.add_item(Item("5012345678900", {"en": "Oolong L"}, 380, "standard"))
    assert c.due() == 1580 and len(c.lines) == 2


def test_an_item_equal_to_the_last_line_raises_its_quantity():
    c = cart()
    for item in (COFFEE, COFFEE, BUN, COFFEE):
        c.add_item(item)
    assert seen(c) == [("11", 2000), ("13", 1000), ("11", 1000)]


def test_an_item_whose_price_has_changed_is_a_line_of_its_own():
    c = cart()
    c.add_item(COFFEE)
    c.add_item(Item("11", {"en": "Coffee"}, 360, "standard"))
    assert seen(c) == [("11", 1000), ("11", 1000)] and c.due() == 710


def test_every_open_price_is_its_own_line():
    c = cart()
    c.add_price(850)
    c.add_price(850)
    c.add_price(850, code="4901234567894")
    c.add_item(Item("4901234567894", {"en": "Tea"}, 850, "standard"))
    assert seen(c) == [(850, 1000), (850, 1000), ("4901234567894", 1000), ("4901234567894", 1000)]


def test_back_takes_back_act_by_act():
    c = cart()
    c.add_item(COFFEE)
    c.add_item(COFFEE, 2000)
    c.add_price(100)
    c.take_back()
    assert seen(c) == [("11", 3000)]
    c.take_back()
    assert seen(c) == [("11", 1000)]
    c.take_back()
    assert c.empty()
    c.take_back()
    assert c.empty()


def test_back_is_right_after_a_void():
    c = cart()
    for item in (COFFEE, DUMPLINGS, COFFEE, BUN):
        c.add_item(item)
    c.void(3)
    c.void(0)
    assert seen(c) == [("12", 1000), ("11", 1000)]
    c.take_back()
    assert seen(c) == [("12", 1000)]
    c.take_back()
    assert c.empty()


def test_back_is_right_after_a_quantity_was_raised():
    c = cart()
    c.add_item(COFFEE)
    c.add_item(BUN)
    c.set_quantity(0, 5000)
    c.take_back()
    assert seen(c) == [("11", 1000), ("13", 1000)]
    c.take_back()
    assert seen(c) == [("11", 1000)]


def test_back_is_right_after_a_quantity_was_lowered():
    c = cart()
    c.add_item(COFFEE, 3000)
    c.add_item(COFFEE, 2000)
    c.add_item(BUN)
    c.set_quantity(0, 1000)
    c.take_back()
    assert seen(c) == [("11", 1000)]
    c.take_back()
    assert c.empty()


def test_nothing_is_worth_nothing():
    c = cart()
    c.add_item(COFFEE)
    assert reason(c.add_price, 0) == "zero"
    assert reason(c.add_item, BUN, 0) == "zero"
    assert reason(c.add_price, 1, 400) == "zero"  # 0.4 of a penny
    assert reason(c.set_quantity, 0, 0) == "zero"
    assert seen(c) == [("11", 1000)]


def test_a_total_has_eight_digits_at_most():
    c = cart()
    c.add_price(99_999_999)
    assert reason(c.add_price, 1) == "too_big"
    assert reason(c.set_quantity, 0, 2000) == "too_big"
    assert seen(c) == [(99_999_999, 1000)]


def test_tax_on_top_counts_towards_the_eight_digits():
    c = Cart({"gst": Rate("gst", 500, ADDED, {})}, "gst")
    assert reason(c.add_price, 99_999_999) == "too_big"
    c.add_price(95_238_094)  # with 5 % 99,999,999
    assert c.due() == 99_999_999 and reason(c.add_price, 1) == "too_big"


def test_a_quantity_has_four_digits_before_the_point():
    c = cart()
    c.add_price(1, 9_999_999)
    assert reason(c.add_price, 1, 10_000_000) == "too_big"


def test_a_cart_holds_two_hundred_lines():
    c = cart()
    for _ in range(LINES):
        c.add_price(100)
    assert reason(c.add_price, 100) == "too_big"
    c.take_back()
    assert reason(c.add_price, 100) == "" and len(c.lines) == LINES


def test_what_was_paid_in_part_is_not_taken_out_of_the_cart():
    c = cart()
    c.add_item(DUMPLINGS)
    c.add_item(BUN)
    c.legs.append(legs.cash(c.due(), 1, 500))
    assert c.due() == 350
    assert reason(c.void, 0) == "part_paid"
    assert reason(c.take_back) == ""
    assert reason(c.take_back) == "part_paid"
    assert seen(c) == [("12", 1000)] and c.due() == 100


def test_a_cart_of_an_older_profile_keeps_its_lines():
    c = cart()
    c.add_item(COFFEE)
    again = Cart.from_record(c.to_record(), {"other": Rate("other", 0, INCLUDED, {})}, "other")
    assert seen(again) == [("11", 1000)] and again.due() == 350 and again.lines[0].rate == "other"


def test_no_record_is_an_empty_cart():
    assert Cart.from_record({}, TAXES, "standard").empty()


def act(chance, c, settings, items):
    """One random act of an operator."""
    dice = chance.below(10)
    if c.lines and dice == 0:
        reason(c.void, chance.below(len(c.lines)))
    elif c.lines and dice == 1:
        reason(c.set_quantity, chance.below(len(c.lines)), chance.below(5000))
    elif dice == 2:
        reason(c.take_back)
    elif dice < 6:
        reason(c.add_price, chance.below(3000), 1000, sorted(settings.taxes)[chance.below(len(settings.taxes))])
    else:
        reason(c.add_item, items[chance.below(len(items))], (1000, 2000, 250, 1333)[chance.below(4)])


def check_adds(c, settings):
    """BACK, pressed until it ends, gives back every line piece by piece and never adds."""
    copy = Cart.from_record(c.to_record(), settings.taxes, settings.open_rate)
    while not copy.empty():
        before = sum(line.qty for line in copy.lines)
        copy.take_back()
        assert sum(line.qty for line in copy.lines) < before


def test_two_thousand_random_carts():
    chance = Chance(4)
    shops = [shop(profile) for profile in PROFILES]
    for n in range(2000):
        settings = shops[n % len(shops)]
        items = [settings.catalogue.items[code] for code in sorted(settings.catalogue.items)]
        c = Cart(settings.taxes, settings.open_rate)
        for _ in range(1 + chance.below(12)):
            act(chance, c, settings, items)
        check_adds(c, settings)
        before = [(line.code, line.price, line.qty) for line in c.lines]
        c.add_price(1 + chance.below(3000))
        c.take_back()
        assert [(line.code, line.price, line.qty) for line in c.lines] == before
        c.add_price(50)
        total = c.totals().total
        if total > 60:
            c.legs.append(legs.cash(c.due(), settings.cash_step, 1 + chance.below(40)))
        again = Cart.from_record(json.loads(json.dumps(c.to_record())), settings.taxes, settings.open_rate)
        assert again.to_record() == c.to_record() and again.due() == c.due()
        due = c.due()
        c.legs.append(legs.cash(due, settings.cash_step, due + 10 + chance.below(5000)))
        body = record.sale(c, settings, n + 1, Clock())
        assert body["rounding"] == rounding(due, settings.cash_step)
        assert sum(line["total"] for line in body["lines"]) + sum(t["tax"] for t in body["tax"] if t["mode"] == ADDED) == total
        assert sum(leg["amount"] for leg in body["legs"]) == total + body["rounding"]
