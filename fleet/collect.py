"""python -m fleet collect: book what the tills send, and acknowledge it."""

import argparse
import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from fleet import sign
from fleet.commands import announce, show, with_db
from fleet.db import is_url
from fleet.ledger import Ledger

WATCH_S = 2


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("collect", help="book what the tills send, and acknowledge it")
    command.add_argument("--broker", type=endpoint, default="127.0.0.1:1883", metavar="HOST:PORT")
    with_db(command)
    command.set_defaults(run=run)


def endpoint(text: str) -> tuple[str, int]:
    """HOST:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!a}: not HOST:PORT")
    return host, int(port)


def run(told: argparse.Namespace) -> int:
    """Until it is stopped. One line says that it collects."""
    (host, port), db = told.broker, told.db
    from fleet.collector import Collector  # with paho, which the other commands do without
    from fleet.dial import dialler

    said: list[str] = []

    def log(line: str) -> None:
        if said != [line]:  # a broker that stays away is said once
            show(line, sys.stderr)
        said[:] = [line]

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    if not is_url(db):
        Path(db).parent.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(db)

    def ready() -> None:
        announce(f"collecting from {host}:{port} into {ledger.db.name}")

    try:
        key = sign.kept(sign.beside(db))
        collector = Collector(ledger, lambda: int(time.time()), log, f"collector-{os.getpid()}", key.sign, WATCH_S)
        asyncio.run(collector.run(dialler(host, port), ready))
    finally:
        ledger.close()
    return 0
