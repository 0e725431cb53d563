"""python -m fleet terminals: every till that the fleet has heard of, and where it stands."""

import argparse
from typing import Any

from fleet.commands import clock, iso, ledger_at, show, show_json, with_db, with_json
from fleet.trust import fingerprint


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("terminals", help="every till: last seen, records, what it has yet to send, key, version, boot")
    with_json(command)
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        rows = [row_of(*row) for row in ledger.terminals()]
    if told.json:
        for row in rows:
            show_json(row)
        return 0
    show(
        f"{'terminal':<16}  {'last seen, UTC':<19}  {'records':>9}  {'queue':>7}  {'version':<10}  {'boot':>10}  key"
        if rows
        else "no terminals yet"
    )
    for row in rows:
        version, boot, key = row["version"] or "-", row["boot"] or "-", row["key"] or "-"
        start = f"{row['terminal']:<16}  {clock(row['seen_s']):<19}  {row['head']:>9}  {row['queue']:>7}"
        show(f"{start}  {version:<10}  {boot:>10}  {key}")
    return 0


def row_of(terminal: str, head: int, h: bytes, at: int, boot: int, software: str, stands: int, key: bytes) -> dict[str, Any]:
    """One till. queue: records that it had at its newest hello, and that the ledger has not."""
    return {
        "terminal": terminal,
        "seen": iso(at),
        "seen_s": at,
        "head": head,
        "h": h.hex(),
        "queue": max(stands - head, 0),
        "version": software,
        "boot": boot,
        "key": fingerprint(key) if key else "",
    }
