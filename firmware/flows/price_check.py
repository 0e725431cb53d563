"""Price check: PLU, then a code or a scan, says what a thing costs; OK sells it."""

from firmware.flows.change import add_line
from firmware.flows.unknown import unknown
from firmware.screens import item as item_screen
from firmware.ui.entry import Entry
from firmware.ui.hands import SCANNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.sale.catalogue import Item
    from firmware.till import Till

CODE_DIGITS = 14  # a GTIN-14, typed off a label that does not scan


async def price_check(till: "Till", counter: "Counter") -> bool:
    """Until it is answered or left. Always True: PLU meant something."""
    code = await _question(till)
    while code:
        item = till.settings.catalogue.find(code)
        if item is None:
            await unknown(till, counter, code)
            break
        code = await _answer(till, counter, item)
    return True


async def _question(till: "Till") -> str:
    """A code with OK or PLU, or a scan; "" when it was left."""
    typed = Entry(CODE_DIGITS)
    while True:
        act = await till.ui.act(lambda look: item_screen.question(look, typed), holds=("BACK",) if typed else ())
        name = act.name if act is not None else ""
        if act is not None and name == SCANNED and not typed:
            return act.text
        if name in ("OK", "PLU") and typed:
            return typed.text
        if name == "CANCEL" or (name == "BACK" and not typed):
            return ""
        if name == "BACK":
            typed.back()
        elif name == "hold:BACK":
            typed.clear()
        elif not (typed.takes(name) and typed.key(name)):
            till.ui.refuse()


async def _answer(till: "Till", counter: "Counter", item: "Item") -> str:
    """What it costs. The next code to look up, or "" when this is over; a key that is not for this screen counts after it."""
    act = await till.ui.act(lambda look: item_screen.frame(look, item))
    name = act.name if act is not None else ""
    if act is None or name in ("CANCEL", "BACK"):
        return ""
    if name == "OK":
        await add_line(till, counter, lambda cart: cart.add_item(item, counter.qty()))
        return ""
    if name == SCANNED:
        return act.text
    if name == "PLU":
        return await _question(till)
    till.ui.again(act)
    return ""
