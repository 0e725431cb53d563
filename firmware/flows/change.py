"""Changing the cart: first in memory, then durable on the desk, and only then on the screen."""

from firmware.sale.cart import Refused
from firmware.ui.ask import notice, refused
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.flows.counter import Counter
    from firmware.sale.cart import Cart
    from firmware.till import Till


async def change(till: "Till", counter: "Counter", alter: "Callable[[Cart], None]") -> bool:
    """Alter the cart. False when it was refused or could not be kept: then the operator was told."""
    before = counter.cart.to_record()
    try:
        alter(counter.cart)
    except Refused as no:
        await refused(till.ui, no.reason, counter.cart.due())
        return False
    try:
        await till.keep(counter.cart)
    except (StoreFull, StoreBroken) as fault:
        counter.cart = till.cart(before)
        await not_kept(till, counter, fault)
        return False
    return True


async def not_kept(till: "Till", counter: "Counter", fault: "StoreFull | StoreBroken") -> None:
    """The desk did not take a frame. After a broken write it may still hold it: read, and what is there is the cart."""
    till.board.log.say("jrn", f"the cart was not kept: {fault}")
    if isinstance(fault, StoreBroken):
        try:
            await till.desk_journal.recover()
            counter.cart = till.open_cart()
        except (StoreFull, StoreBroken, JournalDamaged) as again:
            till.board.log.say("jrn", f"the desk cannot be read: {again}")
    counter.selected = -1
    await notice(till.ui, "screen.notice.not_kept_full" if fault.full else "screen.notice.not_kept", "warn")


async def add_line(till: "Till", counter: "Counter", alter: "Callable[[Cart], None]") -> bool:
    """The same for an act that adds what was typed: done, the entry and the selection are spent."""
    done = await change(till, counter, alter)
    if done:
        counter.clear()
        counter.selected = -1
    return done
