"""Locked: until the fleet unlocks the till, its counter takes no key. The cart on it is kept, and a power cut changes nothing."""

from firmware.sale.catalogue import in_language
from firmware.screens import locked as locked_screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame


async def locked(till: "Till", counter: "Counter") -> None:
    """Returns when the till is not locked any more, or when an idle counter can take what the fleet has sent."""

    def over() -> bool:
        return till.rollup.lock is None or (counter.idle() and till.orders.due())

    while not over():
        act = await till.ui.act(lambda look: _frame(till, look), until=over)
        if act is not None:
            till.ui.refuse()


def _frame(till: "Till", look: "Look") -> "Frame":
    return locked_screen.frame(look, in_language(till.rollup.lock or {}, look.lang))
