"""Paper out: a slip waits for the printer. It is said once, never over a sale in hand, and the slip goes on by itself."""

from firmware.screens import paper_out as paper_out_screen
from firmware.ui.hands import SCANNED
from firmware.ui.ui import LEAVE
from hal.ports.keys import DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.flows.paper import Waiting
    from firmware.till import Till
    from firmware.ui.hands import Act

NO_PAPER_MS = 3000  # how long a result stands before it makes room (script.md, "Paper")
NEXT = DIGITS + ("PLU", "TIMES", "MENU", SCANNED)  # these start what comes next, and count


async def paper_out(till: "Till", counter: "Counter") -> bool:
    """Until the paper is back, which is True, or until the operator goes on without it."""
    while till.paper.waiting is not None:
        waiting = till.paper.waiting
        act = await _wait(till, waiting)
        if act is None:
            continue  # it goes on, or waits for another reason
        if act.name == "F2":
            till.paper.skip()
            return False
        if act.name in NEXT or act.name in LEAVE:
            counter.left = waiting.slip
            if act.name in NEXT:
                till.ui.again(act)
            return False
        till.ui.refuse()
    return True


async def _wait(till: "Till", waiting: "Waiting") -> "Act | None":
    """One act, or None when this slip does not wait any more as it did."""
    return await till.ui.act(
        lambda look: paper_out_screen.frame(look, waiting.no, waiting.why), until=lambda: till.paper.waiting is not waiting
    )
