"""Legs: the parts in which a sale is paid."""

from firmware.sale.totals import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CASH = "cash"


class Leg:
    """One part, minor units: given - change = amount, and amount counts towards the sale."""

    def __init__(self, tender: str, amount: int, given: int, change: int):
        self.tender = tender
        self.amount = amount
        self.given = given
        self.change = change

    def to_record(self) -> "dict[str, Any]":
        """For the journal."""
        return {"tender": self.tender, "amount": self.amount, "given": self.given, "change": self.change}


def from_record(d: "dict[str, Any]") -> Leg:
    """The leg that to_record wrote down."""
    return Leg(d["tender"], d["amount"], d["given"], d["change"])


def cash_due(due: int, step: int) -> int:
    """What is due, in coins: rounded to the step of the shop."""
    return due + rounding(due, step)


def enough(due: int, step: int, given: int) -> bool:
    """Whether cash given ends the sale: what is due counts, rounded or not, so 12.33 in coins pays 12.33 as 12.35 does."""
    return given >= min(due, cash_due(due, step))


def cash(due: int, step: int, given: int) -> Leg:
    """Cash given towards what is due: less is a part, enough ends the sale with change."""
    amount = min(given, cash_due(due, step))
    return Leg(CASH, amount, given, given - amount)
