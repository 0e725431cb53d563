"""Is this receipt genuine? The code on a slip of any Barrow of the fleet, scanned at the counter.

The till's own receipts it checks by itself, and those of another till by the fleet's list of keys (sync/tills.py), which
outlives every power cut and needs no line. Where that has no word for it, the fleet is asked, if it can be: a till may be
newer than the list. What it answers is known here as long as the power is on."""

from firmware.sale import money, proof
from firmware.screens import notice as notice_screen
from firmware.screens import receipts as receipts_screen
from firmware.sync import tills
from firmware.sync.request import Refused, Unanswered
from hal.ports.board import Sound
from hal.ports.faults import LinkDown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.flows.counter import Counter
    from firmware.till import Till

ANSWER_MS = 5000
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
    verdict, ended = await _judged(till, told)
    till.board.sound.tone(Sound.DONE if verdict == tills.GENUINE else Sound.ERROR)
    currency = money.currency(told.currency)
    amount = f"{currency.text(told.total) if currency else told.total} {told.currency}"
    await till.ui.any_key(lambda look: receipts_screen.checked(look, verdict, told, amount, ended))


async def _judged(till: "Till", told: proof.Proof) -> "tuple[str, int]":
    """The verdict, and until when its key spoke for its till, where it is over that."""
    board, holds = till.board, till.board.keystore.holds
    own = told.terminal == board.terminal
    if own and holds(board.keystore.public(), told.said, told.signature):
        return tills.GENUINE, 0
    keys = await till.in_use.keys_of(told.terminal)  # of this name too: other hardware may have had it before
    verdict, ended = tills.verdict(told, keys, holds)
    if own and verdict == tills.UNKNOWN:
        return tills.FORGED, 0
    if not own and verdict in (tills.FORGED, tills.UNKNOWN):
        public = await _key(till, told.terminal)
        if public:
            verdict, ended = tills.verdict(told, [tills.Key(public, 0)], holds)
    return verdict, ended


async def _key(till: "Till", terminal: str) -> bytes:
    """As the fleet says now, or has said in this boot; b"" where it cannot be asked, or does not know."""
    if terminal not in till.keys:
        await till.ui.show(receipts_screen.search)
        try:
            said = await till.courier.requests.ask("key", {"terminal": terminal}, ANSWER_MS)
            found = bytes.fromhex(str(said["key"]))
        except (LinkDown, Unanswered, Refused, KeyError, ValueError) as fault:
            till.board.log.say("net", f"the key of {terminal} is not known: {fault!r}")
            return b""
        if len(found) != tills.KEY_BYTES:
            return b""
        till.keys[terminal] = found
    return till.keys[terminal]


async def check_receipt(till: "Till", counter: "Counter") -> None:
    """From the menu: scan one. Any other key leaves."""
    act = await till.ui.act(lambda look: notice_screen.frame(look, ASK, "scan"))
    if act is not None and act.text:
        await check(till, act.text)
