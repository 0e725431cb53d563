"""The cart: lines, what was paid in part, and a BACK that takes back one act after another.

Every act that adds is remembered as (line, quantity). BACK takes the last of them away, so it never adds anything, and
it stays right after a void (its adds are forgotten) and after a quantity was lowered (the latest adds go first)."""

from firmware.sale import legs, quantity
from firmware.sale.line import Line
from firmware.sale.money import LARGEST
from firmware.sale.tax import Rate
from firmware.sale.totals import Totals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.sale.catalogue import Item

LINES = 200


class Refused(Exception):
    """The cart stays as it was. reason: "zero", "too_big" or "part_paid" (what is left would be less than what was paid)."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Cart:
    """taxes: the shop's rates by name. open_rate: the rate of a typed price.

    lines and legs may be read by anyone; lines change only through the methods below, which raise Refused."""

    def __init__(self, taxes: "dict[str, Rate]", open_rate: str):
        self.taxes = taxes
        self.open_rate = open_rate
        self.lines: list[Line] = []
        self.legs: list[legs.Leg] = []
        self._adds: list[tuple[Line, int]] = []

    def empty(self) -> bool:
        """No line."""
        return not self.lines

    def totals(self) -> Totals:
        """The sums as they stand."""
        return Totals(self.lines, self.taxes)

    def paid(self) -> int:
        """What the legs have paid, minor units."""
        return sum(leg.amount for leg in self.legs)

    def due(self) -> int:
        """What is still owed, before cash is rounded, minor units."""
        return self.totals().total - self.paid()

    def add_item(self, item: "Item", qty: int = quantity.ONE) -> None:
        """One more line, or more of the last line when it is the same item."""
        if self.lines and self.lines[-1].is_item(item):
            self._change(self.lines[-1], self.lines[-1].qty + qty)
        else:
            self._add(Line(item.code, item.names, item.price, qty, item.rate))

    def add_price(self, price: int, qty: int = quantity.ONE, rate: str = "", code: str = "") -> None:
        """A line of its own at a typed price. code: what was scanned, where the catalogue does not know it."""
        self._add(Line(code, {}, price, qty, rate or self.open_rate))

    def set_quantity(self, i: int, qty: int) -> None:
        """Line i now has this quantity."""
        self._change(self.lines[i], qty)

    def void(self, i: int) -> None:
        """Line i goes, and BACK forgets what was added to it."""
        line = self.lines[i]
        self._check([other for other in self.lines if other is not line])
        self.lines.pop(i)
        self._adds = [add for add in self._adds if add[0] is not line]

    def take_back(self) -> None:
        """What the last act added goes; nothing happens to an empty cart."""
        if not self._adds:
            return
        line, qty = self._adds[-1]
        if line.qty == qty:
            self.void(self.lines.index(line))
        else:
            self._change(line, line.qty - qty)

    def to_record(self) -> "dict[str, Any]":
        """For the local journal: strings, integers, lists and objects only."""
        rows = [{"code": o.code, "names": o.names, "price": o.price, "qty": o.qty, "rate": o.rate} for o in self.lines]
        adds = [[self.lines.index(line), qty] for line, qty in self._adds]
        return {"lines": rows, "adds": adds, "legs": [leg.to_record() for leg in self.legs]}

    @staticmethod
    def from_record(d: "dict[str, Any]", taxes: "dict[str, Rate]", open_rate: str) -> "Cart":
        """The cart that to_record wrote down; {} is an empty one. A rate that the shop has since lost becomes open_rate."""
        cart = Cart(taxes, open_rate)
        for row in d.get("lines", []):
            rate = row["rate"] if row["rate"] in taxes else open_rate
            cart.lines.append(Line(row["code"], row["names"], row["price"], row["qty"], rate))
        cart.legs = [legs.from_record(row) for row in d.get("legs", [])]
        cart._adds = [(cart.lines[i], qty) for i, qty in d.get("adds", [])]
        return cart

    def _add(self, line: Line) -> None:
        self._sound(line)
        if len(self.lines) >= LINES:
            raise Refused("too_big")
        self._check(self.lines + [line])
        self.lines.append(line)
        self._adds.append((line, line.qty))

    def _change(self, line: Line, qty: int) -> None:
        wanted = Line(line.code, line.names, line.price, qty, line.rate)
        self._sound(wanted)
        self._check([wanted if other is line else other for other in self.lines])
        if qty > line.qty:
            self._adds.append((line, qty - line.qty))
        else:
            self._forget(line, line.qty - qty)
        line.qty = qty

    def _forget(self, line: Line, qty: int) -> None:
        """Take a quantity off the latest adds of a line."""
        for i in range(len(self._adds) - 1, -1, -1):
            of, added = self._adds[i]
            if of is line and qty:
                off = min(qty, added)
                qty -= off
                self._adds[i] = (line, added - off)
        self._adds = [add for add in self._adds if add[1]]

    def _sound(self, line: Line) -> None:
        """A line is worth something and its quantity can be typed."""
        if line.qty > quantity.LARGEST:
            raise Refused("too_big")
        if line.qty <= 0 or line.total <= 0:
            raise Refused("zero")

    def _check(self, lines: "list[Line]") -> None:
        """These may be the lines: their total can be typed, and the customer still owes something."""
        total = Totals(lines, self.taxes).total
        if total > LARGEST:
            raise Refused("too_big")
        if self.legs and total <= self.paid():
            raise Refused("part_paid")
