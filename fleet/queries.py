"""What the read API asks of the ledger, and how it reads what it was asked.

It reads and never writes; what it says is what the ledger has committed. No key and no payload of a quarantined record is
ever said. Money is in minor units, times are ISO 8601 in UTC, days are UTC days. A list that goes on says `next`, to be
asked for with `after`."""

import json
import threading
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from firmware.sync import wire
from fleet import terminals
from fleet.commands import iso
from fleet.ledger import Ledger

LIMIT, LIMIT_MAX = 100, 1000  # rows of one answer
VALUE_MAX = 200  # characters of a parameter
DAY_S = 86400

Params = dict[str, str]
Body = dict[str, Any]


class Wrong(Exception):
    """What was asked is no question; the text says what would be."""


class Missing(Exception):
    """There is no such thing."""


class Reader:
    """The questions. One at a time: it has one connection."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.turn = threading.Lock()

    def terminals(self, params: Params) -> Body:
        known(params)
        return {"terminals": [terminals.row_of(*row) for row in self.ledger.terminals()]}

    def terminal(self, params: Params) -> Body:
        """One till, with its alarms and what was refused of it."""
        known(params, "terminal")
        name = params["terminal"]
        rows = [row for row in self.terminals({})["terminals"] if row["terminal"] == name]
        if not rows:
            raise Missing("no terminal of this name was ever heard of")
        asked = "SELECT reason, times, last_at FROM refusals WHERE terminal = ? ORDER BY reason"
        refused = [{"reason": reason, "times": times, "last": iso(at)} for reason, times, at in self._ask(asked, (name,))]
        mine = [row for row in self.alarms({})["alarms"] if row["terminal"] == name]
        row: Body = rows[0]
        return row | {"alarms": mine, "refused": refused}

    def sales(self, params: Params) -> Body:
        """By terminal and seq. from, to: times of sale, to not included."""
        known(params, "terminal", "from", "to", "after", "limit")
        where, values = within(params)
        terminal, seq = place(params.get("after", ""))
        limit = number(params, "limit", LIMIT, 1, LIMIT_MAX)
        asked = f"""SELECT terminal, seq, no, total, currency, at, received_at FROM frames
            WHERE kind = 'sale' AND (terminal, seq) > (?, ?){where} ORDER BY terminal, seq LIMIT ?"""
        rows = self._ask(asked, (terminal, seq, *values, limit + 1))
        names = ("terminal", "seq", "no", "total", "currency")
        told = [dict(zip(names, row[:5], strict=True)) | {"at": iso(row[5]), "received": iso(row[6])} for row in rows[:limit]]
        return {"sales": told, "next": f"{told[-1]['terminal']}:{told[-1]['seq']}" if len(rows) > limit else ""}

    def sale(self, params: Params) -> Body:
        """The record as its till wrote it."""
        known(params, "terminal", "seq")
        seq = number(params, "seq", 0, 1, wire.MAX_SEQ)
        asked = "SELECT payload, received_at FROM frames WHERE terminal = ? AND seq = ? AND kind = 'sale'"
        found = self._ask(asked, (params["terminal"], seq))
        if not found:
            raise Missing("no sale of this terminal is booked there")
        return {"terminal": params["terminal"], "received": iso(found[0][1]), "record": json.loads(bytes(found[0][0]))}

    def totals(self, params: Params) -> Body:
        """By currency, and by day, terminal or tender; a sale of two tenders counts under both, with what each paid."""
        known(params, "by", "terminal", "from", "to")
        by = params.get("by", "")
        where, values = within(params)
        if by == "tender":
            rows = self._by_tender(where, values)
        elif by in ("day", "terminal"):
            key = f"at / {DAY_S}" if by == "day" else "terminal"
            asked = f"""SELECT {key}, currency, count(*), sum(total) FROM frames WHERE kind = 'sale'{where}
                GROUP BY {key}, currency ORDER BY {key}, currency"""
            rows = self._ask(asked, values)
        else:
            raise Wrong("by: day, terminal or tender")
        told = []
        for key, currency, count, total in rows:
            name = f"{datetime.fromtimestamp(key * DAY_S, UTC):%Y-%m-%d}" if by == "day" else key
            told.append({by: name, "currency": currency, "sales": int(count), "total": int(total)})
        return {"totals": told}

    def _by_tender(self, where: str, values: list[Any]) -> list[tuple[Any, ...]]:
        sums: dict[tuple[str, str], list[int]] = {}
        for (payload,) in self.ledger.db.stream(f"SELECT payload FROM frames WHERE kind = 'sale'{where}", values):
            sale = json.loads(bytes(payload))
            for leg in sale["legs"]:
                sum_of = sums.setdefault((str(leg.get("tender", "")), sale["cur"]), [0, 0])
                sum_of[0] += 1
                sum_of[1] += leg["amount"]
        return [(*key, *sums[key]) for key in sorted(sums)]

    def quarantine(self, params: Params) -> Body:
        """What the ledger keeps apart, and why; never what it holds."""
        known(params, "after", "limit")
        skip, limit = number(params, "after", 0, 0, wire.MAX_SEQ), number(params, "limit", LIMIT, 1, LIMIT_MAX)
        rows = list(islice(self.ledger.kept_apart(), skip, skip + limit + 1))
        names = ("terminal", "seq", "reason", "bytes")
        told = [dict(zip(names, row[:4], strict=True)) | {"received": iso(row[4])} for row in rows[:limit]]
        return {"quarantine": told, "next": str(skip + limit) if len(rows) > limit else ""}

    def alarms(self, params: Params) -> Body:
        known(params)
        """What somebody must look at, the newest last."""
        names = ("terminal", "alarm", "record", "words")
        return {
            "alarms": [
                dict(zip(names, row[:4], strict=True)) | {"first": iso(row[4]), "last": iso(row[5]), "times": row[6]}
                for row in self.ledger.alarms()
            ]
        }

    def _ask(self, sql: str, values: "tuple[Any, ...] | list[Any]") -> list[Any]:
        return self.ledger.db.execute(sql, tuple(values)).fetchall()


# ---- what was asked


def known(params: Params, *names: str) -> None:
    """A parameter that is none is a mistake of who asks, and not passed over."""
    for name, value in params.items():
        if not value.isprintable() or len(value) > VALUE_MAX:
            raise Wrong(f"{name[:40]!a}: not a value of anything here")
        if name not in names:
            raise Wrong(f"{name[:40]!a}: no parameter here; there are {', '.join(names) or 'none'}")


def number(params: Params, name: str, default: int, least: int, most: int) -> int:
    text = params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not least <= int(text) <= most:
        raise Wrong(f"{name}: a number from {least} to {most}")
    return int(text)


def within(params: Params) -> tuple[str, list[Any]]:
    """The conditions of terminal, from and to."""
    where, values = "", list[Any]()
    if params.get("terminal"):
        where, values = " AND terminal = ?", [params["terminal"]]
    for name, sign in (("from", ">="), ("to", "<")):
        if params.get(name):
            where += f" AND at {sign} ?"
            values.append(moment(params[name], name))
    return where, values


def moment(text: str, name: str) -> int:
    """UTC seconds, or ISO 8601; a day or a time without an offset is UTC."""
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{name}: seconds since 1970, or a date as 2026-11-22 or 2026-11-22T09:30:00+08:00") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def place(after: str) -> tuple[str, int]:
    """TERMINAL:SEQ, as `next` says it."""
    if not after:
        return "", 0
    terminal, _, seq = after.partition(":")
    if not wire.terminal_ok(terminal) or not seq.isascii() or not seq.isdigit() or len(seq) > 16:
        raise Wrong("after: what `next` said")
    return terminal, int(seq)
