"""Who a till is, and whether its past is the one that the ledger knows.

A till's key is the one of its first signed hello, and of no later one; from then on what is not signed with it is
refused. What does not fit is an alarm in the ledger, so that somebody looks, and nothing of it is booked.

Hellos and batches of one till may come by several collectors, in any order: what a late hello says was true when it was
said, and is no alarm."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firmware.journal.codec import chain
from firmware.sync import wire
from firmware.sync.wire import GENESIS
from fleet.booking import Booking, marks
from fleet.ledger import Ledger
from fleet.letters import Hello

# kinds of alarm; the first two are also a refusal's name
KEY, SEAL, FORK, ROLLBACK, CLONE = "key", "seal", "fork", "rollback", "clone"
KNOWN = """INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, ?, ?) ON CONFLICT(terminal) DO UPDATE
    SET utc = CASE WHEN excluded.utc > tills.utc THEN excluded.utc ELSE tills.utc END"""
SEEN = """INSERT INTO seen(terminal, boot, software, stands, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT(terminal) DO UPDATE
    SET boot = excluded.boot, software = excluded.software, stands = excluded.stands, at = excluded.at"""
BOOT = "INSERT INTO boots(terminal, boot, utc, at) VALUES (?, ?, ?, ?) ON CONFLICT(terminal, boot) DO NOTHING"


class Verdict(NamedTuple):
    """refused: KEY or SEAL, the sender is not believed to be this till. forked: the record where its past is another
    than the ledger's, 0 when it is the same as far as can be told. cloned: another till speaks with its key."""

    refused: str = ""
    forked: int = 0
    cloned: bool = False


class Trust:
    """The ledger's tables tills, seen and boots."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def key(self, terminal: str) -> bytes:
        """The public key that this till is known by, b"" for one that has not signed yet."""
        return self.keys([terminal]).get(terminal, b"")

    def keys(self, terminals: Sequence[str]) -> dict[str, bytes]:
        """Of those that are known."""
        if not terminals:
            return {}
        asked = f"SELECT terminal, key FROM tills WHERE terminal IN ({marks(terminals)})"
        return {terminal: bytes(key) for terminal, key in self.ledger.db.execute(asked, terminals)}

    def forget(self, terminal: str) -> bool:
        """Take the key of its next hello for its own: its storage was replaced. False when none was known."""
        with self.ledger.db.transaction():
            self.ledger.db.execute("DELETE FROM boots WHERE terminal = ?", (terminal,))
            return self.ledger.db.execute("DELETE FROM tills WHERE terminal = ?", (terminal,)).rowcount > 0

    def hear(self, booking: Booking, terminal: str, hello: Hello, sound: bool) -> Verdict:
        """Judge a hello, and remember what it says of its sender. sound: its seal is by the key that it names."""
        booking.flush()
        refused = self._refusal(booking, terminal, hello.seal, sound)
        if refused:
            return Verdict(refused)
        said, seal = hello.said, hello.seal
        again = self._heard_boot(terminal, said["boot"])
        forked = self._fork(booking, terminal, said, again)
        cloned = self._clone(booking, terminal, said)
        if seal:
            self.ledger.db.execute(KNOWN, (terminal, seal.key, booking.at, said["utc"]))
        self.ledger.db.execute(SEEN, (terminal, said["boot"], said["sw"].replace("\0", ""), said["head"], booking.at))
        if not again:
            self.ledger.db.execute(BOOT, (terminal, said["boot"], said["utc"], booking.at))
        return Verdict("", forked, cloned)

    def _refusal(self, booking: Booking, terminal: str, seal: "wire.Seal | None", sound: bool) -> str:
        known = self.key(terminal)
        if seal is None:
            booking.alarm(terminal, KEY, 0, "a hello that is not signed")
            return KEY
        if not sound:
            booking.alarm(terminal, SEAL, 0, "a hello whose signature does not hold")
            return SEAL
        if known and known != seal.key:
            words = f"a hello with the key {fingerprint(seal.key)}, and this till is known by {fingerprint(known)}"
            booking.alarm(terminal, KEY, 0, words)
            return KEY
        return ""

    def _fork(self, booking: Booking, terminal: str, said: "dict[str, Any]", again: bool) -> int:
        """The record where its past is not the ledger's, 0 for none. again: of this start of it we have heard before."""
        seq, _ = booking.heads[terminal]
        parts, ph, stands = said["parts"], said["ph"], said["head"]
        if 0 < parts <= seq and ph and ph != self.chain_at(terminal, parts):
            booking.alarm(terminal, FORK, parts, "two pasts: the till's own is another one there")
            return int(parts)
        if stands > seq:
            return 0
        if said["h"] != self.chain_at(terminal, stands):
            booking.alarm(terminal, FORK, stands, "two pasts: the till's journal ends there, with another chain")
            return int(stands)
        if stands < seq and (parts > stands or (not again and self._is_news(terminal, said["utc"]))):
            words = f"a journal of the past: it ends there, and the ledger has {seq} records of this till"
            booking.alarm(terminal, ROLLBACK, stands, words)
            return int(stands) + 1
        return 0

    def _is_news(self, terminal: str, utc: int) -> bool:
        """Is this hello later than any before, by the till's own clock? Two collectors may be handed two hellos in the
        wrong order: the old one says what was true then, and is no rollback."""
        found = self.ledger.db.execute("SELECT utc FROM tills WHERE terminal = ?", (terminal,)).fetchone()
        return found is not None and utc > found[0]

    def _heard_boot(self, terminal: str, boot: int) -> bool:
        asked = "SELECT 1 FROM boots WHERE terminal = ? AND boot = ?"
        return self.ledger.db.execute(asked, (terminal, boot)).fetchone() is not None

    def _clone(self, booking: Booking, terminal: str, said: "dict[str, Any]") -> bool:
        """Has a later start of this till been heard, and this one goes on after it? Then two of them run. A hello that
        only came late is of before that start, by the till's own clock."""
        if not said["trusted"]:
            return False
        asked = """SELECT later.boot FROM boots mine JOIN boots later ON later.terminal = mine.terminal
            WHERE mine.terminal = ? AND mine.boot = ? AND later.boot <> mine.boot AND later.at >= mine.at
            AND later.utc >= mine.utc AND later.utc <= ? ORDER BY later.utc LIMIT 1"""
        found = self.ledger.db.execute(asked, (terminal, said["boot"], said["utc"])).fetchone()
        if found is None:
            return False
        words = f"two tills with one key: start {said['boot']} goes on, after start {found[0]} was heard"
        booking.alarm(terminal, CLONE, 0, words)
        return True

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
