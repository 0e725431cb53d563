"""item: what does this cost? First the question, then the answer."""

from firmware.ui.entry import Entry
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sale.catalogue import Item
    from firmware.ui.look import Look


def question(look: "Look", entry: Entry) -> Frame:
    """entry: the code so far."""
    return Frame(
        "item",
        look.fields({"name": "", "price": ""}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.item.title"),
        icon="scan",
        heading=look.name(entry.text) if entry else look.say("screen.item.ask"),
        notes=[look.say("screen.item.how")],
    )


def frame(look: "Look", item: "Item") -> Frame:
    """The answer."""
    name, price = item.name(look.lang), look.money(item.price)
    return Frame(
        "item",
        look.fields({"name": name, "price": price}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.item.title"),
        label=look.say("screen.item.add"),
        big=look.amount(item.price),
        notes=[look.name(name)],
    )
