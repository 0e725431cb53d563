"""Tax and rounding by figures worked out by hand."""

from firmware.sale.legs import cash, cash_due, enough
from firmware.sale.line import Line
from firmware.sale.tax import ADDED, INCLUDED, Rate, percent
from firmware.sale.totals import Totals, rounding
from tests.core.shop import Chance

STANDARD = Rate("standard", 2000, INCLUDED, {"en": "VAT"})


def totals(rates, *sold):
    """sold: (price, rate name)."""
    return Totals([Line("", {}, price, 1000, rate) for price, rate in sold], {rate.name: rate for rate in rates})


def test_twenty_per_cent_is_inside_the_price():
    t = totals([STANDARD], (1200, "standard"), (380, "standard"))
    assert (t.goods, t.total, t.net) == (1580, 1580, 1317)
    assert (t.taxes[0].net, t.taxes[0].tax, t.taxes[0].added) == (1317, 263, 0)  # 1580 / 6 = 263.33


def test_tax_is_worked_out_on_the_receipt_not_on_each_line():
    ten = totals([STANDARD], *[(10, "standard")] * 10)
    assert ten.taxes[0].tax == 17  # 100 / 6 = 16.67; ten times 10 / 6 rounded would be 20


def test_yen_with_two_rates_inside():
    rates = [Rate("standard", 1000, INCLUDED, {}), Rate("reduced", 800, INCLUDED, {})]
    t = totals(rates, (550, "standard"), (160, "reduced"), (360, "reduced"))
    assert [(s.rate.name, s.net, s.tax) for s in t.taxes] == [
        ("standard", 500, 50),
        ("reduced", 481, 39),
    ]  # 520 * 8 / 108 = 38.52
    assert (t.total, t.net) == (1070, 981)


def test_tax_on_top_is_part_of_the_total():
    rates = [Rate("gst", 500, ADDED, {}), Rate("zero", 0, ADDED, {})]
    t = totals(rates, (749, "gst"), (1125, "gst"), (229, "zero"))
    assert [(s.rate.name, s.net, s.tax, s.added) for s in t.taxes] == [("gst", 1874, 94, 94), ("zero", 229, 0, 0)]  # 93.7
    assert (t.goods, t.total) == (2103, 2197)


def test_dinar_have_three_decimals_and_no_tax():
    t = totals([Rate("none", 0, INCLUDED, {})], (2750, "none"), (250, "none"))
    assert (t.total, t.taxes[0].tax, t.taxes[0].net) == (3000, 0, 3000)


def test_francs_are_paid_in_steps_of_five():
    assert [rounding(due, 5) for due in (1230, 1231, 1232, 1233, 1234, 1235)] == [0, -1, -2, 2, 1, 0]
    assert [rounding(due, 10) for due in (7764, 7765, 7766)] == [-4, 5, 4]  # CNY, in jiao
    assert [rounding(-due, 5) for due in (1231, 1233)] == [1, -2]
    assert rounding(1234, 1) == 0


def test_cash_given_is_a_part_or_ends_the_sale():
    part = cash(1233, 5, 1000)
    assert (part.tender, part.amount, part.given, part.change) == ("cash", 1000, 1000, 0)
    rest = cash(233, 5, 500)
    assert (rest.amount, rest.given, rest.change) == (235, 500, 265)
    exact = cash(1233, 5, cash_due(1233, 5))
    assert (exact.amount, exact.change) == (1235, 0)


def test_cash_is_enough_when_it_pays_what_is_due_rounded_or_not():
    assert [enough(1233, 5, given) for given in (1232, 1233, 1234, 1235)] == [False, True, True, True]  # due in coins: 12.35
    assert [enough(1232, 5, given) for given in (1229, 1230, 1232)] == [False, True, True]  # due in coins: 12.30
    assert [cash(1233, 5, given).amount for given in (1233, 1234, 1236)] == [1233, 1234, 1235]


def test_net_and_tax_are_always_the_whole():
    chance = Chance(3)
    for _ in range(1000):
        rates = [Rate("a", chance.below(3000), INCLUDED, {}), Rate("b", chance.below(3000), ADDED, {})]
        t = totals(rates, *[(1 + chance.below(9999), "ab"[chance.below(2)]) for _ in range(1 + chance.below(6))])
        assert t.net + sum(s.tax for s in t.taxes) == t.total
        for s in t.taxes:
            exact = s.base * s.rate.bp
            whole = 10_000 + (s.rate.bp if s.rate.mode == INCLUDED else 0)
            assert abs(s.tax * whole - exact) * 2 <= whole


def test_percentages_are_bare():
    assert [percent(bp) for bp in (0, 2000, 810, 260, 1750, 5, 10000)] == ["0", "20", "8.1", "2.6", "17.5", "0.05", "100"]
