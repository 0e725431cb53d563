"""Who a till is, and whether its past is the one that the ledger knows.

A till's key is the one of its first signed hello, and of no later one; from then on what is not signed with it is
refused. What does not fit is an alarm in the ledger, so that somebody looks, and nothing of it is booked."""

from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firmware.journal.codec import chain
from firmware.sync import wire
from firmware.sync.wire import GENESIS, Batch
from fleet.ledger import Ledger

KEY, SEAL, FORK, ROLLBACK = "key", "seal", "fork", "rollback"  # kinds of alarm; the first two are also a refusal's name


class Verdict(NamedTuple):
    """refused: KEY or SEAL, the sender is not believed to be this till. forked: the record where its past is another
    than the ledger's, 0 when it is the same as far as can be told."""

    refused: str = ""
    forked: int = 0


class Trust:
    """The ledger's tables tills and anchors."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def key(self, terminal: str) -> bytes:
        """The public key that this till is known by, b"" for one that has not signed yet."""
        found = self.ledger.db.execute("SELECT key FROM tills WHERE terminal = ?", (terminal,)).fetchone()
        return bytes(found[0]) if found else b""

    def forget(self, terminal: str) -> bool:
        """Take the key of its next hello for its own: its storage was replaced. False when none was known."""
        return self.ledger.db.execute("DELETE FROM tills WHERE terminal = ?", (terminal,)).rowcount > 0

    def signs(self, batch: Batch, at: int) -> bool:
        """Is this batch's head signed by its till? One that never signed a hello need not."""
        key = self.key(batch.terminal)
        if not key or signed_by(key, batch.said, batch.signature):
            return True
        words = "a batch signed with another key" if batch.signature else "a batch that is not signed"
        self.ledger.alarm(batch.terminal, SEAL, 0, words, at)
        return False

    def hear(self, terminal: str, payload: bytes, at: int) -> Verdict:
        """Judge a hello, and remember what it says of its sender. at: UTC seconds. Raises WireFault."""
        hello = wire.read_hello(payload)
        seal = wire.seal_of(wire.topic(terminal, wire.UP_HELLO), payload)
        with self.ledger.db.transaction():
            refused = self._refusal(terminal, seal, at)
            if refused:
                return Verdict(refused)
            forked = self._fork(terminal, hello, at)
            if seal:
                row = (terminal, seal.key, at, hello["utc"])
                self.ledger.db.execute(
                    """INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, ?, ?) ON CONFLICT(terminal) DO UPDATE
                    SET utc = CASE WHEN excluded.utc > tills.utc THEN excluded.utc ELSE tills.utc END""",
                    row,
                )
            return Verdict("", forked)

    def _refusal(self, terminal: str, seal: "wire.Seal | None", at: int) -> str:
        known = self.key(terminal)
        if seal is None:
            if known:
                self.ledger.alarm(terminal, KEY, 0, "a hello that is not signed, from a till that has a key", at)
            return KEY if known else ""
        if not signed_by(seal.key, seal.said, seal.signature):
            self.ledger.alarm(terminal, SEAL, 0, "a hello whose signature does not hold", at)
            return SEAL
        if known and known != seal.key:
            words = f"a hello with the key {fingerprint(seal.key)}, and this till is known by {fingerprint(known)}"
            self.ledger.alarm(terminal, KEY, 0, words, at)
            return KEY
        return ""

    def _fork(self, terminal: str, hello: "dict[str, Any]", at: int) -> int:
        """The record where its past is not the ledger's, 0 for none; a hello that came late is none."""
        seq, _ = self.ledger.head(terminal)
        parts, ph, stands = hello["parts"], hello["ph"], hello["head"]
        if 0 < parts <= seq and ph and ph != self.chain_at(terminal, parts):
            self.ledger.alarm(terminal, FORK, parts, "two pasts: the till's own is another one there", at)
            return int(parts)
        if stands > seq:
            return 0
        if hello["h"] != self.chain_at(terminal, stands):
            self.ledger.alarm(terminal, FORK, stands, "two pasts: the till's journal ends there, with another chain", at)
            return int(stands)
        if stands < seq and (parts > stands or self._is_news(terminal, hello["utc"])):
            words = f"a journal of the past: it ends there, and the ledger has {seq} records of this till"
            self.ledger.alarm(terminal, ROLLBACK, stands, words, at)
            return int(stands) + 1
        return 0

    def _is_news(self, terminal: str, utc: int) -> bool:
        """Is this hello later than any before, by the till's own clock? Two collectors may be handed two hellos in the
        wrong order: the old one says what was true then, and is no rollback."""
        found = self.ledger.db.execute("SELECT utc FROM tills WHERE terminal = ?", (terminal,)).fetchone()
        return found is not None and utc > found[0]

    def chain_at(self, terminal: str, seq: int) -> bytes:
        """The chain after record `seq`, at most the ledger's last: from the anchor before it, over what is booked."""
        asked = "SELECT seq, h FROM anchors WHERE terminal = ? AND seq <= ? ORDER BY seq DESC LIMIT 1"
        after, h = self.ledger.db.execute(asked, (terminal, seq)).fetchone() or (0, GENESIS)
        asked = """SELECT seq, payload FROM frames WHERE terminal = ? AND seq > ? AND seq <= ? UNION ALL
            SELECT seq, payload FROM quarantine WHERE terminal = ? AND seq > ? AND seq <= ? AND reason <> 'fork'
            ORDER BY seq"""
        for _, payload in self.ledger.db.execute(asked, (terminal, after, seq) * 2):
            h = chain(h, payload)
        return bytes(h)


def signed_by(key: bytes, said: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032). Bytes that are no key or no signature do not verify."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(key: bytes) -> str:
    """Enough of a key for people to tell two apart."""
    return key.hex()[:16]
