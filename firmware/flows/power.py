"""Power: the till stops while it still can. When its power is about to go it stops at once, as a cut would stop it; asked by
the power key, it first ends what it is at. Either way the open cart lies on the desk, and the next boot brings it back."""

import asyncio

from firmware.screens import switch_off
from hal.ports.board import Power
from hal.ports.faults import PowerEnds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till
    from hal.ports.frame import Frame

PATIENCE_S = 10  # then it stops all the same: a disk or a printer that hangs must not keep the till on
READ_S = 3  # for the change to be read, when the key was pressed while the sale was being saved


async def power(till: "Till") -> None:
    """Sell until the till must stop. Raises PowerEnds."""
    why = await till.board.power.ends()
    if why == Power.KEY:
        till.board.log.say("sys", "the power key was pressed")
        try:
            await asyncio.wait_for(_at_rest(till), PATIENCE_S)
        except asyncio.TimeoutError:
            till.board.log.say("sys", f"something is still under way after {PATIENCE_S} s, and is left")
    raise PowerEnds(why)


async def _at_rest(till: "Till") -> None:
    """No money changes hands, no slip is half out, no frame is under way, and none of these can begin any more."""
    paying = till.paying.locked()
    await till.paying.acquire()
    if paying:
        await asyncio.sleep(READ_S)
    await till.board.screen.show(goodbye(till, Power.KEY))
    await till.paper.rest()
    for journal in (till.journal, till.desk_journal):
        await journal.rest()


def goodbye(till: "Till", why: str) -> "Frame":
    """The till's last screen. why: a word of ports Power."""
    return switch_off.frame(till.look(), why, not till.open_cart().empty())
