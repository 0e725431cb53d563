"""Clock check: at boot, when nothing vouches for the clock, the operator does. Records then say that it is trusted."""

from firmware import wall
from firmware.screens import clock_check as clock_screen
from firmware.ui.entry import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame

TEMPLATE = "____-__-__ __:__"
DIGITS = 12
PLACES = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15)  # of the digits in the template


async def clock_check(till: "Till") -> None:
    """Year, month, day, hour and minute in twelve digits, or OK for the last known time."""
    clock = till.board.clock
    known_s = last_known_s(till) + clock.offset_s()
    known = wall.text(known_s)
    typed, wrong = Entry(DIGITS), False
    while True:
        act = await till.ui.act(_drawn(known, filled(typed.text), wrong), holds=("BACK",) if typed else ())
        name = act.name if act is not None else ""
        wrong = wrong and act is None
        if name == "OK":
            said_s = known_s if not typed else read(typed.text)
            if said_s is not None:
                clock.set(said_s - clock.offset_s())
                return
            till.ui.refuse()
            wrong = True
        elif name == "BACK" and typed:
            typed.back()
        elif name in ("hold:BACK", "CANCEL") and typed:
            typed.clear()
        elif not (typed.takes(name) and typed.key(name)):
            till.ui.refuse()


def _drawn(known: str, typed: str, wrong: bool) -> "Callable[[Look], Frame]":
    return lambda look: clock_screen.frame(look, known, typed, wrong)


def last_known_s(till: "Till") -> int:
    """The clock's own time, or that of the last sale where the clock has fallen behind it; UTC seconds."""
    last = till.rollup.last_sale
    now_s = till.board.clock.utc_s()
    return max(now_s, last["at"]) if last is not None else now_s


def filled(digits: str) -> str:
    """What is typed, in the places of a date and a time; "" for nothing."""
    if not digits:
        return ""
    text = list(TEMPLATE)
    for place, digit in zip(PLACES, digits):
        text[place] = digit
    return "".join(text)


def read(digits: str) -> int | None:
    """Local seconds of twelve digits; None when they are no date and time."""
    if len(digits) != DIGITS:
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return wall.local_seconds(year, month, day, int(digits[8:10]), int(digits[10:]))
