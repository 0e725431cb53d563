"""Tax: rates in basis points, and what they come to on one receipt.

Tax is worked out on the sum of a rate over the whole receipt, not on each line: the customer can check it with a
pocket calculator, and ten buns are taxed like one line of ten."""

from firmware.sale.money import half_up

INCLUDED = "included"  # the price is what the customer pays
ADDED = "added"  # the tax comes on top
WHOLE = 10_000  # basis points


class Rate:
    """One rate of the shop. name: its key in the profile, bp: basis points (2000 is 20 %), mode: INCLUDED or ADDED,
    label: language -> what the tax is called ("VAT"), mark: set beside the lines that it taxes ("" for none)."""

    def __init__(self, name: str, bp: int, mode: str, label: "dict[str, str]", mark: str = ""):
        self.name = name
        self.bp = bp
        self.mode = mode
        self.label = label
        self.mark = mark


class TaxSum:
    """One rate on one receipt, minor units. base: the sum of its lines as priced; net + tax is what they cost."""

    def __init__(self, rate: Rate, base: int):
        self.rate = rate
        self.base = base
        if rate.mode == INCLUDED:
            self.tax = half_up(base * rate.bp, WHOLE + rate.bp)
            self.net = base - self.tax
        else:
            self.tax = half_up(base * rate.bp, WHOLE)
            self.net = base

    @property
    def added(self) -> int:
        """What this rate adds to the prices."""
        return self.tax if self.rate.mode == ADDED else 0


def percent(bp: int) -> str:
    """ "20", "8.1", "17.5": basis points as people read them."""
    whole, rest = bp // 100, bp % 100
    return f"{whole}.{rest:02d}".rstrip("0") if rest else f"{whole}"
