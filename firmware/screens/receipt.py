"""receipt: does the customer want one? For shops whose receipt setting is ask."""

from firmware.ui.look import number
from hal.ports.frame import Frame, Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", no: int, selected: int) -> Frame:
    """no: of the sale. selected: 0 print, 1 no receipt."""
    return Frame(
        "receipt",
        look.fields({"no": number(no)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.receipt.title", no=number(no)),
        rows=[Row(look.say("screen.receipt.print")), Row(look.say("screen.receipt.none"))],
        selected=selected,
    )
