"""What the commands of python -m fleet share: where the ledger is, how it is opened, and text that a terminal may be shown.

A command is a file with `add(commands)`, which makes its subparser and sets `run` to a function that takes what was told
and gives the exit code; __main__.py lists them."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from fleet.connect import is_url
from fleet.ledger import Ledger

NOTHING = 1  # exit code: there is nothing to read
REFUSED = 1  # exit code: asked rightly, and not done, for the reason that was said
ENVIRONMENT = 5  # exit code: port taken, file locked or not ours, no database


class NoLedger(Exception):
    """There is no ledger to read yet."""


def state_dir() -> Path:
    """Where `make run` keeps what must outlive it."""
    told = os.environ.get("BARROW_STATE")
    return Path(told) if told else Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "barrow"


def with_db(command: argparse.ArgumentParser) -> None:
    """--db PATH|URL."""
    default = str(state_dir() / "market" / "ledger.db")
    command.add_argument("--db", default=default, metavar="PATH|URL", help="a file, or postgresql://USER@HOST/NAME")


def with_json(command: argparse.ArgumentParser) -> None:
    """--json."""
    command.add_argument("--json", action="store_true", help="one object a line")


@contextmanager
def ledger_at(where: str) -> Iterator[Ledger]:
    """The ledger of --db, closed at the end. Raises NoLedger, WrongLedger, DbFault."""
    if not is_url(where) and not Path(where).is_file():
        raise NoLedger(f"no ledger at {where} yet: `make run` makes it with the first sale")
    ledger = Ledger(where)
    try:
        yield ledger
    finally:
        ledger.close()


def visible(text: str) -> str:
    """Control characters and broken surrogates as escapes: nothing from outside reaches a terminal raw."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def iso(at: int) -> str:
    """UTC seconds as ISO 8601."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def clock(at: int) -> str:
    """UTC seconds for people; "-" for never."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}" if at else "-"


def show(line: str, out: TextIO | None = None) -> None:
    """One line for people, whatever it holds."""
    print(visible(line), file=out or sys.stdout)


def show_json(row: dict[str, Any]) -> None:
    """One line for a program: ASCII, so that nothing in it can move a terminal."""
    print(json.dumps(row))


def announce(line: str) -> None:
    """One line that somebody waits for, at once."""
    print(visible(line), flush=True)
