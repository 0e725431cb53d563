"""receipts: an old sale, found by its number, its amount or in a list; and what a scanned receipt is worth."""

from firmware import wall
from firmware.ui.entry import Entry
from firmware.ui.look import number
from hal.ports.frame import Frame, Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.sale.proof import Proof
    from firmware.ui.look import Look

    Record = dict[str, Any]


def ask(look: "Look", entry: Entry, by: str) -> Frame:
    """by: "number" or "amount", which is what is typed."""
    return Frame(
        "receipts",
        look.fields({"ask": by}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.receipts.title"),
        label=look.say(f"screen.receipts.{by}"),
        big=look.amount(entry.amount()) if by == "amount" else look.name(entry.text or "-"),
        notes=[look.say("screen.receipts.how")],
    )


def search(look: "Look") -> Frame:
    """While it is looked for."""
    return Frame(
        "receipts",
        look.fields({"ask": "wait"}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.receipts.title"),
        icon="clock",
        heading=look.say("screen.receipts.search"),
    )


def listed(look: "Look", sales: "list[Record]", more: bool, selected: int, today: str) -> Frame:
    """sales: newest first, a digit each. more: there may be older ones, behind a digit of their own. today: like 2026-11-21;
    a sale of today has its time, an older one its day."""
    rows = []
    for digit, sale in enumerate(sales, 1):
        day, time = when(sale).split(" ")
        told = time if day == today else day[5:]
        rows.append(Row(look.name(f"{digit} #{number(sale['no'])} {told}"), look.amount(sale["total"])))
    if more:
        rows.append(Row(look.say("screen.receipts.older", n=len(sales) + 1)))
    return Frame(
        "receipts",
        look.fields({"found": str(len(sales)), "more": "yes" if more else "no"}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.receipts.title"),
        rows=rows,
        selected=selected,
    )


def one(look: "Look", sale: "Record") -> Frame:
    """The one that was wanted."""
    return Frame(
        "receipts",
        look.fields({"no": number(sale["no"]), "total": look.money(sale["total"])}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.receipt.title", no=number(sale["no"])),
        label=look.say("screen.receipts.paid"),
        big=look.amount(sale["total"]),
        notes=[look.name(when(sale)), look.say("screen.receipts.print")],
    )


def when(sale: "Record") -> str:
    """2026-11-21 14:32, as the clock at the stall showed it."""
    return wall.text(sale["at"] + sale["off"])[:16]


def checked(look: "Look", verdict: str, told: "Proof | None", amount: str, ended: int = 0) -> Frame:
    """verdict: "genuine", "forged", "unknown" (nobody here knows that till's key), "ended" (signed with a key that no longer
    spoke for its till then) or "strange" (no receipt's code). told: what the code says, which is worth nothing unless it is
    genuine. amount: with its currency. ended: when that key ended, UTC seconds."""
    if told is None or verdict == "forged":
        notes = [look.say(f"screen.check.{verdict}.then")]
    elif verdict == "ended":
        notes = [look.name(told.terminal), look.say("screen.check.ended.then", date=wall.text(ended)[:10])]
    else:
        notes = [look.name(told.terminal), look.name(look.words.t("screen.check.sum", no=number(told.no), amount=amount))]
    return Frame(
        "check",
        look.fields({"verdict": verdict, "terminal": told.terminal if told else "", "no": number(told.no) if told else ""}),
        lang=look.lang,
        status=look.status,
        title=look.caption("screen.check.title"),
        icon={"genuine": "tick", "forged": "cross", "unknown": "doubt", "ended": "cross", "strange": "cross"}[verdict],
        heading=look.say(f"screen.check.{verdict}"),
        notes=notes,
    )
