"""Is a record fit for the ledger? One that is not goes to quarantine, whole, and stops nothing."""

import json
from typing import Any

from firmware.journal.codec import canonical

TEXT_MAX = 200
DAY_S = 86400
LAST_DAY = 253402214400 - DAY_S  # 9999-12-30 UTC: any offset still leaves a date


class Unfit(Exception):
    """The record breaks a rule; the text says which."""


def record_of(payload: bytes, seq: int) -> dict[str, Any]:
    """The record in a payload: canonical JSON that says its own kind, seq and number. Raises Unfit."""
    try:
        record: dict[str, Any] = json.loads(payload.decode())
        sound = isinstance(record, dict) and canonical(record) == payload
    except (ValueError, RecursionError):
        raise Unfit("not canonical JSON") from None
    if not sound:
        raise Unfit("not canonical JSON")
    if not isinstance(record.get("kind"), str) or not 1 <= len(record["kind"]) <= TEXT_MAX:
        raise Unfit("kind: no short text")
    if amount(record, "seq") != seq:
        raise Unfit(f"seq: {record['seq']}, and it stands at {seq}")
    if amount(record, "no") < 0:
        raise Unfit("no: below 0")
    if record["kind"] == "sale":
        check_sale(record)
    return record


def check_sale(sale: dict[str, Any]) -> None:
    """Its sums hold: lines and added tax make the total, legs pay the total as rounded, change is given less amount."""
    currency = sale.get("cur")
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Unfit("cur: no ISO 4217 code")
    if not 0 <= amount(sale, "at") <= LAST_DAY or abs(amount(sale, "off")) >= DAY_S:
        raise Unfit("at, off: no time of this calendar")
    total = amount(sale, "total")
    lines = rows(sale, "lines")
    taxes = rows(sale, "tax")
    added = sum(amount(tax, "tax") for tax in taxes if tax.get("mode") == "added")
    goods = sum(amount(line, "total") for line in lines)
    if goods + added != total:
        raise Unfit(f"lines {goods} and added tax {added} do not make the total {total}")
    legs = rows(sale, "legs")
    paid, rounding = sum(amount(leg, "amount") for leg in legs), amount(sale, "rounding")
    if paid != total + rounding:
        raise Unfit(f"legs {paid} do not pay the total {total} rounded by {rounding}")
    for leg in legs:
        given, change = amount(leg, "given"), amount(leg, "change")
        if given - change != amount(leg, "amount"):
            raise Unfit(f"given {given} less change {change} is not the amount {leg['amount']}")


def rows(record: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects. Raises Unfit."""
    found = record.get(key)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unfit(f"{key}: no list of objects")
    return found


def amount(record: dict[str, Any], key: str) -> int:
    """An integer, which canonical() has already kept below 2^53. Raises Unfit."""
    found = record.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unfit(f"{key}: no integer")
    return found
