"""python -m fleet sales: the ledger's sales, as a table for people or as one JSON object a line."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TextIO

from fleet.ledger import Ledger

# ISO 4217 minor units, where they are not 2
DECIMALS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0)
DECIMALS |= dict.fromkeys(("XAF", "XOF", "XPF"), 0)
DECIMALS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)

Sale = dict[str, Any]

NOTHING = 1  # exit code: there is no ledger to read


def report(db: Path, as_json: bool, out: TextIO) -> int:
    """Print every sale; the exit code."""
    if not db.is_file():
        print(f"no ledger at {visible(str(db))} yet: `make run` makes it with the first sale", file=sys.stderr)
        return NOTHING
    ledger = Ledger(db)
    try:
        sales = list(ledger.records("sale"))
        refused = len(ledger.quarantined())
    finally:
        ledger.close()
    rows = [row_of(terminal, sale) for terminal, sale in sales]
    for line in [json.dumps(row) for row in rows] if as_json else table(rows, sums([sale for _, sale in sales])):
        print(line, file=out)
    if refused:
        print(f"{refused} record{' is' if refused == 1 else 's are'} in quarantine", file=sys.stderr)
    return 0


def row_of(terminal: str, sale: Sale) -> dict[str, Any]:
    """terminal, seq, no, total as an operator reads it, currency, at as ISO 8601 with its offset."""
    at = datetime.fromtimestamp(sale["at"], timezone(timedelta(seconds=sale["off"])))
    return {
        "terminal": terminal,
        "seq": sale["seq"],
        "no": sale["no"],
        "total": money(sale["total"], sale["cur"]),
        "currency": sale["cur"],
        "at": at.isoformat(),
    }


def sums(sales: list[Sale]) -> list[str]:
    """What each currency comes to."""
    totals: dict[str, int] = {}
    for sale in sales:
        totals[sale["cur"]] = totals.get(sale["cur"], 0) + sale["total"]
    return [f"{money(totals[currency], currency)} {currency}" for currency in sorted(totals)]


def table(rows: list[dict[str, Any]], totals: list[str]) -> list[str]:
    """Columns for people."""
    if not rows:
        return ["no sales yet"]
    lines = [f"{'terminal':<16}  {'receipt':>7}  {'sold at':<26}  {'total':>12}"]
    for row in rows:
        at = datetime.fromisoformat(row["at"])
        when = f"{at:%Y-%m-%d %H:%M:%S} {row['at'][19:]}"
        lines.append(f"{row['terminal']:<16}  {str(row['no']).zfill(4):>7}  {when:<26}  {row['total']:>12} {row['currency']}")
    return lines + [f"{len(rows)} sale{'' if len(rows) == 1 else 's'}: {', '.join(totals)}"]


def money(minor: int, currency: str) -> str:
    """ "15.80" of 1580 GBP."""
    decimals = DECIMALS.get(currency, 2)
    if not decimals:
        return str(minor)
    sign, digits = "-" * (minor < 0), str(abs(minor)).zfill(decimals + 1)
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def visible(text: str) -> str:
    """Control characters and broken surrogates as escapes: nothing from outside reaches a terminal raw."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)
