"""python -m fleet quarantine list | show TERMINAL SEQ: the records that the ledger keeps apart, and why."""

import argparse

from fleet.commands import NOTHING, clock, iso, ledger_at, show, show_json, with_db, with_json


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("quarantine", help="the records that the ledger keeps apart, and why")
    ways = command.add_subparsers(dest="way", required=True)
    listed = ways.add_parser("list", help="all of them, without what they hold")
    shown = ways.add_parser("show", help="one of them, as it came")
    shown.add_argument("terminal")
    shown.add_argument("seq", type=int)
    for way in (listed, shown):
        with_json(way)
        with_db(way)
    listed.set_defaults(run=list_all)
    shown.set_defaults(run=show_one)


def list_all(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        rows = list(ledger.kept_apart())
        if not told.json:
            show(
                f"{'terminal':<16}  {'record':>8}  {'bytes':>7}  {'received, UTC':<19}  why"
                if rows
                else "nothing is in quarantine"
            )
        for terminal, seq, reason, size, at in rows:
            if told.json:
                show_json({"terminal": terminal, "seq": seq, "reason": reason, "bytes": size, "received": iso(at)})
            else:
                show(f"{terminal:<16}  {seq:>8}  {size:>7}  {clock(at):<19}  {reason}")
    return 0


def show_one(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        rows = ledger.quarantined_at(told.terminal, told.seq)
    for reason, payload, at in rows:
        text = payload.decode("utf-8", "backslashreplace")
        if told.json:
            row = {"terminal": told.terminal, "seq": told.seq, "reason": reason, "received": iso(at)}
            show_json(row | {"payload": text, "hex": payload.hex()})
        else:
            show(f"{told.terminal} record {told.seq}, received {clock(at)} UTC: {reason}")
            show(text)
    if not rows:
        show(f"{told.terminal}: record {told.seq} is not in quarantine")
    return 0 if rows else NOTHING
