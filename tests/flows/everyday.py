"""The twelve everyday flows and how many presses each may take: 43 in all. lines is "" where the device is not built."""

from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from sim.chips.keypad import KeypadChip
from sim.headless import Options, run_script
from sim.script.parse import parse
from sim.script.play import PASSED


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


def played(lines: str, folder: Path) -> int:
    """Plays lines of .sale on the market, and says how many keys of the keypad went down for them."""
    down: list[str] = []
    press = KeypadChip.press
    with patch.object(KeypadChip, "press", lambda chip, name: (down.append(name), press(chip, name))):
        result = run_script(parse("everyday", "everyday.sale", f"use market\n{lines}\n", folder), Options(out=folder, echo=None))
    assert result.code == PASSED, result.report
    return len(down)


def presses(flow: Flow, folder: Path) -> int:
    """Of the flow alone, played."""
    return played(f"{flow.before}\n{flow.lines}\n{flow.ends}", folder) - played(flow.before, folder)
