"""python -m fleet alarms: what in the ledger somebody must look at, newest last."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from fleet.ledger import Ledger
from fleet.sales import NOTHING, visible

Row = dict[str, Any]


def report(db: Path, as_json: bool, out: TextIO) -> int:
    """Print every alarm; the exit code."""
    if not db.is_file():
        print(f"no ledger at {visible(str(db))} yet", file=sys.stderr)
        return NOTHING
    ledger = Ledger(db)
    try:
        rows = [row_of(*alarm) for alarm in ledger.alarms()]
    finally:
        ledger.close()
    for line in [json.dumps(row) for row in rows] if as_json else table(rows):
        print(line, file=out)
    return 0


def row_of(terminal: str, kind: str, seq: int, words: str, first_at: int, last_at: int, times: int) -> Row:
    """One alarm; times of day in UTC."""
    return {
        "terminal": terminal,
        "alarm": kind,
        "record": seq,
        "words": words,
        "first": datetime.fromtimestamp(first_at, UTC).isoformat(),
        "last": datetime.fromtimestamp(last_at, UTC).isoformat(),
        "times": times,
    }


def table(rows: list[Row]) -> list[str]:
    """Columns for people."""
    if not rows:
        return ["no alarms"]
    lines = [f"{'terminal':<16}  {'alarm':<8}  {'record':>8}  {'last seen, UTC':<19}  {'times':>6}  what was seen"]
    for row in rows:
        when = f"{datetime.fromisoformat(row['last']):%Y-%m-%d %H:%M:%S}"
        start = f"{row['terminal']:<16}  {row['alarm']:<8}  {row['record'] or '-':>8}  {when:<19}  {row['times']:>6}"
        lines.append(visible(f"{start}  {row['words']}"))
    return lines
