"""The twelve everyday flows and how many presses each may take: 43 in all. lines is "" where the device is not built."""

from typing import NamedTuple


class Flow(NamedTuple):
    """limit: presses; a tap, a scan and what the customer does are not counted. before: lines of .sale that set the scene.
    lines: the flow itself. ends: the check that must hold after it."""

    name: str
    limit: int
    lines: str = ""
    ends: str = ""
    before: str = ""


FLOWS = (
    Flow("open price, cash exact", 5, "keys 8 5 0 CASH OK", "expect paid total=8.50 change=0.00"),
    Flow("open price, card", 4),
    Flow("open price, QR", 4),
    Flow("favourite, card", 2),
    Flow(
        "two of an item and a scan, cash with a note",
        7,
        "keys 2 TIMES 1 2 PLU\nscan 5012345678900\nkeys CASH F1",
        "expect paid total=15.80 change=4.20",
    ),
    Flow("take back the last line", 1, "keys BACK", "expect cart total=3.50 lines=1", "keys F1 F2"),
    Flow("split: 10 cash, the rest by card", 5),
    Flow("refund a whole receipt", 3),
    Flow("the last receipt again", 1, "keys PRINT", "within 10s journal print copy=1 done=yes", "keys F1 CASH OK OK"),
    Flow("a prepaid member pays", 1),
    Flow("log in by card", 0),
    Flow("close the day", 10),
)
BUILT = tuple(flow for flow in FLOWS if flow.lines)
