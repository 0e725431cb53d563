"""paid: the sale is durable. The change stands in light until the next key."""

from firmware.ui.look import number
from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.ui.look import Look


def frame(look: "Look", record: "dict[str, Any]") -> Frame:
    """record: of the sale, as journaled."""
    change = sum(leg["change"] for leg in record["legs"])
    given = sum(leg["given"] for leg in record["legs"])
    total = record["total"]
    return Frame(
        "paid",
        look.fields({"total": look.money(total), "change": look.money(change), "no": number(record["no"])}),
        lang=look.lang,
        status=look.status,
        label=look.say("screen.paid.change") if change else look.say("screen.paid.paid"),
        big=look.amount(change) if change else look.amount(given),
        notes=[look.say("screen.paid.sum", given=look.money(given), no=number(record["no"]))],
        lit=True,
        soft=look.soft("soft.receipt", "soft.drawer", "soft.next"),
    )
