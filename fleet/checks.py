"""Is a record fit for the ledger? One that is not goes to quarantine, whole, and stops nothing.

A collector reads every record of a fleet, so this is its hottest page: orjson says yes where it can be sure, and where it
cannot, the journal's own codec decides (tests/fleet/test_checks.py holds the two against each other)."""

import json
from typing import Any

import orjson

from firmware.journal.codec import DEPTH_MAX, canonical

TEXT_MAX = 200
DAY_S = 86400
LAST_DAY = 253402214400 - DAY_S  # 9999-12-30 UTC: any offset still leaves a date

WRITTEN = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER  # keys by code point, and no integer beyond 2^53 - 1
SHAPE = bytes.maketrans(b"123456789.", b"000000000e")  # under which a float holds 0e, as in 1.5 and in 1e16
NOT_OPENING = bytes(set(range(256)) - set(b"[{"))
BASIC = bytes(range(0xF0))  # the bytes of UTF-8 below U+10000


class Unfit(Exception):
    """The record breaks a rule; the text says which."""


def record_of(payload: bytes, seq: int) -> dict[str, Any]:
    """The record in a payload: canonical JSON that says its own kind, seq and number. Raises Unfit."""
    record = read(payload)
    kind = record.get("kind")
    # a NUL is text to SQLite, and to PostgreSQL it is a fault
    if type(kind) is not str or not 1 <= len(kind) <= TEXT_MAX or "\0" in kind:
        raise Unfit("kind: no short text")
    if amount(record, "seq") != seq:
        raise Unfit(f"seq: {record['seq']}, and it stands at {seq}")
    if amount(record, "no") < 0:
        raise Unfit("no: below 0")
    if kind == "sale":
        check_sale(record)
    return record


def read(payload: bytes) -> dict[str, Any]:
    """The object whose canonical form the payload is. Raises Unfit."""
    try:
        record = orjson.loads(payload)
        if type(record) is dict and orjson.dumps(record, option=WRITTEN) == payload and plain(payload, record):
            return record
    except (ValueError, TypeError, RecursionError):  # orjson.JSONEncodeError is a TypeError
        pass  # the codec has the last word
    try:
        record = json.loads(payload.decode())
        sound = isinstance(record, dict) and canonical(record) == payload
    except (ValueError, RecursionError):
        raise Unfit("not canonical JSON") from None
    if not sound:
        raise Unfit("not canonical JSON")
    return dict(record)


def plain(payload: bytes, record: dict[str, Any]) -> bool:
    """Is a text that orjson writes again the same surely canonical? Not with a float, a null, a key beyond U+FFFF, or too
    deep; where only a string looks so, this says no as well."""
    if b"0e" in payload.translate(SHAPE) or b"null" in payload:
        return False
    if len(payload.translate(None, NOT_OPENING)) > DEPTH_MAX and deeper(record, DEPTH_MAX):
        return False
    return payload.isascii() or not payload.translate(None, BASIC)


def deeper(value: object, most: int) -> bool:
    """Is anything in this value nested more than `most` below it?"""
    if most < 0:
        return True
    if type(value) is dict:
        return any(deeper(item, most - 1) for item in value.values())
    return type(value) is list and any(deeper(item, most - 1) for item in value)


def check_sale(sale: dict[str, Any]) -> None:
    """Its sums hold: lines and added tax make the total, legs pay the total as rounded, change is given less amount."""
    currency = sale.get("cur")
    if type(currency) is not str or len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise Unfit("cur: no ISO 4217 code")
    if not currency.isupper():
        raise Unfit("cur: no ISO 4217 code")
    if not 0 <= amount(sale, "at") <= LAST_DAY or abs(amount(sale, "off")) >= DAY_S:
        raise Unfit("at, off: no time of this calendar")
    total = amount(sale, "total")
    lines = rows(sale, "lines")
    taxes = rows(sale, "tax")
    added = 0
    for tax in taxes:
        if tax.get("mode") == "added":
            added += amount(tax, "tax")
    goods = 0
    for line in lines:
        goods += amount(line, "total")
    if goods + added != total:
        raise Unfit(f"lines {goods} and added tax {added} do not make the total {total}")
    legs = rows(sale, "legs")
    paid, rounding = 0, amount(sale, "rounding")
    for leg in legs:
        paid += amount(leg, "amount")
    if paid != total + rounding:
        raise Unfit(f"legs {paid} do not pay the total {total} rounded by {rounding}")
    for leg in legs:
        given, change = amount(leg, "given"), amount(leg, "change")
        if given - change != leg["amount"]:
            raise Unfit(f"given {given} less change {change} is not the amount {leg['amount']}")


def rows(record: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects. Raises Unfit."""
    found = record.get(key)
    if type(found) is list:
        for row in found:
            if type(row) is not dict:
                break
        else:
            return found
    raise Unfit(f"{key}: no list of objects")


def amount(record: dict[str, Any], key: str) -> int:
    """An integer, which the canonical form has already kept below 2^53. Raises Unfit."""
    found = record.get(key)
    if type(found) is not int:
        raise Unfit(f"{key}: no integer")
    return found
