"""locked: the fleet has locked this till, in its own words. Nothing is sold; what lay on the counter is kept."""

from firmware.ui.parts import parts
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", text: str, turned: int = 0) -> Frame:
    """text: the fleet's words. turned: how often a key was pressed: words that leave the heading no room come part by part."""
    whole = parts(text, look.lang)
    below = parts(text, look.lang, less=1)
    short, at = len(below) <= 1, turned % max(len(whole), 1)
    title = look.caption("screen.locked.title")
    if len(whole) > 1:
        title = look.say("screen.locked.part", at=at + 1, of=len(whole))
    return Frame(
        "locked",
        look.fields({"text": text}),
        lang=look.lang,
        status=look.status,
        title=title,
        icon="lock",
        heading=look.say("screen.locked.heading") if short else look.name(whole[at]),
        notes=[look.name(part) for part in below] if short else [],
    )
