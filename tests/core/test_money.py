"""Amounts and quantities as an operator types and reads them."""

from firmware.sale import quantity
from firmware.sale.money import apportion, currency, half_up, typed
from tests.core.shop import Chance


def test_an_amount_has_its_currencys_decimals():
    for code, minor, text in (
        ("GBP", 1580, "15.80"), ("EUR", 5, "0.05"), ("USD", 0, "0.00"), ("CNY", 100000000, "1000000.00"), ("JPY", 1580, "1580"),
        ("KRW", 0, "0"), ("KWD", 1580, "1.580"), ("KWD", 1, "0.001"), ("CHF", -5, "-0.05"),
        ("JPY", -12, "-12"), ("HKD", -1210, "-12.10"),
    ):  # fmt: skip
        assert currency(code).text(minor) == text


def test_only_a_currency_of_iso_4217_is_one():
    assert [currency(code) for code in ("", "gbp", "XYZ", "GBP EUR", "BP")] == [None] * 5


def test_a_price_is_read_with_exactly_the_currencys_decimals():
    gbp, jpy, kwd = currency("GBP"), currency("JPY"), currency("KWD")
    assert [gbp.read("3.50"), gbp.read("0.05"), jpy.read("350"), kwd.read("0.250")] == [350, 5, 350, 250]
    for wrong in (
        "3.5",
        "3",
        "3.500",
        ".50",
        "3,50",
        "-3.50",
        "+3.50",
        " 3.50",
        "",
        ".",
        "1e2.00",
        "٣.٥٠",
        "3.5.0",
        "1000000.00",
    ):
        assert gbp.read(wrong) is None, wrong
    assert jpy.read("350.") is None and jpy.read("3.5") is None and kwd.read("1.25") is None


def test_what_is_written_is_read_back():
    chance = Chance(1)
    for code in ("GBP", "JPY", "KWD"):
        money = currency(code)
        for _ in range(200):
            minor = chance.below(100_000_000)
            assert money.read(money.text(minor)) == minor


def test_digits_enter_from_the_right():
    assert [typed(""), typed("1"), typed("1250"), typed("0005"), typed("99999999")] == [0, 1, 1250, 5, 99_999_999]


def test_a_half_goes_away_from_zero_on_both_sides():
    assert [half_up(n, 10) for n in (4, 5, 14, 15, -4, -5, -15)] == [0, 1, 1, 2, 0, -1, -2]
    assert [half_up(n, 3) for n in (1, 2, 4, 5, -1, -2)] == [0, 1, 1, 2, 0, -1]


def test_parts_sum_to_the_whole_and_the_largest_remainder_gets_the_rest():
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]
    assert apportion(-100, [1, 1, 1]) == [-34, -33, -33]
    assert apportion(10, [50, 30, 21]) == [5, 3, 2]
    assert apportion(1000, [1580, 0, 7]) == [996, 0, 4]
    chance = Chance(2)
    for _ in range(500):
        weights = [1 + chance.below(5000) for _ in range(1 + chance.below(9))]
        amount = chance.below(100_000)
        parts = apportion(amount, weights)
        assert sum(parts) == amount
        for part, weight in zip(parts, weights):
            assert abs(part * sum(weights) - amount * weight) < sum(weights)


def test_quantities_are_written_as_people_write_them():
    assert [quantity.text(q) for q in (1000, 2000, 250, 1500, 1, 9999999, -250)] == [
        "1",
        "2",
        "0.25",
        "1.5",
        "0.001",
        "9999.999",
        "-0.25",
    ]


def test_quantities_are_read_as_people_type_them():
    assert [quantity.read(t) for t in ("2", "0.25", ".5", "2.", "12.345", "9999.999")] == [2000, 250, 500, 2000, 12345, 9999999]
    for wrong in ("", ".", "0", "0.000", "1.2345", "12345", "1.2.3", "-1", "a", "1 2"):
        assert quantity.read(wrong) is None, wrong


def test_a_quarter_of_a_price_is_rounded_half_up():
    assert quantity.extend(250, 250) == 63  # 62.5
    assert quantity.extend(-250, 250) == -63
    assert quantity.extend(600, 2000) == 1200
    assert quantity.extend(999, 333) == 333  # 332.667
