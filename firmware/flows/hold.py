"""Hold and recall: a customer steps aside, the next one is served, and nothing is typed twice."""

from firmware.flows.change import not_kept
from firmware.screens import cart as cart_screen
from firmware.screens import held as held_screen
from firmware.ui.ask import refused
from firmware.ui.menu import choose
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look

SLOTS = 9


async def hold(till: "Till", counter: "Counter") -> None:
    """The cart goes to the lowest free slot, and the counter is empty."""
    free = [slot for slot in range(1, SLOTS + 1) if slot not in till.desk.held]
    if not free:
        await refused(till.ui, "no_slot", counter.cart.due())
        return
    try:
        await till.park(counter.cart, free[0])
    except (StoreFull, StoreBroken) as fault:
        await not_kept(till, counter, fault)
        return
    counter.cart = till.cart(None)
    counter.selected = -1


async def held_list(till: "Till", counter: "Counter") -> None:
    """The parked carts; the digit of a slot brings that one back to an empty counter."""
    slots = sorted(till.desk.held)
    # over an open cart every slot answers the same, so that the answer does not hang on what is held
    digits = [str(slot) for slot in (slots if counter.cart.empty() else range(1, SLOTS + 1))]
    picked = await choose(till.ui, lambda look, i: held_screen.frame(look, _rows(till, look, slots), i), digits)
    if picked in ("BACK", "CANCEL"):
        return
    if not counter.cart.empty():
        await refused(till.ui, "cart_open", counter.cart.due())
        return
    cart = till.cart(till.desk.held[int(picked)])
    try:
        await till.recall(cart, int(picked))
    except (StoreFull, StoreBroken) as fault:
        await not_kept(till, counter, fault)
        return
    counter.clear()
    counter.cart = cart


def _rows(till: "Till", look: "Look", slots: "list[int]") -> "list[tuple[int, str, int]]":
    """(slot, what the cart ends with, total)."""
    rows = []
    for slot in slots:
        cart = till.cart(till.desk.held[slot])
        rows.append((slot, cart_screen.name(look, cart.lines[-1]), cart.totals().total))
    return rows
