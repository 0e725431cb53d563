"""recovered: power went after a sale was durable and before its slip was done. Nothing is owed twice."""

from firmware.ui.look import number
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.ui.look import Look


def frame(look: "Look", record: "dict[str, Any]") -> Frame:
    """record: of the sale, as journaled."""
    change = look.money(sum(leg["change"] for leg in record["legs"]))
    total, no = look.money(record["total"]), number(record["no"])
    return Frame(
        "recovered",
        look.fields({"no": no, "total": total, "change": change}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.recovered.title"),
        icon="plug",
        heading=look.say("screen.recovered.heading", no=no),
        notes=[
            look.say("screen.recovered.paid", total=total),
            look.say("screen.cash.change", change=change),
            look.say("screen.recovered.keys"),
        ],
    )
