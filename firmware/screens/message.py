"""message: words from the fleet; a key turns to what is left of them, and behind the last part says that they were read."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", parts: "list[str]", at: int = 0) -> Frame:
    """parts: of the fleet's words (ui/parts.py), of which this one stands here."""
    title = look.caption("screen.message.title")
    if len(parts) > 1:
        title = look.say("screen.message.part", at=at + 1, of=len(parts))
    return Frame(
        "message",
        look.fields({"text": parts[at]}),
        lang=look.lang,
        status=look.status,
        title=title,
        icon="info",
        heading=look.name(parts[at]),
    )
