"""Quantities: whole thousandths, so that 0.25 kg is as exact as two buns."""

from firmware.sale.money import half_up

ONE = 1000
LARGEST = 9999 * ONE + 999


def text(quantity: int) -> str:
    """As people write it, without trailing zeros: "2", "0.25"."""
    whole, rest = abs(quantity) // ONE, abs(quantity) % ONE
    sign = "-" if quantity < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:03d}".rstrip("0")


def read(typed: str) -> int | None:
    """Thousandths of what was typed: "2", "0.25", ".5", "2."; None when it is no quantity above zero, up to 9999.999."""
    whole, _, rest = typed.partition(".")
    digits = whole + rest
    if not digits or len(whole) > 4 or len(rest) > 3 or not all(c in "0123456789" for c in digits):
        return None
    quantity = int(whole or "0") * ONE + int((rest + "000")[:3])
    return quantity if quantity > 0 else None


def extend(price: int, quantity: int) -> int:
    """What a quantity costs at a price, in minor units, half up."""
    return half_up(price * quantity, ONE)
