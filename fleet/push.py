"""python -m fleet push: sign a document or a command, and give it out."""

import argparse
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from firmware.sync.wire import document, order, terminal_ok, tills
from fleet import push_tills, sign
from fleet.commands import clock, ledger_at, show, with_db
from fleet.documents import Documents, Out, Wrong

FILES = tuple(kind for kind in document.KINDS if kind not in (document.COMMAND, tills.KIND))
USAGE = 2


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    push = commands.add_parser("push", help="sign a document or a command and give it out to tills")
    kinds = push.add_subparsers(dest="kind", required=True)
    for kind in FILES:
        one = kinds.add_parser(kind, help=f"a {kind} document, from a JSON file")
        one.add_argument("file", type=Path)
        who = one.add_mutually_exclusive_group(required=True)
        who.add_argument("--terminal", type=terminal, metavar="T", help="for this till")
        who.add_argument("--all", action="store_const", const=document.EVERYBODY, dest="terminal", help="for every till")
        common(one)
    push_tills.add(kinds)
    command = kinds.add_parser(document.COMMAND, help="lock, unlock, message, logs or resend")
    command.add_argument("order", choices=sorted(order.KEYS))
    command.add_argument("terminal", type=terminal_or_all, metavar="T", help="the till, or all")
    what = 'words ("text", or en=text zh=text), lines of the log, or the record to send again from'
    command.add_argument("what", nargs="*", help=what)
    common(command)


def common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--start", type=moment, default=0, metavar="TIME", help="not before: 2026-12-01T06:00+01:00, or 2h, 3d")
    command.add_argument("--expires", type=moment, default=0, metavar="TIME", help="not to be begun with after")
    command.add_argument("--key", type=Path, help="the document key; beside the ledger unless it is said here")
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    """The exit code: 0, 1 no ledger, 2 what no till would take, 5 no key or no database."""
    try:
        body = command_body(told.order, told.what) if told.kind == document.COMMAND else file_body(told.file)
        with ledger_at(told.db) as ledger:
            key = sign.of(ledger.db, told.key or sign.beside(told.db))
            documents = Documents(ledger, lambda: int(time.time()))
            out = documents.push(told.kind, body, told.terminal, key, told.start, told.expires)
    except Wrong as why:
        show(str(why), sys.stderr)
        return USAGE
    show(told_so(out))
    return 0


def file_body(path: Path) -> bytes:
    """A JSON file, without the spaces. Raises Wrong, OSError."""
    try:
        return json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as fault:
        raise Wrong(f"{path}: not JSON: {fault}") from None


def command_body(do: str, what: list[str]) -> bytes:
    """The order in the words of a command line. Raises Wrong."""
    said: dict[str, Any] = {"do": do}
    if "words" in order.KEYS[do]:
        said["words"] = words(what)
    elif order.KEYS[do]:
        if len(what) != 1 or not what[0].isdecimal():
            raise Wrong(f"{do}: wants one number")
        said[order.KEYS[do][0]] = int(what[0])
    elif what:
        raise Wrong(f"{do}: wants no words")
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def words(what: list[str]) -> dict[str, str]:
    """en=TEXT zh=TEXT, or one text, which stands for every language."""
    if len(what) == 1 and what[0][2:3] != "=":
        return {"en" if what[0].isascii() else "zh": what[0]}
    if not what or any(text[2:3] != "=" for text in what):
        raise Wrong("words: one text, or en=TEXT zh=TEXT")
    return {text[:2]: text[3:] for text in what}


def terminal(text: str) -> str:
    """A till's name."""
    if not terminal_ok(text):
        raise argparse.ArgumentTypeError(f"{text!a}: not the name of a till")
    return text


def terminal_or_all(text: str) -> str:
    """A till's name, or all."""
    return document.EVERYBODY if text == "all" else terminal(text)


def moment(text: str) -> int:
    """UTC seconds of an ISO time, local where it says no offset, or of so long from now: 90m, 2h, 3d."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    try:
        if text[-1:] in units and text[:-1].isdecimal():
            return int((datetime.now().astimezone() + timedelta(**{units[text[-1]]: int(text[:-1])})).timestamp())
        return max(int(datetime.fromisoformat(text).timestamp()), 1)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!a}: not a time: 2026-12-01T06:00+01:00, or 90m, 2h, 3d") from None


def told_so(out: Out) -> str:
    """One line for people."""
    whom = "every till" if out.terminal == document.EVERYBODY else out.terminal
    start = f", from {clock(out.start)} UTC on" if out.start else ""
    until = f", until {clock(out.until)} UTC" if out.until else ""
    return f"{out.kind} {out.version} is out for {whom}: {out.length} bytes{start}{until}"
