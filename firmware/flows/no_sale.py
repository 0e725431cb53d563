"""No sale: the drawer opens without one, and the journal says so first."""

from firmware.config import Reason
from firmware.journal.journal import InDoubt
from firmware.screens import menu as menu_screen
from firmware.ui.ask import notice, refused
from firmware.ui.menu import choose
from hal.ports.board import Sound
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame


async def no_sale(till: "Till", counter: "Counter") -> None:
    """Not inside a sale. Shops that want a reason have a list of them."""
    if not counter.cart.empty():
        await refused(till.ui, "cart_open", counter.cart.due())
        return
    reason = await _reason(till, till.settings.no_sale_reasons)
    if reason is None:
        return
    try:
        await till.journal.append("no_sale", 0, {"reason": reason, "at": till.board.clock.utc_s()})
    except (StoreFull, StoreBroken) as fault:
        till.board.log.say("jrn", f"no_sale: {fault}")
        await notice(till.ui, _why(fault), "warn")
        return
    till.board.drawer.kick()
    till.board.sound.tone(Sound.DONE)
    till.courier.wake()


def _why(fault: "StoreFull | StoreBroken") -> str:
    """The drawer stays shut: because its frame is not there, or because nobody knows; the next frame finds that out."""
    if isinstance(fault, InDoubt):
        return "screen.notice.shut_doubt"
    return "screen.notice.stays_shut_full" if fault.full else "screen.notice.stays_shut"


async def _reason(till: "Till", reasons: "list[Reason]") -> str | None:
    """Its code, "" where the shop asks for none, None when the operator left."""
    if not reasons:
        return ""

    def draw(look: "Look", selected: int) -> "Frame":
        lines = [look.name(f"{i} {reason.name(look.lang)}") for i, reason in enumerate(reasons, 1)]
        return menu_screen.frame(look, look.caption("menu.reason"), lines, selected)

    picked = await choose(till.ui, draw, [str(i + 1) for i in range(len(reasons))])
    return None if picked in ("BACK", "CANCEL") else reasons[int(picked) - 1].code
