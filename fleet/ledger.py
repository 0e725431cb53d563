"""The fleet's book: every record of every till, once, by (terminal, seq).

A batch is one transaction: what is already there is left, what is new is checked and added, and the head (the last seq,
and the chain there) moves on. Who asked is answered after COMMIT, from what the book then says."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from firmware.sync.wire import GENESIS, Batch
from fleet import schema
from fleet.booking import ALARM, Answer, Booking, Unlocked, make_heads
from fleet.connect import connect
from fleet.db import WrongLedger as WrongLedger
from fleet.letters import sheet_of


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

    @contextmanager
    def booking(self, terminals: Iterable[str], at: int) -> Iterator[Booking]:
        """A transaction over these tills, committed at the end. at: UTC seconds. Raises DbFault, DbDown: then nothing was
        booked, or, when the connection was lost over COMMIT, all of it."""
        names = sorted(set(terminals))
        while True:
            with self.db.transaction():
                try:
                    booking = Booking(self.db, names, at)
                except Unlocked:
                    booking = None
                if booking:
                    yield booking
                    booking.flush()
                    return
            make_heads(self.db, names)  # each by itself: nothing is held while another collector does the same

    def probe(self) -> None:
        """Does the database answer? Raises DbDown."""
        with self.db.transaction():
            self.head("")

    def take(self, batch: Batch, received_at: int) -> Answer:
        """Book one batch. Returns after COMMIT. received_at: UTC seconds."""
        with self.booking([batch.terminal], received_at) as booking:
            return booking.take(sheet_of(batch, received_at))

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
