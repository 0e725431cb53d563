"""Claim: the till shows its code until the fleet has taken it, or the operator leaves; asking goes on without a screen."""

from firmware.screens import claim as claim_screen
from firmware.sync import door
from firmware.sync.claim import Claim
from firmware.ui.ask import notice
from hal.ports.board import Sound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame

LEAVE = ("OK", "BACK", "CANCEL")


async def claim(till: "Till", counter: "Counter") -> None:
    """From the menu."""
    if till.claim is None:
        await notice(till.ui, "screen.notice.no_claim")
    else:
        await show(till, till.claim)


async def first_claim(till: "Till") -> None:
    """At the boot of a till that never sold and has no certificate; it sells as well without one."""
    if till.claim is not None and till.claim.state != Claim.ENROLLED and not till.rollup.sales:
        await show(till, till.claim)


async def show(till: "Till", claim: Claim) -> None:
    """Until the operator leaves. A certificate that comes meanwhile is seen and heard."""
    try:
        code = claim.code()
    except OSError as fault:
        till.board.log.say("net", f"no key for a certificate can be made: {fault}")
        await notice(till.ui, "screen.notice.no_claim", "warn")
        return

    def draw(look: "Look") -> "Frame":
        if claim.state == Claim.ENROLLED:
            return claim_screen.enrolled(look, till.board.terminal)
        if claim.state in (Claim.REFUSED, Claim.STRANGE):
            return claim_screen.refused(look, claim.state)
        picture = door.picture(till.board.terminal, code)
        return claim_screen.waiting(look, door.grouped(code), picture, claim.state == Claim.WAITING)

    shown = [claim.state]
    claim.watch(True)
    while True:
        act = await till.ui.act(draw, until=lambda: claim.state != shown[0])
        if act is None:
            shown[0] = claim.state
            if claim.state == Claim.ENROLLED:
                till.board.sound.tone(Sound.DONE)
        elif act.name in LEAVE:
            break
        else:
            till.ui.refuse()
    claim.watch(False)
