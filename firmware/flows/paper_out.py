"""Paper out: a slip waits for the printer. It is said once, never over a sale in hand, and the slip goes on by itself."""

from firmware.screens import paper_out as paper_out_screen
from firmware.ui.hands import SCANNED
from hal.ports.keys import DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till

NO_PAPER_MS = 3000  # how long a result stands before it makes room (script.md, "Paper")
NEXT = DIGITS + ("PLU", "TIMES", "MENU", "hold:MENU", SCANNED)


async def paper_out(till: "Till", counter: "Counter") -> bool:
    """Until the paper is back, which is True, or until the operator goes on without it."""
    while True:
        waiting = till.paper.waiting
        if waiting is None:
            return True
        no, why = waiting.no, waiting.why
        act = await till.ui.act(
            lambda look: paper_out_screen.frame(look, no, why),  # noqa: B023 - drawn only while this wait lasts
            until=lambda: till.paper.waiting is not waiting,  # noqa: B023
        )
        name = act.name if act is not None else ""
        if act is None:
            continue
        if name in ("OK", "BACK", "CANCEL"):
            counter.left = waiting.slip
            return False
        if name == "F2":
            till.paper.skip()
            return False
        if name in NEXT:
            till.ui.again(act)
            counter.left = waiting.slip
            return False
        till.ui.refuse()
