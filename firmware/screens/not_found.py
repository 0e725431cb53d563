"""not_found: a code that the catalogue does not know. It can still be sold, at a typed price."""

from firmware.ui.entry import Entry
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", code: str, entry: Entry) -> Frame:
    """code: as typed or scanned. entry: the price so far."""
    return Frame(
        "not_found",
        look.fields({"code": code}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.not_found.title"),
        label=look.say("screen.amount.price"),
        big=look.amount(entry.amount()),
        notes=[look.name(code), look.say("screen.not_found.how")],
    )
