"""Messages from the fleet, on an idle counter, one after another; the journal says that each was read."""

from firmware.sale.catalogue import in_language
from firmware.screens import message as message_screen
from firmware.ui.parts import parts
from firmware.ui.ui import LEAVE
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till
    from firmware.ui.look import Look
    from firmware.ui.ui import Draw
    from hal.ports.frame import Frame

FORWARDS, BACKWARDS = ("OK", "DOWN"), ("BACK", "UP")


async def message(till: "Till") -> bool:
    """The oldest that nobody has read, part by part; any key has read the last, and counts on the next screen as after a
    notice. A lock goes before it. False when it is not read: a key that sells counts at once, and the rest waits."""
    unread, at = till.rollup.unread[0], 0
    while True:
        act = await till.ui.act(_part(unread["words"], at), until=lambda: till.rollup.lock is not None)
        if act is None:
            return False
        lang = till.words().lang
        last = at + 1 >= len(parts(in_language(unread["words"], lang), lang))
        if act.name in BACKWARDS and at:
            at -= 1
        elif act.name in FORWARDS and not last:
            at += 1
        else:
            break
    if act.name not in LEAVE:
        till.ui.again(act)
        if not last:
            return False
    try:
        await till.journal.append("read", 0, {"version": unread["version"], "at": till.board.clock.utc_s()})
    except (StoreFull, StoreBroken) as fault:
        # shown again after the next boot: better twice than never
        till.board.log.say("jrn", f"that message {unread['version']} was read is not journaled: {fault}")
        till.rollup.unread = till.rollup.unread[1:]
    till.courier.wake()
    return True


def _part(words: "dict[str, str]", at: int) -> "Draw":
    def draw(look: "Look") -> "Frame":
        found = parts(in_language(words, look.lang), look.lang)
        return message_screen.frame(look, found, min(at, len(found) - 1))

    return draw
