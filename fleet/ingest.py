"""python -m fleet ingest TERMINAL FILE: book what hardware that was replaced had not sent, from its journal.

The journal comes off its card, or out of a backup, as `python -m hal journal export PATH --format jsonl` writes it. What
counts is the chain: it must go on where the ledger's ends, and each record is checked like one that came off a broker."""

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from firmware.journal.codec import canonical, chain
from firmware.sync import wire
from fleet import lives
from fleet.commands import REFUSED, ledger_at, show, with_db
from fleet.ledger import Ledger
from fleet.trust import Trust

LINE_MAX = 6 << 20  # characters: a record of 1 MiB as ASCII JSON


class NotBooked(Exception):
    """Nothing more was booked; the text says why."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("ingest", help="book what replaced hardware had not sent, from its exported journal")
    command.add_argument("terminal", help="its name")
    command.add_argument("file", type=Path, help="of `python -m hal journal export PATH --format jsonl`; - is stdin")
    command.add_argument("--still", action="store_true", help="of the terminal itself: it was not replaced, and sends no more")
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    try:
        with ledger_at(told.db) as ledger:
            source = sys.stdin if str(told.file) == "-" else told.file.open(encoding="utf-8")
            with source:
                life, count = ingest(ledger, told.terminal, records(source), int(time.time()), told.still)
    except NotBooked as fault:
        show(f"not booked: {fault}")
        return REFUSED
    show(f"{life}: {count} record{'' if count == 1 else 's'} booked that had not been sent")
    return 0


def records(lines: Iterable[str]) -> list[tuple[int, bytes]]:
    """(seq, payload) of each line. Raises NotBooked."""
    found: list[tuple[int, bytes]] = []
    for number, line in enumerate(lines, 1):
        try:
            record: Any = json.loads(line) if len(line) <= LINE_MAX else None
            payload = canonical(record)
            seq = record["seq"]
        except (ValueError, TypeError, LookupError, RecursionError):
            raise NotBooked(f"line {number} is no record of a journal") from None
        if type(seq) is not int or seq < 1 or (found and seq != found[-1][0] + 1):
            raise NotBooked(f"line {number}: record {seq!a} does not follow upon the one before")
        found.append((seq, payload))
    if not found:
        raise NotBooked("there is no record in it")
    return found


def ingest(ledger: Ledger, terminal: str, told: list[tuple[int, bytes]], now: int, still: bool = False) -> tuple[str, int]:
    """(the life that it is of, how many records were new). now: UTC seconds. Raises NotBooked."""
    candidates = [terminal] if still else lives.earlier(ledger.db, terminal)
    if not candidates:
        raise NotBooked(f"{terminal} was never replaced, and sends its sales itself")
    name = next((each for each in candidates if goes_on(ledger, each, told)), "")
    if not name:
        raise NotBooked(f"this journal goes on from nothing that the ledger has of {', '.join(candidates)}")
    seq, h = ledger.head(name)
    fresh = [payload for at, payload in told if at > seq]
    for start in range(0, len(fresh), wire.MAX_RECORDS):
        lines, link = fresh[start : start + wire.MAX_RECORDS], h
        for line in lines:
            link = chain(link, line)
        answer = ledger.take(wire.Batch(name, seq + 1, h, link, lines), now)
        if answer.err or answer.gap:
            raise NotBooked(f"{answer.err or 'a gap'} at record {answer.at or answer.gap}")
        seq, h = answer.to, answer.h
    return name, len(fresh)


def goes_on(ledger: Ledger, life: str, told: list[tuple[int, bytes]]) -> bool:
    """Does this journal have the very record where the ledger ends, by the chain up to there?"""
    seq, h = ledger.head(life)
    first, last = told[0][0], told[-1][0]
    if first > seq + 1 or last < seq:
        return False
    link = Trust(ledger).chain_at(life, first - 1)
    for at, payload in told:
        if at > seq:
            break
        link = chain(link, payload)
    return link == h
