"""python -m fleet enrol and replace: give a till that waits at the door its certificate, by the code on its screen.

enrol BARROW-0001 --claim 7K3M-9QWX-2ABC-H     a new till, or one that was revoked
enrol --scan TEXT                              the same, by the QR on its screen
replace BARROW-0001 --claim ...                other hardware takes over a name: the old one is revoked, what it sold
                                               stays as BARROW-0001~1, and the new one begins a journal of its own
replace ... --restored                         other hardware with the old one's journal, from a backup: it goes on"""

import argparse
import time

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from firmware.sync import wire
from fleet import certificates, lives, sign
from fleet.authority import Authority
from fleet.ca import with_ca
from fleet.commands import REFUSED, ledger_at, show, with_db
from fleet.doorkeeper import DAY_S
from fleet.ledger import Ledger
from fleet.revoke import take_back
from fleet.trust import Trust, fingerprint

DER = Encoding.DER
RENEWED_BEFORE = 365 * certificates.DAY


class NotEnrolled(Exception):
    """It was not done; the text says why."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("enrol", help="give a till that waits its certificate, by the code on its screen")
    two = commands.add_parser("replace", help="let other hardware take over a till's name, and revoke the old one")
    for command in (one, two):
        command.add_argument("terminal", nargs="?", help="its name")
        command.add_argument("--claim", metavar="CODE", help="as the till shows it")
        command.add_argument("--scan", metavar="TEXT", help="the QR of its screen: name and code")
        with_ca(command)
        with_db(command)
        command.set_defaults(run=run)
    three = commands.add_parser("renew", help="make certificates anew that end within a year")
    with_ca(three)
    with_db(three)
    three.set_defaults(run=run_renew)
    two.add_argument("--restored", action="store_true", help="it has the old one's journal, from a backup, and goes on")


def run(told: argparse.Namespace) -> int:
    try:
        terminal, claim = named(told)
        with ledger_at(told.db) as ledger:
            key = sign.of(ledger.db, sign.beside(told.db))
            desk = Desk(ledger, Authority(told.ca), key.public, int(time.time()))
            new = told.command == "enrol"
            words = desk.enrol(terminal, claim) if new else desk.replace(terminal, claim, told.restored)
    except NotEnrolled as fault:
        show(f"not enrolled: {fault}")
        return REFUSED
    show(words)
    return 0


def run_renew(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        key = sign.of(ledger.db, sign.beside(told.db))
        renewed = Desk(ledger, Authority(told.ca), key.public, int(time.time())).renew()
    show(f"{len(renewed)} renewed" + (": " + ", ".join(renewed) if renewed else ""))
    return 0


def named(told: argparse.Namespace) -> tuple[str, str]:
    """(terminal, code). Raises NotEnrolled."""
    try:
        if told.scan:
            terminal, claim = wire.door.scanned(told.scan)
        else:
            terminal, claim = told.terminal or "", wire.door.typed(told.claim or "")
    except ValueError as fault:
        raise NotEnrolled(str(fault)) from None
    if told.terminal and told.terminal != terminal:
        raise NotEnrolled(f"the QR is that of {terminal}")
    if not wire.terminal_ok(terminal):
        raise NotEnrolled("a terminal's name is 4 to 16 of A-Z, 0-9 and -")
    return terminal, claim


class Desk:
    """Where tills are enrolled. documents: the fleet's document key, public. now: UTC seconds."""

    def __init__(self, ledger: Ledger, authority: Authority, documents: bytes, now: int) -> None:
        self.ledger = ledger
        self.authority = authority
        self.documents = documents
        self.now = now

    def enrol(self, terminal: str, claim: str) -> str:
        """Words for whoever did it. Raises NotEnrolled."""
        with self.authority.alone():
            request, key = self._waiting(terminal, claim)
            if self.authority.living(terminal):
                raise NotEnrolled(f"{terminal} has a certificate: revoke it, or replace {terminal}")
            known = Trust(self.ledger).key(terminal)
            if known and known != key:
                raise NotEnrolled(f"{terminal} is known by the key {fingerprint(known)}, this is {fingerprint(key)}: replace it")
            with self.ledger.db.transaction():
                self._certify(terminal, claim, request, key, 0)
        return f"{terminal} is enrolled; it hears of it the next time it asks"

    def replace(self, terminal: str, claim: str, restored: bool) -> str:
        """The same; the old certificate is revoked first, and what the old hardware sold is kept apart, unless the new one
        has its journal. Raises NotEnrolled."""
        with self.authority.alone():
            request, key = self._waiting(terminal, claim)
            take_back(self.ledger, self.authority, terminal)
            with self.ledger.db.transaction():
                life, first = ("", 0) if restored else lives.close(self.ledger.db, terminal)
                self._certify(terminal, claim, request, key, first)
        if restored:
            return f"{terminal} is other hardware now, and goes on with the journal that it was given"
        return f"{terminal} is other hardware now: its receipts begin with {first}; what the old one sold is {life}"

    def renew(self) -> list[str]:
        """The names of those whose certificate was made anew, for the same key."""
        renewed = []
        with self.authority.alone(), self.ledger.db.transaction():
            asked = "SELECT code, terminal, request, certificate FROM claims WHERE state = ? ORDER BY terminal"
            for claim, terminal, request, held in self.ledger.db.execute(asked, (wire.door.ENROLLED,)):
                end = x509.load_der_x509_certificate(bytes(held)).not_valid_after_utc
                if end < self.authority.now() + RENEWED_BEFORE:
                    _, public = certificates.asked(bytes(request))
                    made = self.authority.till(terminal, public).public_bytes(DER)
                    self.ledger.db.execute("UPDATE claims SET certificate = ? WHERE code = ?", (made, claim))
                    renewed.append(str(terminal))
        return renewed

    def _waiting(self, terminal: str, claim: str) -> tuple[bytes, bytes]:
        """(request, journal's key) of a claim that may be granted. Raises NotEnrolled."""
        asked = "SELECT terminal, request, key, state, at FROM claims WHERE code = ?"
        found = self.ledger.db.execute(asked, (claim,)).fetchone()
        if found is None or (found[3] == wire.door.WAITING and found[4] < self.now - DAY_S):
            raise NotEnrolled("no till has asked with this code within a day: is its line up?")
        if found[3] != wire.door.WAITING:
            raise NotEnrolled("this code was used: a till shows another once it has new keys")
        if found[0] != terminal:
            raise NotEnrolled(f"that is the code of {found[0]}")
        return bytes(found[1]), bytes(found[2])

    def _certify(self, terminal: str, claim: str, request: bytes, key: bytes, first: int) -> None:
        _, public = certificates.asked(request)
        made: list[x509.Certificate] = [self.authority.till(terminal, public), self.authority.documents(self.documents)]
        row = (wire.door.ENROLLED, *(each.public_bytes(DER) for each in made), first, claim)
        self.ledger.db.execute("UPDATE claims SET state = ?, certificate = ?, documents = ?, first = ? WHERE code = ?", row)
        known = """INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, ?, 0)
            ON CONFLICT(terminal) DO UPDATE SET key = excluded.key, since = excluded.since, utc = 0"""
        self.ledger.db.execute(known, (terminal, key, self.now))
