"""python -m fleet collect: book what the tills send, and acknowledge it.

Any number of these share the work of a broker that speaks MQTT 5; each may collect from several brokers at once."""

import argparse
import asyncio
import os
import secrets
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fleet import sign
from fleet.commands import announce, show, with_db
from fleet.connect import is_url
from fleet.db import DbDown
from fleet.ledger import Ledger

WATCH_S = 2
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0  # between two looks for a database that is away


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("collect", help="book what the tills send, and acknowledge it")
    what = "127.0.0.1:1883 unless it is said; once for each broker"
    command.add_argument("--broker", type=endpoint, action="append", metavar="HOST:PORT", help=what)
    what = "nats://HOST:PORT,...: collect what JetStream keeps, instead of from a broker"
    command.add_argument("--nats", type=lambda text: text.split(","), default=[], metavar="URLS", help=what)
    command.add_argument("--ca", type=Path, metavar="FILE", help="TLS: the authority that vouches for the brokers")
    command.add_argument("--cert", type=Path, metavar="FILE", help="TLS: this collector's certificate")
    command.add_argument("--key", type=Path, metavar="FILE", help="TLS: its private key")
    with_db(command)
    command.set_defaults(run=run)


def endpoint(text: str) -> tuple[str, int]:
    """HOST:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!a}: not HOST:PORT")
    return host, int(port)


def run(told: argparse.Namespace) -> int:
    """Until it is stopped. One line says that it collects, for each broker."""
    tls = tls_of(told)
    said: list[str] = []

    def log(line: str) -> None:
        if said != [line]:  # a broker that stays away is said once
            show(line, sys.stderr)
        said[:] = [line]

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    if not is_url(told.db):
        Path(told.db).parent.mkdir(parents=True, exist_ok=True)
    ledger = opened(told.db, log)
    with ThreadPoolExecutor(1) as worker:  # COMMIT waits for the disk, and the loop does not
        try:
            key = sign.of(ledger.db, sign.beside(told.db))
            asyncio.run(collect(ledger, told, tls, key.sign, log, worker))
        finally:
            worker.submit(ledger.close).result()
    return 0


def tls_of(told: argparse.Namespace) -> ssl.SSLContext | None:
    """None without --ca. Raises OSError."""
    from fleet.dial import context

    if told.ca is None and (told.cert or told.key):
        raise OSError("--cert and --key say who we are; --ca must say whom we believe")
    return context(told.ca, told.cert, told.key) if told.ca else None


def opened(db: str, log: Callable[[str], None]) -> Ledger:
    """The ledger, as soon as its database is there. Raises WrongLedger."""
    pause = FIRST_PAUSE_S
    while True:
        try:
            return Ledger(db)
        except DbDown as fault:
            log(f"no ledger yet: {fault}")
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


async def collect(
    ledger: Ledger,
    told: argparse.Namespace,
    tls: ssl.SSLContext | None,
    signer: Callable[[bytes], bytes],
    log: Callable[[str], None],
    worker: ThreadPoolExecutor,
) -> None:
    from fleet.collector import Collector  # with paho, which the other commands do without
    from fleet.dial import dialler
    from fleet.intake import Buffer, End

    loop = asyncio.get_running_loop()

    async def work(piece: Callable[[], Any]) -> Any:
        return await loop.run_in_executor(worker, piece)

    def ready(where: str) -> Callable[[], None]:
        return lambda: announce(f"collecting from {where} into {ledger.db.name}")

    name = f"collector-{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(2)}"
    collector = Collector(ledger, lambda: int(time.time()), log, name, signer, WATCH_S, shared=True, work=work)
    if told.nats:
        from fleet.nats_stream import opener

        await collector.run_all([Buffer(opener(told.nats, name), ready("NATS"))])
    else:
        brokers = told.broker or [("127.0.0.1", 1883)]
        await collector.run_all([End(dialler(host, port, tls), ready(f"{host}:{port}")) for host, port in brokers])
