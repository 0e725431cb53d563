"""Keys that make and unmake lines: prices, codes, favourites, quantities, the selection, and BACK.

Each answers True when the key meant something here; on False the selling flow sounds the error tone."""

from firmware.flows.change import add_line, change
from firmware.flows.check_receipt import check, is_receipt
from firmware.flows.price_check import price_check
from firmware.flows.unknown import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.sale.catalogue import Item
    from firmware.till import Till


def typed(counter: "Counter", key: str) -> bool:
    """A digit, 00 or the point."""
    return counter.entry.key(key)


async def open_price(till: "Till", counter: "Counter") -> bool:
    """OK on amount: a line at the typed price."""
    entry = counter.entry
    if not entry or not entry.whole():
        return False
    return await add_line(till, counter, lambda cart: cart.add_price(entry.amount(), counter.qty())) or True


async def times(till: "Till", counter: "Counter") -> bool:
    """N TIMES: the quantity of the selected line, or else of what comes next."""
    if not counter.entry:
        return False
    qty = counter.entry.quantity()
    if qty is None:
        return False
    if counter.selected < 0:
        counter.clear()
        counter.times = qty
        return True
    line = counter.selected
    return await add_line(till, counter, lambda cart: cart.set_quantity(line, qty)) or True


async def code(till: "Till", counter: "Counter", text: str) -> bool:
    """An item by its code, or not_found."""
    item = till.settings.catalogue.find(text)
    if item is None:
        await unknown(till, counter, text)
        return True
    return await add_item(till, counter, item)


async def add_item(till: "Till", counter: "Counter", item: "Item") -> bool:
    """An item in the quantity that was typed."""
    return await add_line(till, counter, lambda cart: cart.add_item(item, counter.qty())) or True


async def plu(till: "Till", counter: "Counter") -> bool:
    """PLU: the typed code, or with nothing typed the price check."""
    if not counter.entry:
        return await price_check(till, counter)
    if not counter.entry.whole():
        return False
    text = counter.entry.text
    counter.entry.clear()
    return await code(till, counter, text)


async def scanned(till: "Till", counter: "Counter", text: str) -> bool:
    """A scan; over typed digits it is refused and the digits stay."""
    if counter.entry:
        return False
    if is_receipt(text) and not counter.typing():
        await check(till, text)
        return True
    return await code(till, counter, text)


async def favourite(till: "Till", counter: "Counter", key: str) -> bool:
    """F1 to F3, where no digits are typed."""
    item = till.settings.favourites[("F1", "F2", "F3").index(key)]
    if item is None or counter.entry:
        return False
    return await add_item(till, counter, item)


async def select(till: "Till", counter: "Counter", key: str) -> bool:
    """UP and DOWN walk the lines; the first UP takes the last line, the first DOWN the first."""
    lines = len(counter.cart.lines)
    if counter.typing() or not lines:
        return False
    step = 1 if key == "DOWN" else -1
    start = counter.selected if counter.selected >= 0 or key == "DOWN" else lines
    counter.selected = min(max(start + step, 0), lines - 1)
    return True


async def back(till: "Till", counter: "Counter") -> bool:
    """One step back: the last digit, the waiting quantity, the selected line, or what the last act added."""
    if counter.entry:
        counter.entry.back()
    elif counter.times:
        counter.times = 0
    elif counter.selected >= 0:
        line = counter.selected
        counter.selected = -1
        await change(till, counter, lambda cart: cart.void(line))
    elif counter.cart.empty():
        return False
    else:
        await change(till, counter, lambda cart: cart.take_back())
    return True
