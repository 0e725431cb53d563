"""Making a sale durable, and saying what happened to the money when the store fails.

A failed write leaves three outcomes: durable, not durable, or IN DOUBT until the journal has been read again. Doubt is
settled here, before anything else can be sold; it is never called "not saved"."""

from firmware.screens import notice as notice_screen
from firmware.screens import paid as paid_screen
from firmware.ui.ask import notice
from hal.ports.board import Sound
from hal.ports.faults import JournalDamaged, StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.till import Till


async def commit(till: "Till", record: "dict[str, Any]") -> bool:
    """True when the sale is durable, and PAID on the screen. False when it is known not to be durable; the operator was told
    and the cart stays. The power key waits for the one or the other."""
    async with till.paying:
        key = await _save(till, record)
        if not key:
            await till.ui.show(lambda look: paid_screen.frame(look, record))
            return True
    await notice(till.ui, key, "warn")
    return False


async def _save(till: "Till", record: "dict[str, Any]") -> str:
    """No words when the sale is durable, else the key of the notice that says why it is not."""
    if till.journal.closed():  # by a slip's frame, or the drawer's: that doubt is settled first, and the sale has no part in it
        await _settle(till, record["no"])
    try:
        await till.journal.append("sale", record["no"], record)
        return ""
    except StoreFull as fault:
        till.board.log.say("jrn", f"sale {record['no']}: not saved: {fault}")
        return "screen.notice.not_saved_full"
    except StoreBroken as fault:
        till.board.log.say("jrn", f"sale {record['no']}: in doubt: {fault}")
        if await _settle(till, record["no"]):
            return ""
        return "screen.notice.not_saved_full" if fault.full else "screen.notice.not_saved"


async def _settle(till: "Till", no: int) -> bool:
    """Read the journal until it answers; each key tries again, and the alarm is lit. Whether sale `no` is in it."""
    while True:
        try:
            await till.journal.recover()
            till.alarm()
            last = till.rollup.last_sale
            return last is not None and last["no"] == no
        except (StoreFull, StoreBroken, JournalDamaged) as fault:
            till.board.log.say("jrn", f"sale {no}: still in doubt: {fault}")
        till.alarm(doubt=True)
        till.board.sound.tone(Sound.DOUBT)
        await till.ui.act(lambda look: notice_screen.frame(look, "screen.notice.in_doubt", "doubt"))
