"""python -m fleet alarms: what in the ledger somebody must look at, newest last."""

import argparse
from typing import Any

from fleet.commands import clock, iso, ledger_at, show, show_json, with_db, with_json


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("alarms", help="what somebody must look at: forks, clones, strange keys, broken signatures")
    with_json(command)
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        alarms = ledger.alarms()
    if told.json:
        for alarm in alarms:
            show_json(row_of(*alarm))
        return 0
    if not alarms:
        show("no alarms")
        return 0
    show(f"{'terminal':<16}  {'alarm':<8}  {'record':>8}  {'last seen, UTC':<19}  {'times':>6}  what was seen")
    for terminal, kind, seq, words, _, last_at, times in alarms:
        show(f"{terminal:<16}  {kind:<8}  {seq or '-':>8}  {clock(last_at):<19}  {times:>6}  {words}")
    return 0


def row_of(terminal: str, kind: str, seq: int, words: str, first_at: int, last_at: int, times: int) -> dict[str, Any]:
    """One alarm; times of day in UTC."""
    row = {"terminal": terminal, "alarm": kind, "record": seq, "words": words}
    return row | {"first": iso(first_at), "last": iso(last_at), "times": times}
