"""clock_check: nothing vouches for the clock, so the operator does."""

from hal.ports.frame import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", known: str, typed: str, wrong: bool = False) -> Frame:
    """known: the last time that is known, "2026-11-21 14:32". typed: what stands in its place so far, or "".
    wrong: OK was pressed, and it is no time."""
    return Frame(
        "clock_check",
        look.fields({"time": typed or known}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.clock_check.title"),
        icon="clock",
        heading=look.name(typed or known),
        notes=[look.say("screen.clock_check.wrong" if wrong else "screen.clock_check.how"), look.say("screen.clock_check.keys")],
    )
