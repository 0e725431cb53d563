"""Cash: how much was given? Exact, typed, or one of the notes on offer."""

from firmware.screens import cash as cash_screen
from firmware.ui.ask import refused
from firmware.ui.entry import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.till import Till

OFFERED = 3  # soft keys


def offered(notes: "list[int]", due: int) -> "list[int]":
    """The three smallest notes that pay it, ascending, minor units; fewer where there are fewer."""
    return [note for note in notes if note >= due][:OFFERED]


async def cash(till: "Till", due: int) -> int | None:
    """What was given, minor units; None when it was left. due: in coins."""
    notes = offered(till.settings.notes, due)
    typed = Entry()
    while True:
        act = await till.ui.act(lambda look: cash_screen.frame(look, due, typed, notes), holds=("BACK",) if typed else ())
        name = act.name if act is not None else ""
        if name in ("F1", "F2", "F3") and int(name[1]) <= len(notes):
            return notes[int(name[1]) - 1]
        if name in ("OK", "CASH"):
            if not typed:
                return due
            if typed.amount():
                return typed.amount()
            await refused(till.ui, "zero", due)
        elif name == "CANCEL" or (name == "BACK" and not typed):
            return None
        elif name == "BACK":
            typed.back()
        elif name == "hold:BACK":
            typed.clear()
        elif not (typed.takes(name) and typed.key(name)):
            till.ui.refuse()
