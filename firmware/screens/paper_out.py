"""paper_out: a slip waits for the printer; the sale does not."""

from firmware.ui.look import number
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", no: int, why: str) -> Frame:
    """no: of the slip that waits, 0 for one that is no sale's. why: a word of hal.ports.board.Printer: "out", "cover" or
    "error"."""
    then = look.say("screen.paper_out.then", no=number(no)) if no else look.say("screen.paper_out.then_slip")
    return Frame(
        "paper_out",
        look.fields({"no": number(no)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.paper_out.title"),
        icon="paper",
        heading=look.say(f"screen.paper_out.{why}"),
        notes=[look.say(f"screen.paper_out.{why}.do"), then],
        soft=look.soft("", "soft.skip", ""),
    )
