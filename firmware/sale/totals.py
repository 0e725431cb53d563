"""What a cart comes to: goods, taxes, total, and the rounding of cash."""

from firmware.sale.money import half_up
from firmware.sale.tax import Rate, TaxSum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from firmware.sale.line import Line


class Totals:
    """The sums of some lines, minor units.

    goods: the lines as priced. taxes: a TaxSum a rate, the highest rate first. net: without any tax.
    total: what the customer owes, tax added included, before cash is rounded."""

    def __init__(self, lines: "Sequence[Line]", taxes: "dict[str, Rate]"):
        bases: dict[str, int] = {}
        for line in lines:
            bases[line.rate] = bases.get(line.rate, 0) + line.total
        # by rate, then by name: a dict has no order in the dialect
        names = [name for _, name in sorted((-taxes[name].bp, name) for name in bases)]
        self.taxes = [TaxSum(taxes[name], bases[name]) for name in names]
        self.goods = sum(bases.values())
        self.net = sum(each.net for each in self.taxes)
        self.total = self.goods + sum(each.added for each in self.taxes)


def rounding(due: int, step: int) -> int:
    """What to add to an amount so that coins can pay it: to the nearest step, half up, the same for a refund."""
    return half_up(due, step) * step - due
