"""cart: what the customer buys, line by line, and what it comes to."""

from firmware.sale import quantity
from firmware.sale.catalogue import in_language
from hal.ports.frame import Frame, Row, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sale.cart import Cart
    from firmware.sale.line import Line
    from firmware.ui.look import Look


def name(look: "Look", line: "Line") -> str:
    """What a line is called: its name, or the code that nobody knew, or an open price."""
    return in_language(line.names, look.lang) or line.code or look.t("screen.cart.open_price")


def frame(look: "Look", cart: "Cart", selected: int, favourites: "tuple[Text, Text, Text]", back: bool = False) -> Frame:
    """selected: the line that BACK or TIMES would change, -1 for none. back: it lay here as the power went, and nobody has
    touched it since: whoever wonders whether it was paid is told. What was paid in part stands above either way."""
    rows = [Row(look.name(f"{quantity.text(line.qty)} {name(look, line)}"), look.amount(line.total)) for line in cart.lines]
    total = cart.totals().total
    return Frame(
        "cart",
        look.fields({"total": look.money(total), "lines": str(len(cart.lines))}),
        lang=look.lang,
        status=look.status,
        title=_title(look, cart, back),
        rows=rows,
        selected=selected,
        foot=Row(look.say("screen.cart.total"), look.amount(total)),
        soft=favourites,
    )


def _title(look: "Look", cart: "Cart", back: bool) -> Text:
    if cart.legs:
        return look.caption("screen.tender.paid", paid=look.money(cart.paid()))
    return look.caption("screen.cart.back") if back else look.caption("screen.cart.title", n=len(cart.lines))
