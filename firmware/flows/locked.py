"""Locked: until the fleet unlocks the till, its counter takes no key. The cart on it is kept, and a power cut changes nothing."""

from firmware.sale.catalogue import in_language
from firmware.screens import locked as locked_screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from firmware.ui.ui import Draw
    from hal.ports.frame import Frame


async def locked(till: "Till", counter: "Counter") -> None:
    """Returns when the till is not locked any more, or when an idle counter can take what the fleet has sent."""

    def over() -> bool:
        return till.rollup.lock is None or (counter.idle() and till.orders.due())

    turned = 0
    while not over():
        act = await till.ui.act(_drawn(till, turned), until=over)
        if act is not None:
            till.ui.refuse()
            turned += 1


def _drawn(till: "Till", turned: int) -> "Draw":
    def draw(look: "Look") -> "Frame":
        return locked_screen.frame(look, in_language(till.rollup.lock or {}, look.lang), turned)

    return draw
