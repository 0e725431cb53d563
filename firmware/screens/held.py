"""held: the parked carts; a digit brings one back."""

from hal.ports.frame import Frame, Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", carts: "list[tuple[int, str, int]]", selected: int) -> Frame:
    """carts: (slot, what the cart ends with, total in minor units), by slot."""
    rows = [Row(look.name(f"{slot} {name}"), look.amount(total)) for slot, name, total in carts]
    return Frame(
        "held",
        look.fields({}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.held.title"),
        icon="" if rows else "info",
        heading=None if rows else look.say("screen.held.none"),
        notes=[] if rows else [look.say("screen.held.how")],
        rows=rows or None,
        selected=min(selected, len(rows) - 1),
    )
