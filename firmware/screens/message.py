"""message: words from the fleet; a key turns to what is left of them, and behind the last part says that they were read."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", parts: "list[str]", at: int = 0) -> Frame:
    """parts: of the fleet's words (ui/parts.py), of which this one stands here."""
    title = look.t("screen.message.title")
    return Frame(
        "message",
        look.fields({"text": parts[at]}),
        lang=look.lang,
        status=look.status,
        title=look.name(f"{title} {at + 1}/{len(parts)}" if len(parts) > 1 else title),
        icon="info",
        heading=look.name(parts[at]),
    )
