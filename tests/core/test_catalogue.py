"""The catalogue: what a code finds, and which rows are left out and why."""

from firmware.sale.catalogue import Catalogue, Item, check_digit, printable, read_rows
from firmware.sale.money import currency
from firmware.sale.tax import INCLUDED, Rate

TAXES = {"standard": Rate("standard", 2000, INCLUDED, {})}


def row(code="11", name="Coffee", price="3.50", rate="standard"):
    return {"code": code, "name": {"en": name}, "price": price, "rate": rate}


def read(rows, code="GBP"):
    return read_rows(rows, currency(code), TAXES, ["en", "zh"])


def why(bad):
    """The reason for which a single row is left out."""
    items, left_out = read([bad])
    assert not items and left_out[0][0] == 1
    return left_out[0][1]


def test_a_good_row_is_an_item():
    items, bad = read([{"code": "11", "name": {"en": "Coffee", "zh": "咖啡"}, "price": "3.50", "rate": "standard"}])
    assert bad == []
    coffee = items[0]
    assert (coffee.code, coffee.price, coffee.rate, coffee.name("en"), coffee.name("zh")) == (
        "11",
        350,
        "standard",
        "Coffee",
        "咖啡",
    )


def test_a_name_stands_in_for_another_language():
    assert Item("1", {"en": "Tea"}, 1, "").name("zh") == "Tea" and Item("1", {"zh": "茶"}, 1, "").name("en") == "茶"


def test_wrong_rows_are_listed_by_number_and_the_others_stand():
    items, bad = read([row("11"), row("12", price="3.5"), row("13"), "bun", row("11"), row("14")])
    assert [item.code for item in items] == ["11", "13", "14"]
    assert [number for number, _ in bad] == [2, 4, 5]
    assert "price" in bad[0][1] and "object" in bad[1][1] and "twice" in bad[2][1]


def test_the_longest_that_may_stand():
    assert read([row(code="1" * 48, name="x" * 40, price="999999.99")])[1] == []


def test_each_rule_has_its_reason():
    without = row()
    del without["rate"]
    more = row()
    more["colour"] = "brown"
    for bad, word in (
        (without, "rate is missing"),
        (more, "not known"),
        (row(code=11), "code"),
        (row(code=""), "code"),
        (row(code="1" * 49), "code"),
        (row(code="1 1"), "ASCII"),
        (row(code="1\n"), "ASCII"),
        (row(code="５０１"), "ASCII"),
        (row(code="5012345678901"), "check digit"),
        (row(code="76101230"), "check digit"),
        (row(code="036000291453"), "check digit"),
        (row(name=""), "name"),
        (row(name="  "), "name"),
        (row(name="x" * 41), "name"),
        (row(name=7), "name"),
        (row(name="Cof\x1bfee"), "control"),
        (row(name="Cof\u202efee"), "control"),
        (row(price=350), "price"),
        (row(price="0.00"), "price"),
        (row(price="-1.00"), "price"),
        (row(price="1000000.00"), "price"),
        (row(price=None), "price"),
        (row(rate="vat"), "rate"),
        (row(rate=["standard"]), "rate"),
    ):
        assert word in why(bad), (bad, why(bad))
    wrong = row()
    wrong["name"] = {"de": "Kaffee"}
    assert "language" in why(wrong)
    for names in ("Coffee", {}, None, ["Coffee"]):
        wrong["name"] = names
        assert "name" in why(wrong)
    for value in (None, 1, [], "x", True):
        assert "object" in why(value)


def test_a_price_has_the_decimals_of_the_money():
    assert read([row(price="350")], "JPY")[0][0].price == 350 and read([row(price="3.50")], "JPY")[0] == []
    assert read([row(price="0.250")], "KWD")[0][0].price == 250 and read([row(price="0.25")], "KWD")[0] == []


def test_check_digits():
    assert [check_digit(code) for code in ("501234567890", "400638133393", "978030640615")] == ["0", "1", "7"]
    assert len(read([row("96385074"), row("036000291452"), row("4006381333931")])[0]) == 3


def test_a_upc_is_found_however_the_scanner_sends_it():
    short = Catalogue([Item("036000291452", {"en": "Sauce"}, 1125, "standard")])
    long = Catalogue([Item("0036000291452", {"en": "Sauce"}, 1125, "standard")])
    for found in (short.find("0036000291452"), short.find("036000291452"), long.find("036000291452"), long.find("0036000291452")):
        assert found is not None and found.price == 1125
    assert short.find("5036000291452") is None and long.find("5036000291452") is None and short.find("36000291452") is None


def test_hostile_codes_find_nothing():
    shelf = Catalogue([Item("11", {"en": "Coffee"}, 350, "standard")])
    for code in ("", " 11", "11\n", "0" * 5000, "\x00", "%s", "{}", "'; DROP TABLE", "一一", "\u202e11"):
        assert shelf.find(code) is None


def test_what_may_stand_on_paper():
    assert printable("Crème 咖啡 №1") and printable("")
    for c in ("\x00", "\x1b", "\n", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\ufeff"):
        assert not printable("a" + c), repr(c)
