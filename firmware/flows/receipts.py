"""Find a receipt: by its number, by its amount, or in the list of the newest; and print it once more."""

from firmware import wall
from firmware.journal.query import Want
from firmware.sale import money
from firmware.screens import receipts as receipts_screen
from firmware.ui.ask import notice
from firmware.ui.entry import Entry
from firmware.ui.menu import choose
from hal.ports.faults import JournalDamaged, StoreBroken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.flows.counter import Counter
    from firmware.till import Till
    from firmware.ui.look import Look
    from hal.ports.frame import Frame

    Record = dict[str, Any]

PAGE = 8  # receipts of a list; the ninth digit goes on to older ones
WITHIN_S = 35 * 86_400  # how far back an amount is looked for: the days that the totals keep apart, some 30,000 sales
NUMBER_DIGITS = 9


async def by_number(till: "Till", counter: "Counter") -> None:
    """The number that stands on the slip."""
    typed = await _typed(till, Entry(NUMBER_DIGITS), "number")
    if not typed:
        return
    try:
        sale = await till.journal.query().by_number(int(typed.text))
    except (JournalDamaged, StoreBroken) as fault:
        await _unreadable(till, fault)
        return
    if sale is None:
        await notice(till.ui, "screen.notice.no_number", "warn")
    else:
        await _show(till, sale)


async def by_amount(till: "Till", counter: "Counter") -> None:
    """What was paid: the newest ones of that total, of the last weeks."""
    typed = await _typed(till, Entry(money.DIGITS), "amount")
    if typed:
        await _list(till, Want(amount=typed.amount(), since=till.board.clock.utc_s() - WITHIN_S))


async def newest(till: "Till", counter: "Counter") -> None:
    """All of them, the newest first."""
    await _list(till, Want())


async def _typed(till: "Till", entry: Entry, by: str) -> Entry:
    """Digits and OK; nothing typed when it was left."""
    while True:
        act = await till.ui.act(lambda look: receipts_screen.ask(look, entry, by), holds=("BACK",) if entry else ())
        name = act.name if act is not None else ""
        if name == "OK" and entry:
            return entry
        if name == "CANCEL" or (name == "BACK" and not entry):
            entry.clear()
            return entry
        if name == "BACK":
            entry.back()
        elif name == "hold:BACK":
            entry.clear()
        elif not (entry.takes(name) and entry.key(name)):
            till.ui.refuse()


async def _list(till: "Till", want: Want) -> None:
    """Page by page, until one is chosen or it is left."""
    before = 0
    while True:
        await till.ui.show(receipts_screen.search)
        try:
            found = await till.journal.query().newest(want, PAGE + 1, before)
        except (JournalDamaged, StoreBroken) as fault:
            await _unreadable(till, fault)
            return
        if not found:
            await notice(till.ui, "screen.notice.no_receipt", "warn")
            return
        page, more = found[:PAGE], len(found) > PAGE
        digits = [str(digit) for digit in range(1, len(page) + more + 1)]
        picked = await choose(till.ui, _drawn(till, page, more), digits)
        if picked in ("BACK", "CANCEL"):
            return
        if int(picked) <= len(page):
            await _show(till, page[int(picked) - 1])
            return
        before = page[-1]["seq"]


def _drawn(till: "Till", page: "list[Record]", more: bool) -> "Callable[[Look, int], Frame]":
    clock = till.board.clock
    today = wall.day_text(clock.utc_s() + clock.offset_s())
    return lambda look, selected: receipts_screen.listed(look, page, more, selected, today)


async def _show(till: "Till", sale: "Record") -> None:
    """OK or PRINT prints a duplicate."""
    while True:
        act = await till.ui.act(lambda look: receipts_screen.one(look, sale))
        name = act.name if act is not None else ""
        if name in ("OK", "PRINT"):
            till.paper.submit(sale)
        if name in ("OK", "PRINT", "BACK", "CANCEL"):
            return
        till.ui.refuse()


async def _unreadable(till: "Till", fault: Exception) -> None:
    till.board.log.say("jrn", f"a receipt cannot be read: {fault}")
    await notice(till.ui, "screen.notice.unreadable", "warn")
