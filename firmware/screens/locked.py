"""locked: the fleet has locked this till, in its own words. Nothing is sold; what lay on the counter is kept."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", text: str) -> Frame:
    """text: the fleet's words."""
    return Frame(
        "locked",
        look.fields({"text": text}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.locked.title"),
        icon="lock",
        heading=look.say("screen.locked.heading"),
        notes=[look.name(text)],
    )
