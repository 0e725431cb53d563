"""The fleet's programs: python -m fleet broker | collect | sales | alarms | trust."""

import argparse
import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from fleet import alarms, broker, sales
from fleet.dial import dialler
from fleet.ledger import Ledger, WrongLedger
from fleet.trust import Trust

ENVIRONMENT = 5  # exit code: port taken, file locked or not ours


def state_dir() -> Path:
    """Where `make run` keeps what must outlive it."""
    told = os.environ.get("BARROW_STATE")
    return Path(told) if told else Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "barrow"


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m fleet", description="The other end of the broker.")
    commands = top.add_subparsers(dest="command", required=True)
    one = commands.add_parser("broker", help="an MQTT broker on loopback, for one laptop")
    one.add_argument("--port", type=int, default=1883)
    one.add_argument("--engine", choices=broker.ENGINES, help="config/brokers.json says which, unless it is said here")
    two = commands.add_parser("collect", help="book what the tills send, and acknowledge it")
    two.add_argument("--broker", type=endpoint, default="127.0.0.1:1883", metavar="HOST:PORT")
    three = commands.add_parser("sales", help="print the ledger")
    four = commands.add_parser("alarms", help="print what somebody must look at: forks, strange keys, broken signatures")
    for command in (three, four):
        command.add_argument("--json", action="store_true", help="one object a line")
    five = commands.add_parser("trust", help="a till's storage was replaced: take the key of its next hello for its own")
    five.add_argument("terminal", help="its name")
    for command in (two, three, four, five):
        command.add_argument("--db", type=Path, default=state_dir() / "market" / "ledger.db", metavar="PATH")
    return top


def endpoint(text: str) -> tuple[str, int]:
    """HOST:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{sales.visible(text)}: not HOST:PORT")
    return host, int(port)


def collect(host: str, port: int, db: Path) -> int:
    """Until it is stopped. One line says that it collects."""
    from fleet.collector import Collector  # with paho, which the other commands do without

    told: list[str] = []

    def log(line: str) -> None:
        if told != [line]:  # a broker that stays away is said once
            print(sales.visible(line), file=sys.stderr, flush=True)
        told[:] = [line]

    def ready() -> None:
        print(f"collecting from {host}:{port} into {db}", flush=True)

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    db.parent.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(db)
    try:
        collector = Collector(ledger, lambda: int(time.time()), log, f"collector-{os.getpid()}")
        asyncio.run(collector.run(dialler(host, port), ready))
    finally:
        ledger.close()
    return 0


def trust(terminal: str, db: Path) -> int:
    """Forget the key that a till is known by."""
    if not db.is_file():
        print(f"no ledger at {sales.visible(str(db))} yet", file=sys.stderr)
        return sales.NOTHING
    ledger = Ledger(db)
    try:
        known = Trust(ledger).forget(terminal)
    finally:
        ledger.close()
    name = sales.visible(terminal)
    print(f"{name}: the key of its next hello will be its own" if known else f"{name}: no key is known", flush=True)
    return 0 if known else sales.NOTHING


def main() -> int:
    told = parser().parse_args()
    try:
        if told.command == "broker":
            return broker.serve(told.port, told.engine or broker.chosen(), lambda line: print(line, flush=True))
        if told.command == "collect":
            host, port = told.broker
            return collect(host, port, told.db)
        if told.command == "alarms":
            return alarms.report(told.db, told.json, sys.stdout)
        if told.command == "trust":
            return trust(told.terminal, told.db)
        return sales.report(told.db, told.json, sys.stdout)
    except KeyboardInterrupt:
        return 130
    except (WrongLedger, OSError) as fault:
        print(sales.visible(str(fault)), file=sys.stderr)
        return ENVIRONMENT


sys.exit(main())
