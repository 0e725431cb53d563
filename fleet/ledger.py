"""The fleet's book: every record of every till, once, by (terminal, seq).

A batch is one transaction: what is already there is left, what is new is checked and added, and the head (the last seq,
and the chain there) moves on. Who asked is answered after COMMIT, from what the book then says."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from firmware.journal.codec import chain
from firmware.sync.wire import GENESIS, Batch
from fleet import schema
from fleet.checks import Unfit, record_of

BUSY_S = 10  # another process may be writing


class Answer(NamedTuple):
    """Where the ledger stands after a batch, in the words of wire.ack."""

    to: int
    h: bytes
    gap: int = 0
    err: str = ""
    at: int = 0


class WrongLedger(Exception):
    """The file cannot be opened, is no ledger, or one of a later Barrow."""


class Ledger:
    """SQLite, WAL, synchronous=FULL: what was answered survives a power cut."""

    def __init__(self, path: "Path | str") -> None:
        """Opens it, or makes it. Raises WrongLedger."""
        try:
            self.db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            with Transaction(self.db):
                schema.settle(self.db)
        except sqlite3.DatabaseError as fault:
            raise WrongLedger(f"{path}: {fault}") from fault

    def close(self) -> None:
        self.db.close()

    def head(self, terminal: str) -> tuple[int, bytes]:
        """(seq, chain there) of the last record that the ledger has, (0, GENESIS) for an unknown terminal."""
        found = self.db.execute("SELECT seq, h FROM heads WHERE terminal = ?", (terminal,)).fetchone()
        return found if found else (0, GENESIS)

    def take(self, batch: Batch, received_at: int) -> Answer:
        """Book a batch. Returns after COMMIT. received_at: UTC seconds."""
        with Transaction(self.db):
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
        self.db.execute("REPLACE INTO heads VALUES (?, ?, ?)", (batch.terminal, batch.last, batch.head))
        anchor = (batch.terminal, batch.last, batch.head, batch.signature)
        self.db.execute("REPLACE INTO anchors VALUES (?, ?, ?, ?)", anchor)
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
        asked = """SELECT 1 FROM frames WHERE terminal = ?1 AND seq = ?2 AND payload = ?3 UNION ALL
            SELECT 1 FROM quarantine WHERE terminal = ?1 AND seq = ?2 AND payload = ?3 AND reason <> 'fork'"""
        return self.db.execute(asked, (terminal, seq, payload)).fetchone() is not None

    def _quarantine(self, terminal: str, seq: int, reason: str, payload: bytes, received_at: int) -> None:
        """Kept whole and once, however often it comes."""
        row = (terminal, seq, reason, payload, received_at)
        self.db.execute("INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?, ?)", row)

    def alarm(self, terminal: str, kind: str, seq: int, words: str, at: int) -> None:
        """Somebody must look at this till. One that is there already is counted. seq: 0 where no record is meant."""
        row = (terminal, kind, seq, words, at, at)
        again = "ON CONFLICT DO UPDATE SET words = excluded.words, last_at = excluded.last_at, times = times + 1"
        self.db.execute(f"INSERT INTO alarms VALUES (?, ?, ?, ?, ?, ?, 1) {again}", row)

    def alarms(self) -> list[tuple[str, str, int, str, int, int, int]]:
        """(terminal, kind, seq, words, first and last seen in UTC seconds, how often), the newest last."""
        asked = "SELECT terminal, kind, seq, words, first_at, last_at, times FROM alarms ORDER BY last_at, terminal, kind, seq"
        return self.db.execute(asked).fetchall()

    def records(self, kind: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """(terminal, record as the till wrote it) of every booked record, or of one kind, by terminal and seq."""
        asked = "SELECT terminal, payload FROM frames WHERE ?1 IN ('', kind) ORDER BY terminal, seq"
        for terminal, payload in self.db.execute(asked, (kind,)):
            yield terminal, json.loads(payload)

    def quarantined(self) -> list[tuple[str, int, str]]:
        """(terminal, seq, reason) of every record that was refused."""
        asked = "SELECT terminal, seq, reason FROM quarantine ORDER BY terminal, seq, reason"
        return self.db.execute(asked).fetchall()


class Transaction:
    """BEGIN IMMEDIATE, then COMMIT, or ROLLBACK when it was left by an exception."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        self.db.execute("ROLLBACK" if kind else "COMMIT")
