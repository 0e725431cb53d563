"""python -m fleet sales: the ledger's sales, as a table for people or as one JSON object a line."""

import argparse
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

from fleet.commands import ledger_at, show, show_json, with_db, with_json

# ISO 4217 minor units, where they are not 2
DECIMALS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0)
DECIMALS |= dict.fromkeys(("XAF", "XOF", "XPF"), 0)
DECIMALS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)

Sale = dict[str, Any]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("sales", help="print the ledger")
    with_json(command)
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    """Sale by sale: a year of them fits no memory."""
    totals: dict[str, int] = {}
    count = 0
    with ledger_at(told.db) as ledger:
        for terminal, sale in ledger.records("sale"):
            if told.json:
                show_json(row_of(terminal, sale))
            else:
                if not count:
                    show(f"{'terminal':<16}  {'receipt':>7}  {'sold at':<26}  {'total':>12}")
                show(line_of(row_of(terminal, sale)))
            count += 1
            totals[sale["cur"]] = totals.get(sale["cur"], 0) + sale["total"]
        refused = ledger.refused()
    if not told.json:
        sums = ", ".join(f"{money(totals[currency], currency)} {currency}" for currency in sorted(totals))
        show(f"{count} sale{'' if count == 1 else 's'}: {sums}" if count else "no sales yet")
    if refused:
        show(f"{refused} record{' is' if refused == 1 else 's are'} in quarantine", sys.stderr)
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


def line_of(row: dict[str, Any]) -> str:
    """Columns for people."""
    at = datetime.fromisoformat(row["at"])
    when = f"{at:%Y-%m-%d %H:%M:%S} {row['at'][19:]}"
    return f"{row['terminal']:<16}  {str(row['no']).zfill(4):>7}  {when:<26}  {row['total']:>12} {row['currency']}"


def money(minor: int, currency: str) -> str:
    """ "15.80" of 1580 GBP."""
    decimals = DECIMALS.get(currency, 2)
    if not decimals:
        return str(minor)
    sign, digits = "-" * (minor < 0), str(abs(minor)).zfill(decimals + 1)
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
