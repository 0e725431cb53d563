"""`python -m hal journal figures`: what a day, a month or a year came to, as a page to read or as JSON.

The figures are the till's own, out of its newest checkpoint and the records behind it: no year is scanned, nothing written."""

import json
from collections.abc import Callable
from typing import Any, TextIO

from hal.log import visible

Record = dict[str, Any]
Money = Callable[[int, str], str]
THOUSAND = 1000  # quantities are thousandths


def quantity(thousandths: int) -> str:
    """2, or 0.25."""
    sign, whole, rest = "-" if thousandths < 0 else "", abs(thousandths) // THOUSAND, abs(thousandths) % THOUSAND
    return f"{sign}{whole}" + (f".{rest:03}".rstrip("0") if rest else "")


def as_json(told: Record, out: TextIO) -> None:
    """Minor units and thousandths, as the till counts."""
    print(visible(json.dumps(told, ensure_ascii=True, sort_keys=True)), file=out)


def as_text(told: Record, money: Money, out: TextIO) -> None:
    """One line a figure, amounts as people write them."""

    def amount(minor: int) -> str:
        return f"{money(minor, told['currency']):>14}"

    def line(name: str, *columns: str) -> None:
        print(visible(f"  {name[:28]:<28}" + "".join(columns)), file=out)

    print(visible(f"{told['period'] or 'all there ever was'}: {told['sales']} sales {told['currency']}".rstrip()), file=out)
    line("total", " " * 14, amount(told["total"]))
    line("rounding", " " * 14, amount(told["rounding"]))
    tables: tuple[tuple[str, str, Callable[[Any], list[str]]], ...] = (
        ("tax", "net, tax", lambda row: [amount(row[0]), amount(row[1])]),
        ("tenders", "amount", lambda row: [" " * 14, amount(row)]),
        ("cashiers", "sales, total", lambda row: [f"{row[0]:>14}", amount(row[1])]),
        ("items", "quantity, total", lambda row: [f"{quantity(row[0]):>14}", amount(row[1])]),
    )
    for name, columns, cells in tables:
        if told[name]:
            print(f"{name} ({columns})", file=out)
        for key in sorted(told[name]):
            line(key or "-", *cells(told[name][key]))
    if told["longer"]:
        print(visible(f"older days are added up in {told['longer']}, and not in this"), file=out)
    if told["uncounted"]:
        print(f"{told['uncounted']} sales are from before there were figures, and in none", file=out)
