"""What was sold, added up by day, month and year: by tender, item, cashier and tax. Exact integers, and bounded: days roll
up into months, months into years, and the rest of a long list of items into one line.

A period is named like "2026-11-21", "2026-11" or "2026", by the wall clock of the place when it was sold."""

from firmware import wall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]

# periods of each length that are kept apart: a longer past is in the next longer period. "" is all before the years.
KEPT = {10: 35, 7: 13, 4: 10}
SHORTER = {10: 7, 7: 4, 4: 0}
ITEMS = {10: 100, 7: 200, 4: 500, 0: 500}  # codes of a period; a checkpoint with every list full takes half a MiB
NAMES = 20  # tenders, rates and cashiers of a period
REST = "*"  # what is beyond those
UNBOUNDED = 1 << 30


class Totals:
    """uncounted: sales from before there were totals, which are in none of them."""

    def __init__(self) -> None:
        self.restore({})

    def restore(self, snapshot: "Record") -> None:
        """Be what snapshot() said."""
        self.uncounted: int = snapshot.get("uncounted", 0)
        self._periods: dict[str, Record] = snapshot.get("periods", {})

    def snapshot(self) -> "Record":
        """Fit for canonical JSON. It is the book itself, not a copy."""
        return {"periods": self._periods, "uncounted": self.uncounted}

    def sold(self, sale: "Record") -> None:
        """One sale's record."""
        day = wall.day_text(sale.get("at", 0) + sale.get("off", 0))
        if day not in self._periods:
            self._periods[day] = blank()
            self._roll_up()
            day = self._home(day)
        count(self._periods[day], sale, ITEMS[len(day)])

    def period(self, name: str) -> "Record":
        """The figures of a day, a month or a year; "" is all there ever was. Of a past that was rolled up, only the longer
        periods are known: those days are all zero."""
        found = blank()
        for key in self._periods:
            if key.startswith(name):
                add(found, self._periods[key], UNBOUNDED, UNBOUNDED)
        return found

    def names(self) -> "list[str]":
        """The periods that are kept apart, ascending."""
        return sorted(self._periods)

    def _home(self, day: str) -> str:
        """Where that day is counted: a clock that was set back may name one that was rolled up long ago."""
        for length in (10, 7, 4):
            if day[:length] in self._periods:
                return day[:length]
        return ""

    def _roll_up(self) -> None:
        for length in (10, 7, 4):
            names = sorted([name for name in self._periods if len(name) == length])
            for name in names[: max(0, len(names) - KEPT[length])]:
                longer = name[: SHORTER[length]]
                if longer not in self._periods:
                    self._periods[longer] = blank()
                add(self._periods[longer], self._periods.pop(name), ITEMS[len(longer)])


def blank() -> "Record":
    """sales: how many. total, rounding: minor units. tax: rate -> [net, tax]. tenders: name -> amount.
    cashiers: name -> [sales, total]. items: code -> [quantity in thousandths, total]; "" is a typed price."""
    return {"sales": 0, "total": 0, "rounding": 0, "tax": {}, "tenders": {}, "cashiers": {}, "items": {}}


def count(into: "Record", sale: "Record", items: int) -> None:
    """Add one sale. items: how many codes may stand in the list."""
    total = sale.get("total", 0)
    into["sales"] += 1
    into["total"] += total
    into["rounding"] += sale.get("rounding", 0)
    for tax in sale.get("tax", ()):
        put(into["tax"], tax["rate"], tax["net"], tax["tax"], NAMES)
    for leg in sale.get("legs", ()):
        name = home(into["tenders"], leg["tender"], NAMES)
        into["tenders"][name] = into["tenders"].get(name, 0) + leg["amount"]
    put(into["cashiers"], sale.get("cashier", ""), 1, total, NAMES)
    lines = into["items"]
    for line in sale.get("lines", ()):
        put(lines, line.get("code", ""), line.get("qty", 0), line.get("total", 0), items)


def home(table: "dict[str, Any]", name: str, most: int) -> str:
    """Where a name is counted: under itself as long as there is room for one more."""
    if name in table or len(table) - (REST in table) < most:
        return name
    return REST


def put(table: "dict[str, list[int]]", name: str, one: int, two: int, most: int) -> None:
    """Add to a row of two numbers."""
    name = home(table, name, most)
    if name in table:
        row = table[name]
        row[0] += one
        row[1] += two
    else:
        table[name] = [one, two]


def add(into: "Record", other: "Record", items: int, names: int = NAMES) -> None:
    """Add the figures of another period. items, names: how many may stand in the lists."""
    for name in ("sales", "total", "rounding"):
        into[name] += other[name]
    for name in sorted(other["tenders"]):
        place = home(into["tenders"], name, names)
        into["tenders"][place] = into["tenders"].get(place, 0) + other["tenders"][name]
    for table, most in (("tax", names), ("cashiers", names), ("items", items)):
        for name in sorted(other[table]):
            put(into[table], name, other[table][name][0], other[table][name][1], most)
