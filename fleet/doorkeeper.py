"""Who waits at the door: tills that ask for a certificate, each under the code that stands on its screen.

What they ask is remembered until somebody names the code (fleet/enrol.py); what they are told is the ledger's word each
time they ask, so any collector may answer, and no answer can get lost. Whoever knocks with a certificate that was taken
back is an alarm."""

from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from firmware.sync import wire
from firmware.sync.wire import WireFault
from fleet import certificates
from fleet.certificates import NotCertified
from fleet.ledger import Ledger
from fleet.trust import signed_by

TOPIC = "barrow/v1/claim/"
REVOKED = "revoked"  # a state of a claim, and a kind of alarm
DAY_S = 86400
WAITING_MAX = 1000  # beyond it the one that was heard longest ago is forgotten: a till asks again, a flood does not stay

Message = tuple[str, bytes]


class Doorkeeper:
    """The ledger's table claims."""

    def __init__(self, ledger: Ledger, now: Callable[[], int]) -> None:
        self.db = ledger.db
        self.ledger = ledger
        self.now = now

    def hear(self, claim: str, payload: bytes) -> list[Message]:
        """What to tell whoever asks under this code. Raises WireFault, DbFault."""
        asked = wire.door.read_ask(payload)
        seal = wire.seal_of(wire.door.up(claim), payload)
        if seal is None or not signed_by(seal.key, seal.said, seal.signature):
            raise WireFault("claim: not signed by the journal's key that it is for", "seal")
        request, terminal = asked["csr"], asked["t"]
        try:
            name, public = certificates.asked(request if isinstance(request, bytes) else b"")
        except NotCertified as fault:
            raise WireFault(f"claim: {fault}") from fault
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if name != terminal or wire.door.code(name, der, seal.key) != claim:
            raise WireFault("claim: these keys and this name have another code")
        return [(wire.door.down(claim), self._answer(claim, name, asked["csr"], seal.key))]

    def _answer(self, claim: str, terminal: str, request: object, key: bytes) -> bytes:
        now = self.now()
        with self.db.transaction():
            asked = "SELECT state, certificate, documents, first FROM claims WHERE code = ?"
            found = self.db.execute(asked, (claim,)).fetchone()
            if found is None:
                self._make_room(now)
                made = """INSERT INTO claims(code, terminal, request, key, state, certificate, documents, first, at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT(code) DO NOTHING"""
                self.db.execute(made, (claim, terminal, request, key, wire.door.WAITING, b"", b"", now))
                return wire.door.answer(wire.door.WAITING)
            self.db.execute("UPDATE claims SET at = ? WHERE code = ?", (now, claim))
            state, certificate, documents, first = found
            if state == REVOKED:
                words = "a till whose certificate was taken back asks to be let in"
                self.ledger.alarm(terminal, REVOKED, 0, words, now)
                return wire.door.answer(wire.door.REFUSED, why=wire.door.REVOKED)
        return wire.door.answer(state, bytes(certificate), bytes(documents), first)

    def _make_room(self, now: int) -> None:
        waiting = wire.door.WAITING
        self.db.execute("DELETE FROM claims WHERE state = ? AND at < ?", (waiting, now - DAY_S))
        asked = "SELECT code FROM claims WHERE state = ? ORDER BY at DESC, code"
        for (code,) in self.db.execute(asked, (waiting,)).fetchall()[WAITING_MAX - 1 :]:
            self.db.execute("DELETE FROM claims WHERE code = ?", (code,))
