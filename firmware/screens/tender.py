"""tender: how will it be paid?"""

from firmware.ui.entry import Entry
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", due: int, paid: int, tenders: "list[str]", entry: Entry) -> Frame:
    """due: the rest, minor units. paid: by legs so far. tenders: those that the shop takes. entry: a part, on its way."""
    keys = " ".join(look.t(f"screen.tender.{name}") for name in tenders)
    notes = [look.say("screen.tender.how", keys=keys)]
    if paid and not entry:
        notes.append(look.say("screen.tender.paid", paid=look.money(paid)))
    return Frame(
        "tender",
        look.fields({"due": look.money(due)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.tender.title"),
        label=look.say("screen.cash.due_line", due=look.money(due)) if entry else look.say("screen.cash.due"),
        big=look.amount(entry.amount() if entry else due),
        notes=notes,
    )
