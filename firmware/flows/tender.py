"""Tender: the cart is paid, in one leg or in several, and becomes a sale.

due and given are minor units; what is due in cash is rounded to the shop's coins."""

from firmware.flows.cash import cash
from firmware.flows.change import change
from firmware.flows.commit import commit
from firmware.sale import legs
from firmware.sale import record as records
from firmware.screens import tender as tender_screen
from firmware.ui.ask import confirm, refused
from firmware.ui.entry import Entry
from hal.ports.keys import TENDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.sale.cart import Cart
    from firmware.till import Till

# every way that a tender key can end
PAID, PART, REFUSED, LEFT = "paid", "part", "refused", "left"


async def tender(till: "Till", counter: "Counter") -> bool:
    """The tender screen. True when a sale is durable, False: back to the cart."""
    typed = Entry()
    while True:
        act = await till.ui.act(
            lambda look: tender_screen.frame(look, counter.cart.due(), counter.cart.paid(), till.settings.tenders, typed),
            holds=("BACK",) if typed else (),
        )
        name = act.name if act is not None else ""
        if typed.takes(name):
            if not typed.key(name):
                till.ui.refuse()
        elif name in TENDERS:
            given = typed.amount() if typed else None
            typed.clear()
            outcome = await _by(till, counter, name, given)
            if outcome in (PAID, LEFT):
                return outcome == PAID
        elif name == "BACK" and typed:
            typed.back()
        elif name == "hold:BACK":
            typed.clear()
        elif name == "BACK" and counter.cart.legs:
            await _give_back(till, counter)
        elif name in ("BACK", "CANCEL"):
            return False
        else:
            till.ui.refuse()


async def pay(till: "Till", counter: "Counter", key: str, given: int | None) -> bool:
    """The same from the cart, where a tender key was pressed. given: typed before it, None when nothing was."""
    outcome = await _by(till, counter, key, given)
    if outcome == PART:
        return await tender(till, counter)
    return outcome == PAID


async def _by(till: "Till", counter: "Counter", key: str, given: int | None) -> str:
    if key != "CASH" or legs.CASH not in till.settings.tenders:
        await refused(till.ui, "not_set_up", counter.cart.due())
        return REFUSED
    if given is None:
        given = await cash(till, _cash_due(till, counter.cart))
        if given is None:
            return LEFT
    elif given == 0:
        await refused(till.ui, "zero", counter.cart.due())
        return REFUSED
    return await _take(till, counter, given)


def _cash_due(till: "Till", cart: "Cart") -> int:
    """What is left to pay, in coins."""
    return legs.cash_due(cart.due(), till.settings.cash_step)


async def _take(till: "Till", counter: "Counter", given: int) -> str:
    """One leg of cash: a sale, when it is enough; else it lies durable with the cart."""
    due, step = counter.cart.due(), till.settings.cash_step
    leg = legs.cash(due, step, given)
    if not legs.enough(due, step, given):
        return PART if await change(till, counter, lambda cart: cart.legs.append(leg)) else LEFT
    counter.cart.legs.append(leg)
    if await commit(till, records.sale(counter.cart, till.settings, till.rollup.next_no, till.board.clock)):
        return PAID
    counter.cart.legs.pop()
    return LEFT


async def _give_back(till: "Till", counter: "Counter") -> None:
    """The newest leg is undone, when the operator says that the money went back."""
    if await confirm(till.ui, "give_back", counter.cart.legs[-1].amount):
        await change(till, counter, _drop_leg)


def _drop_leg(cart: "Cart") -> None:
    cart.legs.pop()
