"""Messages from the fleet, on an idle counter, one after another; the journal says that each was read."""

from firmware.sale.catalogue import in_language
from firmware.screens import message as message_screen
from firmware.ui.ui import LEAVE
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till


async def message(till: "Till") -> None:
    """The oldest that nobody has read; any key has read it, and counts on the next screen as after a notice. A lock goes
    before it."""
    unread = till.rollup.unread[0]
    act = await till.ui.act(
        lambda look: message_screen.frame(look, in_language(unread["words"], look.lang)),
        until=lambda: till.rollup.lock is not None,
    )
    if act is None:
        return
    if act.name not in LEAVE:
        till.ui.again(act)
    try:
        await till.journal.append("read", 0, {"version": unread["version"], "at": till.board.clock.utc_s()})
    except (StoreFull, StoreBroken) as fault:
        # shown again after the next boot: better twice than never
        till.board.log.say("jrn", f"that message {unread['version']} was read is not journaled: {fault}")
        till.rollup.unread = till.rollup.unread[1:]
    till.courier.wake()
