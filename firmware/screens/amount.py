"""amount: something is being typed on the way to a line: a price, a code, or a quantity."""

from firmware.sale import quantity
from firmware.ui.entry import Entry
from hal.ports.frame import NO_SOFT, Frame, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", entry: Entry, qty: int, soft: "tuple[Text, Text, Text]" = NO_SOFT) -> Frame:
    """entry: what is typed. qty: thousandths, from N TIMES. soft: the favourites, where they may follow."""
    value = entry.amount()
    total = quantity.extend(value, qty)
    read = quantity.text(qty) if entry.whole() else entry.text  # 0.25 on its way to be a quantity
    label = look.say("screen.amount.price") if qty == quantity.ONE else look.say("screen.amount.times", qty=read)
    note = look.say("screen.amount.add")
    if not entry.whole():
        label, note = look.say("screen.amount.quantity"), look.say("screen.amount.then_times")
    elif not entry:
        note = look.say("screen.idle.hint")
    elif qty != quantity.ONE:
        note = look.say("screen.amount.total", total=look.money(total))
    return Frame(
        "amount",
        look.fields({"value": look.money(value), "qty": read, "total": look.money(total)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.amount.title"),
        label=label,
        big=look.amount(value) if entry.whole() else Text(entry.text),
        notes=[note],
        soft=soft,
    )
