"""Is this receipt genuine? The code on a slip of any Barrow of the fleet, scanned at the counter.

The till's own receipts it checks by itself. Of another till it must know the key: the fleet tells it once, and from then on
it is known here as long as the power is on."""

from firmware.sale import money, proof
from firmware.screens import notice as notice_screen
from firmware.screens import receipts as receipts_screen
from firmware.sync.request import Refused, Unanswered
from hal.ports.board import Sound
from hal.ports.faults import LinkDown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till

ANSWER_MS = 5000
KEY_BYTES = 32
ASK = "screen.notice.scan_receipt"


def is_receipt(text: str) -> bool:
    """Does a scan begin as the code of a receipt does?"""
    return text.startswith(proof.FORM + "/")


async def check(till: "Till", text: str) -> None:
    """Say what it is worth, until any key."""
    try:
        told = proof.read(text)
    except ValueError as fault:
        till.board.log.say("key", f"a receipt that is none: {fault}")
        till.board.sound.tone(Sound.ERROR)
        await till.ui.any_key(lambda look: receipts_screen.checked(look, "strange", None, ""))
        return
    public = await _key(till, told.terminal)
    genuine = bool(public) and till.board.keystore.holds(public, told.said, told.signature)
    verdict = "genuine" if genuine else "forged" if public else "unknown"
    till.board.sound.tone(Sound.DONE if genuine else Sound.ERROR)
    currency = money.currency(told.currency)
    amount = f"{currency.text(told.total) if currency else told.total} {told.currency}"
    await till.ui.any_key(lambda look: receipts_screen.checked(look, verdict, told, amount))


async def _key(till: "Till", terminal: str) -> bytes:
    """b"" where nobody who can be asked knows it."""
    if terminal == till.board.terminal:
        return till.board.keystore.public()
    if terminal not in till.keys:
        await till.ui.show(receipts_screen.search)
        try:
            said = await till.courier.requests.ask("key", {"terminal": terminal}, ANSWER_MS)
            found = bytes.fromhex(str(said["key"]))
        except (LinkDown, Unanswered, Refused, KeyError, ValueError) as fault:
            till.board.log.say("net", f"the key of {terminal} is not known: {fault!r}")
            return b""
        if len(found) != KEY_BYTES:
            return b""
        till.keys[terminal] = found
    return till.keys[terminal]


async def check_receipt(till: "Till", counter: "Counter") -> None:
    """From the menu: scan one. Any other key leaves."""
    act = await till.ui.act(lambda look: notice_screen.frame(look, ASK, "scan"))
    if act is not None and act.text:
        await check(till, act.text)
