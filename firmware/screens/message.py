"""message: words from the fleet; any key says that they were read."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", text: str) -> Frame:
    """text: the fleet's words."""
    return Frame(
        "message",
        look.fields({"text": text}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.message.title"),
        icon="info",
        heading=look.name(text),
    )
