"""A code that the catalogue does not know: sold at a typed price, or left."""

from firmware.flows.change import add_line
from firmware.screens import not_found
from firmware.ui.entry import Entry
from firmware.ui.hands import SCANNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till


CODE_MAX = 128  # characters of a code that stands in a sale


async def unknown(till: "Till", counter: "Counter", code: str) -> None:
    """Digits then OK sell it at that price, in the quantity that waits; CANCEL leaves; another scan leaves and counts."""
    price, code = Entry(), code[:CODE_MAX]
    till.ui.refuse()
    while True:
        act = await till.ui.act(lambda look: not_found.frame(look, code, price), holds=("BACK",) if price else ())
        name = act.name if act is not None else ""
        if price.takes(name):
            if not price.key(name):
                till.ui.refuse()
        elif name == "OK" and price:
            if await add_line(till, counter, lambda cart: cart.add_price(price.amount(), counter.qty(), code=code)):
                return
        elif name == "BACK" and price:
            price.back()
        elif name == "hold:BACK":
            price.clear()
        elif name in ("CANCEL", "BACK"):
            counter.clear()
            return
        elif act is not None and name == SCANNED and not price:
            till.ui.again(act)
            return
        else:
            till.ui.refuse()
