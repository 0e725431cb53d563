"""cash: what is due, what was given, and what goes back."""

from firmware.ui.entry import Entry
from hal.ports.frame import Frame, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.look import Look


def frame(look: "Look", due: int, entry: Entry, notes_offered: "list[int]") -> Frame:
    """due: in coins, minor units. notes_offered: what F1 to F3 take as given, minor units, at most three."""
    given = entry.amount()
    note = look.say("screen.cash.exact")
    if entry and given < due:
        note = look.say("screen.cash.short", short=look.money(due - given))
    elif entry:
        note = look.say("screen.cash.change", change=look.money(given - due))
    soft = [Text(_note(look, note)) for note in notes_offered] + [Text("")] * (3 - len(notes_offered))
    return Frame(
        "cash",
        look.fields({"due": look.money(due), "given": look.money(given)}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.cash.title"),
        label=look.say("screen.cash.due_line", due=look.money(due)) if entry else look.say("screen.cash.due"),
        big=look.amount(given if entry else due),
        notes=[note],
        soft=(soft[0], soft[1], soft[2]),
    )


def _note(look: "Look", note: int) -> str:
    """ "20" rather than "20.00": a note has no pence."""
    unit = 10**look.currency.decimals
    return str(note // unit) if note % unit == 0 else look.money(note)
