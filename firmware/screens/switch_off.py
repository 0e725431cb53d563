"""switch_off: the till stops in order, and says why and that nothing is lost. The last screen before the dark."""

from firmware.ui.look import yes
from hal.ports.board import Power
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look

WHY = (Power.EMPTY, Power.WEAK)  # the key needs no explanation: a hand has just pressed it


def frame(look: "Look", why: str, cart: bool) -> Frame:
    """why: a word of ports Power. cart: something lies on the counter."""
    notes = [look.say("screen.switch_off." + why)] if why in WHY else []
    notes.append(look.say("screen.switch_off.cart" if cart else "screen.switch_off.sales"))
    return Frame(
        "switch_off",
        {"why": why, "cart": yes(cart)},
        lang=look.lang,
        icon="plug",
        heading=look.say("screen.switch_off"),
        notes=notes,
    )
