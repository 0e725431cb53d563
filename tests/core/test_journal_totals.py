"""Totals of days, months and years: exact, bounded, and the same after any boot."""

import json

from firmware.journal.codec import canonical
from firmware.journal.rollup import Rollup
from firmware.journal.totals import ITEMS, KEPT, NAMES, REST, Totals

DAY = 86_400
NOON = 1_795_262_400  # 2026-11-21T12:00, UTC


def sold(day, total=500, code="11", tender="cash", cashier=None, off=0):
    """A sale `day` days after 2026-11-21."""
    record = {
        "at": NOON + day * DAY,
        "off": off,
        "kind": "sale",
        "no": 1,
        "receipt": "never",
        "total": total,
        "rounding": 0,
        "lines": [{"code": code, "qty": 1000, "total": total}],
        "tax": [{"rate": "standard", "net": total - total // 6, "tax": total // 6}],
        "legs": [{"tender": tender, "amount": total}],
    }
    if cashier is not None:
        record["cashier"] = cashier
    return record


def totals(*sales):
    found = Totals()
    for sale in sales:
        found.sold(sale)
    return found


def test_a_day_says_what_was_sold_how_it_was_paid_and_what_the_tax_was():
    day = totals(sold(0, 600), sold(0, 200, "", "qr", "amy"), sold(0, 100, "12"), sold(1, 999)).period("2026-11-21")
    assert day == {
        "sales": 3,
        "total": 900,
        "rounding": 0,
        "tax": {"standard": [751, 149]},
        "tenders": {"cash": 700, "qr": 200},
        "cashiers": {"": [2, 700], "amy": [1, 200]},
        "items": {"11": [1000, 600], "": [1000, 200], "12": [1000, 100]},
    }


def test_a_day_is_the_day_of_the_place():
    late = totals(sold(0, off=11 * 3600), sold(0, off=12 * 3600))
    assert late.names() == ["2026-11-21", "2026-11-22"]


def test_months_and_years_add_up_whatever_was_rolled_up():
    found = Totals()
    for day in range(800):
        found.sold(sold(day, 100 + day))
        found.sold(sold(day, 7))
    expected = sum([107 + day for day in range(800)])
    assert found.period("")["total"] == expected and found.period("")["sales"] == 1600
    assert found.period("2028-12")["sales"] == 62 and found.period("2027")["sales"] == 730
    assert found.period("2027")["items"]["11"][1] == sum([107 + day for day in range(41, 406)])
    names = found.names()
    assert [len([n for n in names if len(n) == length]) for length in (10, 7)] == [KEPT[10], KEPT[7]]


def test_a_clock_that_was_set_back_counts_where_that_day_went():
    found = Totals()
    for day in range(60):
        found.sold(sold(day))
    found.sold(sold(0, 1))
    assert found.period("")["total"] == 60 * 500 + 1 and found.period("2026-11")["total"] == 10 * 500 + 1
    assert len(found.names()) == KEPT[10] + 2


def test_any_restart_gives_the_same_book():
    one, other = Totals(), Totals()
    for day in range(90):
        one.sold(sold(day, code=str(day % 11)))
        other.sold(sold(day, code=str(day % 11)))
        fresh = Totals()
        fresh.restore(json.loads(canonical(other.snapshot())))
        other = fresh
    assert canonical(one.snapshot()) == canonical(other.snapshot())


def test_a_long_list_ends_in_one_line_and_the_sums_are_whole():
    day = totals(*[sold(0, 10, f"c{n}", f"t{n}", f"k{n}") for n in range(300)]).period("2026-11-21")
    assert len(day["items"]) == ITEMS[10] + 1 and len(day["tenders"]) == NAMES + 1 and len(day["cashiers"]) == NAMES + 1
    assert day["items"][REST] == [(300 - ITEMS[10]) * 1000, (300 - ITEMS[10]) * 10]
    assert sum([row[1] for row in day["items"].values()]) == sum(day["tenders"].values()) == day["total"] == 3000


def test_old_snapshots_have_sales_that_are_in_no_total():
    rollup = Rollup()
    rollup.restore({"sales": 40, "last_no": 40, "last_sale": sold(0), "copies": 0, "owed": False})
    rollup.fold(sold(1))
    assert rollup.totals.uncounted == 40 and rollup.totals.period("")["sales"] == 1 and rollup.sales == 41
    assert Rollup().totals.uncounted == 0
