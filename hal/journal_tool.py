"""`python -m hal journal`: a journal on a laptop, looked at, listed and exported. It opens files to read and no other way.

What a record means is the firmware's to know: hal/__main__.py brings both together."""

import csv
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol, TextIO

from hal.log import visible
from hal.store import NAME

Record = dict[str, Any]
Money = Callable[[int, str], str]

COLUMNS = ("seq", "kind", "no", "at", "currency", "total", "rounding", "tax", "tenders", "given", "change", "lines", "cashier")
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run


class ReadOnlyDisk:
    """A folder of segments, as hal/store.py's Disk as far as reading goes."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        self._folder = folder
        self._names = sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name))
        self._open = ("", -1)

    def names(self) -> list[str]:
        return self._names

    def size(self, name: str) -> int:
        return os.fstat(self._fd(name)).st_size

    def pread(self, name: str, offset: int, size: int) -> bytes:
        return os.pread(self._fd(name), size, offset)

    def create(self, name: str, size: int) -> None:
        raise PermissionError(13, "this disk is only read", name)

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        raise PermissionError(13, "this disk is only read", name)

    def unlink(self, name: str) -> None:
        raise PermissionError(13, "this disk is only read", name)

    def fdatasync(self, name: str) -> None:
        """Nothing was written."""

    def sync_dir(self) -> None:
        """Nothing was made."""

    def room(self) -> tuple[int, int]:
        return 0, 0

    def close(self) -> None:
        if self._open[1] >= 0:
            os.close(self._open[1])
        self._open = ("", -1)

    def _fd(self, name: str) -> int:
        if self._open[0] != name:
            self.close()
            self._open = (name, os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC))
        return self._open[1]


def row_of(record: Record, money: Money) -> dict[str, str]:
    """A record as a line of a table: amounts as people write them, time as ISO 8601 with its offset. Whatever is in the
    record, it has a row."""
    try:
        return _row(record, money)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return dict.fromkeys(COLUMNS, "") | {"seq": str(record.get("seq", "")), "kind": f"{record.get('kind', '')} (odd)"}


def _row(record: Record, money: Money) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "")
    row |= {"seq": str(record["seq"]), "kind": str(record["kind"]), "no": str(record["no"] or "")}
    if "at" in record:
        row["at"] = datetime.fromtimestamp(record["at"], timezone(timedelta(seconds=record.get("off", 0)))).isoformat()
    if record["kind"] == "sale":
        currency, legs = str(record["cur"]), record["legs"]
        row |= {
            "currency": currency,
            "total": money(record["total"], currency),
            "rounding": money(record["rounding"], currency),
            "tax": money(sum(tax["tax"] for tax in record["tax"]), currency),
            "tenders": "+".join(str(leg["tender"]) for leg in legs),
            "given": money(sum(leg["given"] for leg in legs), currency),
            "change": money(sum(leg["change"] for leg in legs), currency),
            "lines": str(len(record["lines"])),
            "cashier": str(record.get("cashier", "")),
        }
    return row


class Output(Protocol):
    """Where records go, one by one."""

    def add(self, record: Record) -> None: ...


class Table:
    """Columns for people."""

    def __init__(self, out: TextIO, money: Money) -> None:
        self.out = out
        self.money = money
        self.rows = 0

    def add(self, record: Record) -> None:
        if not self.rows:
            print(f"{'seq':>8}  {'kind':<10}  {'receipt':>7}  {'at':<25}  {'total':>12}      tenders", file=self.out)
        self.rows += 1
        row = row_of(record, self.money)
        no = row["no"].zfill(4) if row["no"] else "-"
        amount = f"{row['total']:>12} {row['currency']:<3}"
        line = f"{row['seq']:>8}  {row['kind']:<10}  {no:>7}  {row['at']:<25}  {amount}  {row['tenders']}"
        print(visible(line.rstrip()), file=self.out)


class Csv:
    """RFC 4180, one row a record, with a heading."""

    def __init__(self, out: TextIO, money: Money) -> None:
        self.writer = csv.writer(out)
        self.writer.writerow(COLUMNS)
        self.money = money

    def add(self, record: Record) -> None:
        row = row_of(record, self.money)
        self.writer.writerow([self.cell(name, visible(row[name])) for name in COLUMNS])

    @staticmethod
    def cell(name: str, text: str) -> str:
        """A text of somebody's making is never a formula; amounts may be below zero."""
        words = name in ("kind", "tenders", "cashier", "currency")
        return "'" + text if words and text.startswith(FORMULA) else text


class JsonLines:
    """One object a line, in ASCII: nothing in it can steer a terminal."""

    def __init__(self, out: TextIO, money: Money) -> None:
        self.out = out

    def add(self, record: Record) -> None:
        print(json.dumps(record, sort_keys=True), file=self.out)
