"""One transaction of the ledger: the batches of many tills, booked together and committed once.

The heads of all of them are locked first, in the order of their names, so that two collectors never wait for each other
in a ring. What is new is gathered and loaded at the end; whoever must read it before that calls flush()."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from firmware.journal.codec import chain
from firmware.sync.wire import GENESIS, Batch
from fleet.db import Db
from fleet.letters import COLUMNS, Row, Sheet

NEW_HEAD = "INSERT INTO heads(terminal, seq, h) VALUES (?, 0, ?) ON CONFLICT(terminal) DO NOTHING"
ANCHOR = ("terminal", "seq", "h", "signature")
QUARANTINE = """INSERT INTO quarantine(terminal, seq, reason, digest, payload, received_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING"""
ALARM = """INSERT INTO alarms(terminal, kind, seq, words, first_at, last_at, times) VALUES (?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT(terminal, kind, seq) DO UPDATE
    SET words = excluded.words, last_at = excluded.last_at, times = alarms.times + 1"""


class Answer(NamedTuple):
    """Where the ledger stands after a batch, in the words of wire.ack."""

    to: int
    h: bytes
    gap: int = 0
    err: str = ""
    at: int = 0


class Unlocked(Exception):
    """Some of these tills have no head yet, and what is not there cannot be locked."""


class Booking:
    """Made by Ledger.booking, within a transaction. at: UTC seconds when all of it was received."""

    def __init__(self, db: Db, terminals: Sequence[str], at: int) -> None:
        """Raises Unlocked, DbFault."""
        self.db = db
        self.at = at
        self.heads: dict[str, tuple[int, bytes]] = {}
        if terminals:
            asked = f"SELECT terminal, seq, h FROM heads WHERE terminal IN ({marks(terminals)}) ORDER BY terminal"
            for terminal, seq, h in db.execute(asked + db.for_update, terminals):
                self.heads[terminal] = (seq, h)
        if len(self.heads) < len(terminals):
            raise Unlocked
        self.moved: set[str] = set()
        self.rows: list[Row] = []
        self.anchors: list[tuple[str, int, bytes, bytes]] = []

    def take(self, sheet: Sheet) -> Answer:
        """Book a batch. The answer holds after COMMIT."""
        batch = sheet.batch
        terminal, first, last = batch.terminal, batch.first, batch.last
        seq, h = self.heads[terminal]
        if first > seq + 1:
            return Answer(seq, h, gap=first)
        if not sheet.whole:
            self.alarm(terminal, "chain", last, "a batch that breaks its own chain")
            return Answer(seq, h, err="chain", at=last)
        parted, lost = self._parted(batch, seq, h)
        if parted:
            self.keep_apart(terminal, parted, "fork", batch.lines[parted - first])
            self.alarm(
                terminal, "fork", parted, "two pasts: a batch that does not go on from the ledger's; its record is in quarantine"
            )
            return Answer(seq, h, err="fork", at=parted)
        if last <= seq and not lost:
            return Answer(seq, h)
        self.rows += sheet.rows if first > seq else [row for row in sheet.rows if row[1] > seq or row[1] in lost]
        for at, reason, payload in sheet.apart:
            if at > seq or at in lost:
                self.keep_apart(terminal, at, reason, payload)
        if last <= seq:
            return Answer(seq, h)
        self.anchors.append((terminal, last, batch.head, batch.signature))
        self.heads[terminal] = (last, batch.head)
        self.moved.add(terminal)
        return Answer(last, batch.head)

    def _parted(self, batch: Batch, seq: int, h: bytes) -> tuple[int, set[int]]:
        """The record where this batch is of another past than the ledger's, which ends with seq and h; 0 for none. And the
        records that the ledger once had and has lost, when this batch brings them back: it goes on from a chain that the
        ledger knows, so it can be no other past."""
        if batch.first > seq:
            return (0 if batch.prev == h else batch.first), set()
        held = self._held(batch.terminal, batch.first, min(batch.last, seq))
        link, lost = batch.prev, set()
        for at, line in enumerate(batch.lines, batch.first):
            if at > seq:
                break
            if at not in held:
                lost.add(at)
            elif line not in held[at]:
                return at, set()
            link = chain(link, line)
            if at == seq and link != h:
                return batch.first, set()  # the same records, said to follow upon another past
        if lost and batch.prev != self._chain_after(batch.terminal, batch.first - 1):
            return min(lost), set()
        return 0, lost

    def _chain_after(self, terminal: str, seq: int) -> bytes | None:
        """The chain after this record, as far as the ledger has all from an anchor up to it; None where it has not."""
        asked = "SELECT seq, h FROM anchors WHERE terminal = ? AND seq <= ? ORDER BY seq DESC LIMIT 1"
        after, h = self.db.execute(asked, (terminal, seq)).fetchone() or (0, GENESIS)
        held = self._held(terminal, after + 1, seq) if after < seq else {}
        for at in range(after + 1, seq + 1):
            if len(held.get(at, ())) != 1:
                return None
            h = chain(h, held[at][0])
        return bytes(h)

    def _held(self, terminal: str, first: int, last: int) -> dict[int, list[bytes]]:
        """What the ledger holds there, booked or in quarantine."""
        self.flush()
        asked = """SELECT seq, payload FROM frames WHERE terminal = ? AND seq BETWEEN ? AND ? UNION ALL
            SELECT seq, payload FROM quarantine WHERE terminal = ? AND seq BETWEEN ? AND ? AND reason <> 'fork'"""
        held: dict[int, list[bytes]] = {}
        for seq, payload in self.db.execute(asked, (terminal, first, last) * 2):
            held.setdefault(seq, []).append(payload)
        return held

    def keep_apart(self, terminal: str, seq: int, reason: str, payload: bytes) -> None:
        """In quarantine, whole and once, however often it comes."""
        row = (terminal, seq, reason, hashlib.sha256(payload).digest(), payload, self.at)
        self.db.execute(QUARANTINE, row)

    def alarm(self, terminal: str, kind: str, seq: int, words: str) -> None:
        """Somebody must look at this till. One that is there already is counted. seq: 0 where no record is meant."""
        self.db.execute(ALARM, (terminal, kind, seq, words, self.at, self.at))

    def flush(self) -> None:
        """Write what was gathered."""
        if self.rows:
            self.db.load("frames", COLUMNS, self.rows)
        if self.anchors:
            self.db.load("anchors", ANCHOR, self.anchors)
        if self.moved:
            rows = [(terminal, *self.heads[terminal], self.at) for terminal in sorted(self.moved)]
            asked = f"""INSERT INTO heads(terminal, seq, h, at) VALUES {", ".join(["(?, ?, ?, ?)"] * len(rows))}
                ON CONFLICT(terminal) DO UPDATE SET seq = excluded.seq, h = excluded.h, at = excluded.at"""
            self.db.execute(asked, [value for row in rows for value in row])
        self.rows, self.anchors = [], []
        self.moved = set()


def make_heads(db: Db, terminals: Sequence[str]) -> None:
    """For tills of which nothing was ever booked."""
    for terminal in terminals:
        db.execute(NEW_HEAD, (terminal, GENESIS))


def marks(values: Sequence[object]) -> str:
    """One ? for each."""
    return ", ".join("?" * len(values))
