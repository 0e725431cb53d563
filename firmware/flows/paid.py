"""Paid: the sale is durable. Drawer, slip and fleet are set going, and the change stands until the next key."""

from firmware.flows.paper_out import NEXT, NO_PAPER_MS, paper_out
from firmware.screens import paid as paid_screen
from firmware.screens import receipt as receipt_screen
from firmware.ui.menu import choose
from firmware.ui.ui import LEAVE
from hal.ports.board import Sound
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.flows.counter import Counter
    from firmware.till import Till


async def paid(till: "Till", counter: "Counter") -> None:
    """After a durable sale, the last of the journal, with PAID on the screen. Returns with an empty counter, ready for the next
    customer."""
    record = till.rollup.last_sale
    if record is None:
        return
    till.board.sound.tone(Sound.DONE)
    till.board.drawer.kick()
    till.courier.wake()
    till.sold.ring()
    if record["receipt"] == "auto":
        till.paper.submit(record)
    await _sweep(till, counter)
    if await _stand(till, counter, record):
        await _ask(till, record)


async def _sweep(till: "Till", counter: "Counter") -> None:
    """The counter is empty. Should the desk not take it, its cart bears a number that was sold, and the next boot drops it."""
    counter.cart = till.cart(None)
    counter.clear()
    counter.selected = -1
    try:
        await till.keep(counter.cart)
    except (StoreFull, StoreBroken) as fault:
        till.board.log.say("jrn", f"the sold cart stays on the desk until the next boot: {fault}")


async def _stand(till: "Till", counter: "Counter", record: "dict[str, Any]") -> bool:
    """Until a key, or until the missing paper is worth more than the change. True when the customer is still to be asked."""
    ask: bool = record["receipt"] == "ask"
    shown_ms = till.board.clock.now_ms()
    while True:
        waiting = counter.news(till)
        act = await till.ui.act(
            lambda look: paid_screen.frame(look, record),
            until_ms=shown_ms + NO_PAPER_MS if waiting else None,
            until=None if waiting else lambda: counter.news(till),
        )
        name = act.name if act is not None else ""
        if act is None:
            if waiting and not await paper_out(till, counter):
                return False
            shown_ms = till.board.clock.now_ms() if waiting else shown_ms
        elif name in LEAVE or name == "F3":
            return ask
        elif name in NEXT:
            till.ui.again(act)
            return False
        elif name in ("F1", "PRINT"):
            till.paper.submit(record)
            ask = False
        elif name == "F2":
            till.board.drawer.kick()
        else:
            till.ui.refuse()


async def _ask(till: "Till", record: "dict[str, Any]") -> None:
    """1 prints, 2 does not."""
    if await choose(till.ui, lambda look, i: receipt_screen.frame(look, record["no"], i), ["1", "2"]) == "1":
        till.paper.submit(record)
