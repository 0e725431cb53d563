"""The fleet's book: every record of every till, once, by (terminal, seq).

A batch is one transaction: what is already there is left, what is new is checked and added, and the head (the last seq,
and the chain there) moves on. Who asked is answered after COMMIT, from what the book then says."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from firmware.journal.codec import chain
from firmware.sync.wire import GENESIS, Batch
from fleet import schema
from fleet.checks import Unfit, record_of
from fleet.db import WrongLedger as WrongLedger
from fleet.db import connect

HEAD = """INSERT INTO heads(terminal, seq, h, at) VALUES (?, ?, ?, ?)
    ON CONFLICT(terminal) DO UPDATE SET seq = excluded.seq, h = excluded.h, at = excluded.at"""
ANCHOR = """INSERT INTO anchors(terminal, seq, h, signature) VALUES (?, ?, ?, ?)
    ON CONFLICT(terminal, seq) DO UPDATE SET h = excluded.h, signature = excluded.signature"""
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


class Ledger:
    """The books in a Db, which keeps what was committed."""

    def __init__(self, where: "Path | str") -> None:
        """Opens a file or a server's database, or makes its tables. Raises WrongLedger, DbDown."""
        self.db = connect(where)
        try:
            self.db.settle(schema.VERSIONS)
        except BaseException:
            self.db.close()
            raise

    def close(self) -> None:
        self.db.close()

    def head(self, terminal: str) -> tuple[int, bytes]:
        """(seq, chain there) of the last record that the ledger has, (0, GENESIS) for an unknown terminal."""
        found = self.db.execute("SELECT seq, h FROM heads WHERE terminal = ?", (terminal,)).fetchone()
        return found if found else (0, GENESIS)

    def take(self, batch: Batch, received_at: int) -> Answer:
        """Book a batch. Returns after COMMIT. received_at: UTC seconds."""
        with self.db.transaction():
            return self._take(batch, received_at)

    def _take(self, batch: Batch, received_at: int) -> Answer:
        seq, h = self.head(batch.terminal)
        if batch.first > seq + 1:
            return Answer(seq, h, gap=batch.first)
        link, parted = batch.prev, 0
        if batch.first == seq + 1 and link != h:
            parted = batch.first
        for at, line in enumerate(batch.lines, batch.first):
            link = chain(link, line)
            if at <= seq and not parted and not self._has(batch.terminal, at, line):
                parted = at
            if at == seq and not parted and link != h:
                parted = batch.first  # the same records, said to follow upon another past
        if link != batch.head:
            self.alarm(batch.terminal, "chain", batch.last, "a batch that breaks its own chain", received_at)
            return Answer(seq, h, err="chain", at=batch.last)
        if parted:
            self._quarantine(batch.terminal, parted, "fork", batch.lines[parted - batch.first], received_at)
            words = "two pasts: a batch that does not go on from the ledger's; its record is in quarantine"
            self.alarm(batch.terminal, "fork", parted, words, received_at)
            return Answer(seq, h, err="fork", at=parted)
        if batch.last <= seq:
            return Answer(seq, h)
        for at in range(seq + 1, batch.last + 1):
            self._book(batch.terminal, at, batch.lines[at - batch.first], received_at)
        self.db.execute(HEAD, (batch.terminal, batch.last, batch.head, received_at))
        self.db.execute(ANCHOR, (batch.terminal, batch.last, batch.head, batch.signature))
        return Answer(batch.last, batch.head)

    def _book(self, terminal: str, seq: int, payload: bytes, received_at: int) -> None:
        try:
            record = record_of(payload, seq)
        except Unfit as fault:
            self._quarantine(terminal, seq, str(fault), payload, received_at)
            return
        sale = (record["total"], record["cur"], record["at"]) if record["kind"] == "sale" else (None, None, None)
        row = (terminal, seq, record["kind"], record["no"], payload, received_at, *sale)
        self.db.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _has(self, terminal: str, seq: int, payload: bytes) -> bool:
        """Is this very payload what the ledger holds there, booked or in quarantine?"""
        asked = """SELECT 1 FROM frames WHERE terminal = ? AND seq = ? AND payload = ? UNION ALL
            SELECT 1 FROM quarantine WHERE terminal = ? AND seq = ? AND digest = ? AND reason <> 'fork'"""
        row = (terminal, seq, payload, terminal, seq, hashlib.sha256(payload).digest())
        return self.db.execute(asked, row).fetchone() is not None

    def _quarantine(self, terminal: str, seq: int, reason: str, payload: bytes, received_at: int) -> None:
        """Kept whole and once, however often it comes."""
        row = (terminal, seq, reason, hashlib.sha256(payload).digest(), payload, received_at)
        self.db.execute(QUARANTINE, row)

    def alarm(self, terminal: str, kind: str, seq: int, words: str, at: int) -> None:
        """Somebody must look at this till. One that is there already is counted. seq: 0 where no record is meant."""
        self.db.execute(ALARM, (terminal, kind, seq, words, at, at))

    def alarms(self) -> list[tuple[str, str, int, str, int, int, int]]:
        """(terminal, kind, seq, words, first and last seen in UTC seconds, how often), the newest last."""
        asked = "SELECT terminal, kind, seq, words, first_at, last_at, times FROM alarms ORDER BY last_at, terminal, kind, seq"
        return self.db.execute(asked).fetchall()

    def records(self, kind: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """(terminal, record as the till wrote it) of every booked record, or of one kind, by terminal and seq."""
        which, row = ("WHERE kind = ?", (kind,)) if kind else ("", ())
        for terminal, payload in self.db.stream(f"SELECT terminal, payload FROM frames {which} ORDER BY terminal, seq", row):
            yield terminal, json.loads(payload)

    def quarantined(self) -> list[tuple[str, int, str]]:
        """(terminal, seq, reason) of every record that was refused."""
        asked = "SELECT terminal, seq, reason FROM quarantine ORDER BY terminal, seq, reason"
        return self.db.execute(asked).fetchall()

    def refused(self) -> int:
        """How many records are in quarantine."""
        return int(self.db.execute("SELECT count(*) FROM quarantine").fetchone()[0])

    def kept_apart(self) -> Iterator[tuple[str, int, str, int, int]]:
        """(terminal, seq, reason, bytes, received at) of every record in quarantine."""
        asked = "SELECT terminal, seq, reason, length(payload), received_at FROM quarantine ORDER BY terminal, seq, reason"
        yield from self.db.stream(asked)

    def quarantined_at(self, terminal: str, seq: int) -> list[tuple[str, bytes, int]]:
        """(reason, payload, received at) of what came for this record and was refused."""
        asked = "SELECT reason, payload, received_at FROM quarantine WHERE terminal = ? AND seq = ? ORDER BY reason, digest"
        return self.db.execute(asked, (terminal, seq)).fetchall()

    def terminals(self) -> list[tuple[str, int, bytes, int, int, str, int, bytes]]:
        """(terminal, head, chain there, last seen, boot, software, its journal's end, key) of every till ever heard."""
        asked = """SELECT t.terminal, coalesce(h.seq, 0), h.h,
            CASE WHEN coalesce(h.at, 0) > coalesce(s.at, 0) THEN h.at ELSE coalesce(s.at, 0) END,
            coalesce(s.boot, 0), coalesce(s.software, ''), coalesce(s.stands, 0), k.key
            FROM (SELECT terminal FROM heads UNION SELECT terminal FROM seen UNION SELECT terminal FROM tills) t
            LEFT JOIN heads h ON h.terminal = t.terminal LEFT JOIN seen s ON s.terminal = t.terminal
            LEFT JOIN tills k ON k.terminal = t.terminal ORDER BY t.terminal"""
        return [(*row[:2], row[2] or GENESIS, *row[3:7], row[7] or b"") for row in self.db.execute(asked)]
