"""python -m fleet trust TERMINAL: its storage was replaced, so forget the key that it is known by."""

import argparse

from fleet.commands import NOTHING, ledger_at, show, with_db
from fleet.trust import Trust


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("trust", help="a till's storage was replaced: take the key of its next hello for its own")
    command.add_argument("terminal", help="its name")
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        known = Trust(ledger).forget(told.terminal)
    show(f"{told.terminal}: " + ("the key of its next hello will be its own" if known else "no key is known"))
    return 0 if known else NOTHING
