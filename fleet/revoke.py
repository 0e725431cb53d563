"""python -m fleet revoke TERMINAL: take its certificate back. It is let in nowhere from then on, and sells on alone."""

import argparse
import re
import socket
import ssl
import struct
import tempfile
from contextlib import suppress
from pathlib import Path

from fleet.authority import PID, Authority
from fleet.ca import with_ca
from fleet.collect import endpoint
from fleet.commands import NOTHING, ledger_at, show, with_db
from fleet.doorkeeper import REVOKED
from fleet.ledger import Ledger

WAIT_S = 5
LISTENER = re.compile(r"^listener (\d+)(?: (\S+))?$", re.MULTILINE)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("revoke", help="take a till's certificate back")
    command.add_argument("terminal", help="its name")
    what = "a broker elsewhere, which has the new crl.pem: end its session there too"
    command.add_argument("--broker", type=endpoint, action="append", default=[], metavar="HOST:PORT", help=what)
    with_ca(command)
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    authority = Authority(told.ca)
    with ledger_at(told.db) as ledger, authority.alone():
        count = take_back(ledger, authority, told.terminal)
    for host, port in told.broker:
        throw_out(authority, told.terminal, host, port)
    show(f"{told.terminal}: {count} certificate{'' if count == 1 else 's'} revoked")
    return 0 if count else NOTHING


def take_back(ledger: Ledger, authority: Authority, terminal: str) -> int:
    """How many certificates there were. The brokers of this machine read the new list, and then end its session."""
    row = (REVOKED, terminal, "enrolled")
    ledger.db.execute("UPDATE claims SET state = ? WHERE terminal = ? AND state = ?", row)
    count = authority.revoke(terminal)
    for host, port in here(authority) if count else ():
        throw_out(authority, terminal, host, port)
    return count


def here(authority: Authority) -> "list[tuple[str, int]]":
    """The brokers of this machine, as `fleet broker --tls` runs them."""
    found = []
    for folder in sorted((authority.folder / "brokers").glob("*")):
        with suppress(OSError):
            listener = LISTENER.search((folder / "mosquitto.conf").read_text(encoding="utf-8"))
            if listener and (folder / PID).exists():
                found.append((listener[2] or "localhost", int(listener[1])))
    return found


def throw_out(authority: Authority, terminal: str, host: str, port: int) -> bool:
    """A list of revocations stops who comes, not who is there. A broker has one session a name, and the last who comes has
    it: so the fleet comes by that name, for a moment. False when the broker is not there."""
    certificate, key = authority.guest(terminal)
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / "guest.pem"
        paper.touch(0o600)
        paper.write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=authority.root().decode())
        context.load_cert_chain(paper)
    name = terminal.encode()
    hello = b"\0\4MQTT\4\2\0\x3c" + struct.pack(">H", len(name)) + name
    try:
        with socket.create_connection((host, port), WAIT_S) as plain, context.wrap_socket(plain, server_hostname=host) as sock:
            sock.sendall(b"\x10" + bytes([len(hello)]) + hello)
            return sock.recv(4)[:1] == b"\x20"  # CONNACK
    except OSError:
        return False
