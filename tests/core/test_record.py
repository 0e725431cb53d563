"""The record of a sale: its keys, its figures, and that a wrong one is never written."""

import json

from firmware.sale import legs, record
from firmware.sale.cart import Cart
from tests.core.shop import Clock, shop


def sold(profile, *given, **clock):
    """Two of the first item and one open price, paid by these amounts of cash."""
    settings = shop(profile)
    cart = Cart(settings.taxes, settings.open_rate)
    cart.add_item(settings.catalogue.items["11"], 2000)
    cart.add_price(1233)
    for amount in given:
        cart.legs.append(legs.cash(cart.due(), settings.cash_step, amount))
    return settings, cart, record.sale(cart, settings, 7, Clock(**clock))


def test_a_sale_is_written_down_whole():
    _, _, body = sold("market", 1000, 2000, offset_s=3600, trusted=False)
    assert body == {
        "no": 7,
        "at": 1795271526,
        "off": 3600,
        "trusted": False,
        "cur": "GBP",
        "lines": [
            {"code": "11", "names": {"en": "Coffee", "zh": "咖啡"}, "price": 350, "qty": 2000, "total": 700, "rate": "standard"},
            {"code": "", "names": {}, "price": 1233, "qty": 1000, "total": 1233, "rate": "standard"},
        ],
        "total": 1933,
        "tax": [{"rate": "standard", "bp": 2000, "mode": "included", "net": 1611, "tax": 322}],
        "rounding": 0,
        "legs": [
            {"tender": "cash", "amount": 1000, "given": 1000, "change": 0},
            {"tender": "cash", "amount": 933, "given": 2000, "change": 1067},
        ],
        "receipt": "auto",
    }


def test_francs_are_rounded_in_the_record():
    _, _, body = sold("zurich", 5000)  # 17.00 + 12.33 = 29.33
    assert (body["total"], body["rounding"]) == (2933, 2)
    assert body["legs"] == [{"tender": "cash", "amount": 2935, "given": 5000, "change": 2065}]


def test_yuan_are_rounded_to_the_jiao():
    _, _, body = sold("chengdu", 2000)  # 7.00 + 12.33 = 19.33
    assert (body["total"], body["rounding"], body["legs"][0]["change"]) == (1933, -3, 70)
    assert body["tax"] == [{"rate": "food", "bp": 600, "mode": "included", "net": 1824, "tax": 109}]  # 1933 * 6 / 106 = 109.4


def test_yen_have_no_decimals_and_two_rates():
    _, _, body = sold("tokyo", 2000)  # 320 + 1233
    assert (body["cur"], body["total"], body["rounding"]) == ("JPY", 1553, 0)
    assert body["tax"] == [{"rate": "reduced", "bp": 800, "mode": "included", "net": 1438, "tax": 115}]


def test_dinar_have_three_decimals():
    _, _, body = sold("kuwait", 10_000)  # 5.500 + 1.233 = 6.733, in steps of 5 fils 6.735
    assert (body["total"], body["rounding"], body["legs"][0]["change"]) == (6733, 2, 3265)


def test_tax_on_top_is_in_the_total():
    _, _, body = sold("vancouver", 5000)  # 14.98 + 12.33 = 27.31, 5 % of it 1.37
    assert (body["total"], body["rounding"], body["tax"][0]["tax"]) == (2868, 2, 137)
    assert record.imbalance(body) == ""


def test_a_sale_that_is_not_paid_is_not_written():
    for given in ((), (500,)):
        try:
            sold("market", *given)
        except record.Unbalanced as e:
            assert str(e) == "sale 7: what was paid is not the total, rounded or not"
        else:
            raise AssertionError(given)


def test_every_figure_is_checked():
    _, _, good = sold("vancouver", 5000)
    assert record.imbalance(good) == ""
    for path, value in (
        (("total",), 2869),
        (("rounding",), 3),
        (("lines", 0, "total"), 1499),
        (("lines", 1, "total"), -1),
        (("tax", 0, "tax"), 138),
        (("tax", 0, "net"), 1),
        (("tax", 0, "mode"), "included"),
        (("legs", 0, "amount"), 2871),
        (("legs", 0, "given"), 5001),
        (("legs", 0, "change"), -1),
    ):
        wrong = json.loads(json.dumps(good))
        node = wrong
        for key in path[:-1]:
            node = node[key]
        assert node[path[-1]] != value
        node[path[-1]] = value
        assert record.imbalance(wrong), path


def test_nothing_is_no_sale():
    _, _, nothing = sold("market", 2000)
    nothing["total"], nothing["lines"], nothing["tax"], nothing["legs"] = 0, [], [], []
    assert record.imbalance(nothing) == "nothing to pay for"
    _, _, less = sold("market", 2000)
    less["lines"][0]["total"] -= 800
    less["lines"][1]["total"] += 800
    assert record.imbalance(less) == "nothing to pay for"


def test_a_record_holds_no_float():
    def kinds(value):
        if isinstance(value, dict):
            for key in value:
                assert isinstance(key, str)
                kinds(value[key])
        elif isinstance(value, list):
            for each in value:
                kinds(each)
        else:
            assert type(value) in (int, str, bool), value

    for profile in ("market", "zurich", "kuwait"):
        kinds(sold(profile, 90_000)[2])
