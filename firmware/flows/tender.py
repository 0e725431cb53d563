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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.flows.counter import Counter
    from firmware.sale.cart import Cart
    from firmware.till import Till


async def tender(till: "Till", counter: "Counter") -> "dict[str, Any] | None":
    """The tender screen. The record of a durable sale, or None: back to the cart."""
    typed = Entry()
    while True:
        cart = counter.cart
        act = await till.ui.act(
            lambda look, cart=cart: tender_screen.frame(look, cart.due(), cart.paid(), till.settings.tenders, typed),  # type: ignore[misc]
            holds=("BACK",) if typed else (),
        )
        name = act.name if act is not None else ""
        if typed.takes(name):
            if not typed.key(name):
                till.ui.refuse()
        elif name in ("CASH", "CARD", "QR"):
            given = typed.amount() if typed else None
            typed.clear()
            record = await pay_by(till, counter, name, given)
            if record is not None or not counter.cart.legs:
                return record
        elif name == "BACK" and typed:
            typed.back()
        elif name == "hold:BACK":
            typed.clear()
        elif name == "BACK" and cart.legs:
            await _give_back(till, counter)
        elif name in ("BACK", "CANCEL"):
            return None
        else:
            till.ui.refuse()


async def pay_by(till: "Till", counter: "Counter", key: str, given: int | None) -> "dict[str, Any] | None":
    """By a tender key. given: typed before it, None when nothing was. The record of a durable sale, else None."""
    if key != "CASH" or legs.CASH not in till.settings.tenders:
        await refused(till.ui, "not_set_up", counter.cart.due())
        return None
    if given is None:
        given = await cash(till, cash_due(till, counter.cart))
    elif given == 0:
        await refused(till.ui, "zero", counter.cart.due())
        return None
    if given is None:
        return None
    return await _take(till, counter, given)


def cash_due(till: "Till", cart: "Cart") -> int:
    """What is left to pay, in coins."""
    return legs.cash_due(cart.due(), till.settings.cash_step)


async def pay_with(till: "Till", counter: "Counter", key: str, given: int | None) -> "dict[str, Any] | None":
    """The same from the cart: a part payment goes on with the tender screen."""
    record = await pay_by(till, counter, key, given)
    if record is None and given is not None and counter.cart.legs:
        return await tender(till, counter)
    return record


async def _take(till: "Till", counter: "Counter", given: int) -> "dict[str, Any] | None":
    """One leg of cash: the sale, when it is enough; else the leg lies durable with the cart."""
    leg = legs.cash(counter.cart.due(), till.settings.cash_step, given)
    if leg.amount < cash_due(till, counter.cart):
        await change(till, counter, lambda cart: cart.legs.append(leg))
        return None
    counter.cart.legs.append(leg)
    record = records.sale(counter.cart, till.settings, till.rollup.next_no, till.board.clock)
    if await commit(till, record):
        return till.rollup.last_sale
    counter.cart.legs.pop()
    return None


async def _give_back(till: "Till", counter: "Counter") -> None:
    """The newest leg is undone, when the operator says that the money went back."""
    if await confirm(till.ui, "give_back", counter.cart.legs[-1].amount):
        await change(till, counter, lambda cart: _drop(cart))


def _drop(cart: "Cart") -> None:
    cart.legs.pop()
