"""Which key speaks for which till, now and before: the list for checking receipts, which every till keeps.

What is true stands in `tills` (the key that each till is known by) and `claims` (whose certificate was taken back). A key that
has gone from there has ended, and stays in the list with that moment, so that older receipts still hold. What is so is
looked at, and not told by whoever changes it: a hello, enrol, replace, revoke, trust, each in a process of its own."""

from collections.abc import Callable

from firmware.sync import wire
from firmware.sync.wire import tills
from fleet.documents import Documents, Out, check
from fleet.ledger import Ledger

QUIET_S, LONGEST_S = 10, 60  # a new list waits until so long nothing more has changed, but not longer than that
DAILY = 4 << 20  # bytes of lists that a till is to fetch in a day, for keys that are new
DAY_S = 86400
LIFE = "~"  # in the name of a till's earlier life (lives.py)
MARK = """SELECT count(*), max(since), (SELECT count(*) FROM claims WHERE state = 'revoked'),
    (SELECT count(*) FROM claims WHERE state = 'enrolled') FROM tills"""

Pair = tuple[str, bytes]


class TillKeys:
    """The ledger's table till_keys. now: UTC seconds."""

    def __init__(self, ledger: Ledger, now: Callable[[], int]) -> None:
        self.db = ledger.db
        self.now = now

    def mark(self) -> object:
        """Another one, if anything may have changed; cheap to ask for."""
        return tuple(self.db.execute(MARK).fetchone())

    def settle(self) -> int:
        """Bring the table up to what is true now. How many keys have ended since the last time."""
        now = self.now()
        with self.db.transaction():
            rows = [(name, bytes(key), since) for name, key, since in self.db.execute("SELECT terminal, key, since FROM tills")]
            revoked = self._claimed(wire.door.REVOKED) - self._claimed(wire.door.ENROLLED)
            known = self._known()
            living = {(name, key) for name, key, _ in rows if LIFE not in name} - revoked
            ends = {pair: now for pair, until in known.items() if not until and pair not in living}
            ends |= {pair: end for pair, end in past(rows, now).items() if pair not in known and pair not in living}
            ends |= {pair: now for pair in revoked if pair not in known}
            again = {pair: 0 for pair in living if known.get(pair, 1)}
            put = """INSERT INTO till_keys(terminal, key, since, until) VALUES (?, ?, ?, ?)
                ON CONFLICT(terminal, key) DO UPDATE SET until = excluded.until"""
            changed = sorted((ends | again).items())
            self.db.executemany(put, [(name, key, now, until) for (name, key), until in changed])
        return len(ends)

    def body(self) -> bytes:
        """The document, as the table says."""
        found: dict[str, list[tills.Key]] = {}
        asked = """SELECT terminal, key, until FROM till_keys
            ORDER BY terminal, CASE WHEN until = 0 THEN 0 ELSE 1 END, until DESC, key"""
        for name, key, until in self.db.execute(asked):
            if wire.terminal_ok(name) and len(key) == tills.KEY_BYTES:
                found.setdefault(name, []).append(tills.Key(bytes(key), until))
        return tills.body(list(found.items()))

    def _known(self) -> dict[Pair, int]:
        rows = self.db.execute("SELECT terminal, key, until FROM till_keys")
        return {(name, bytes(key)): until for name, key, until in rows}

    def _claimed(self, state: str) -> set[Pair]:
        rows = self.db.execute("SELECT terminal, key FROM claims WHERE state = ?", (state,))
        return {(name, bytes(key)) for name, key in rows}


def past(rows: list[tuple[str, bytes, int]], now: int) -> dict[Pair, int]:
    """The keys of earlier lives, and when the next life began."""
    since = {name: began for name, _, began in rows}
    found: dict[Pair, int] = {}
    for name, key, _ in rows:
        base, _, number = name.partition(LIFE)
        if number:
            found[base, key] = since.get(f"{base}{LIFE}{int(number) + 1}", since.get(base, now))
    return found


class Gathering:
    """Makes and gives out a new list by itself: one for all that changes within a short while, and not more than a till can
    be asked to carry in a day. Any number of collectors do so, and one of them is the first."""

    def __init__(self, keys: TillKeys, documents: Documents) -> None:
        self.keys = keys
        self.documents = documents
        self._mark: object = None
        self._first = self._last = 0  # when the changes that wait began, and when the newest was seen; 0: nothing waits
        self._ended = False

    def look(self, sign: Callable[[bytes], bytes]) -> Out | None:
        """What was given out just now. Raises Wrong, DbFault."""
        now, mark = self.keys.now(), self.keys.mark()
        if mark != self._mark:
            self._ended = self.keys.settle() > 0 or self._ended
            self._mark, self._last = mark, now
            self._first = self._first or now
        if not self._first or now < min(self._last + QUIET_S, self._first + LONGEST_S) or now < self._pace():
            return None
        out = give_out(self.keys, self.documents, sign)
        self._first, self._ended = 0, False
        return out

    def _pace(self) -> int:
        """The earliest moment for the next one. A key that has ended waits for nothing."""
        asked = "SELECT at, length(body) FROM documents WHERE kind = ? ORDER BY version DESC LIMIT 1"
        found = self.keys.db.execute(asked, (tills.KIND,)).fetchone()
        return 0 if self._ended or found is None else found[0] + found[1] * DAY_S // DAILY


def give_out(keys: TillKeys, documents: Documents, sign: Callable[[bytes], bytes]) -> Out | None:
    """Every till's list, signed; None where it is the one that is out. No till is offered an old one: only the last two stay
    here. Raises Wrong, DbFault."""
    db = keys.db
    with db.transaction():
        keys.settle()
        body = keys.body()
        check(tills.KIND, body)
        asked = "SELECT version, body FROM documents WHERE kind = ? AND terminal = '*' ORDER BY version DESC LIMIT 1"
        found = db.execute(asked, (tills.KIND,)).fetchone()
        if found and bytes(found[1]) == body:
            return None
        out = documents.give_out(tills.KIND, body, "*", sign)
        db.execute("DELETE FROM documents WHERE kind = ? AND version < ?", (tills.KIND, found[0] if found else 0))
    return out
