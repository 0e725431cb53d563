"""idle: nothing on the counter; a price, a code, a scan or a favourite begins."""

from hal.ports.frame import Frame, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", shop: str, favourites: "tuple[Text, Text, Text]") -> Frame:
    """shop: the last line of its header, which tells one stall from the next. favourites: what F1 to F3 sell."""
    hint = look.say("screen.idle.hint")
    if look.status.near_end:
        hint = look.say("screen.idle.near_end")
    elif look.status.offline and look.status.queued:
        hint = look.say("screen.idle.safe", n=look.status.queued)
    return Frame(
        "idle",
        look.fields({"total": look.money(0)}),
        lang=look.lang,
        status=look.status,
        title=look.name(shop),
        label=Text(look.currency.code),
        big=look.amount(0),
        notes=[hint],
        soft=favourites,
    )
