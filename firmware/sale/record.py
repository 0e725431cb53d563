"""The record of a sale: what the journal keeps for ever, the receipt is printed from and the fleet adds up again.

Integers (minor units, thousandths, seconds), strings, booleans, lists and objects: canonical JSON can hold it all."""

from firmware.sale.tax import ADDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.config import Settings
    from firmware.sale.cart import Cart
    from hal.ports.board import Clock

    Record = dict[str, Any]


class Unbalanced(Exception):
    """A record whose figures do not add up. It must not reach the journal: this is a fault of ours, not of an operator."""


def sale(cart: "Cart", settings: "Settings", no: int, clock: "Clock") -> "Record":
    """A cart whose legs have paid for it, as the body of a sale frame. no: the receipt's number. Raises Unbalanced."""
    totals = cart.totals()
    body: Record = {
        "no": no,
        "at": clock.utc_s(),
        "off": clock.offset_s(),
        "trusted": clock.trusted(),
        "cur": settings.currency.code,
        "lines": [
            {"code": o.code, "names": o.names, "price": o.price, "qty": o.qty, "total": o.total, "rate": o.rate}
            for o in cart.lines
        ],
        "total": totals.total,
        "tax": [{"rate": o.rate.name, "bp": o.rate.bp, "mode": o.rate.mode, "net": o.net, "tax": o.tax} for o in totals.taxes],
        "rounding": cart.paid() - totals.total,
        "legs": [leg.to_record() for leg in cart.legs],
        "receipt": settings.receipt,
    }
    wrong = imbalance(body)
    if not wrong and 2 * abs(body["rounding"]) > settings.cash_step:
        wrong = "what was paid is not the total, rounded or not"
    if wrong:
        raise Unbalanced(f"sale {no}: {wrong}")
    return body


def imbalance(body: "Record") -> str:
    """What does not add up in a sale, or ""."""
    goods = sum(line["total"] for line in body["lines"])
    added = sum(tax["tax"] for tax in body["tax"] if tax["mode"] == ADDED)
    taxed = sum(tax["net"] + tax["tax"] for tax in body["tax"])
    if body["total"] <= 0 or any(line["total"] <= 0 for line in body["lines"]):
        return "nothing to pay for"
    if goods + added != body["total"]:
        return "lines and added tax are not the total"
    if taxed != body["total"]:
        return "net and tax are not the total"
    if sum(leg["amount"] for leg in body["legs"]) != body["total"] + body["rounding"]:
        return "legs are not the total and its rounding"
    if any(leg["given"] - leg["change"] != leg["amount"] or leg["change"] < 0 for leg in body["legs"]):
        return "a leg's change is wrong"
    return ""
