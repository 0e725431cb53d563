"""A terminal's earlier lives: what other hardware sold under its name, before it was replaced.

BARROW-0001~1 is the first life of BARROW-0001. No till has such a name, so nothing that comes off a broker is booked
there: only `ingest`, of the old one's journal, adds what it had not sent."""

from fleet.db import Db

TABLES = ("heads", "frames", "quarantine", "anchors", "tills", "seen", "boots", "answers", "refusals", "declined", "logs")
NUMBERS = 100_000  # receipt numbers left to a life for what it has not sent: a till sells some hundreds a day


def name(terminal: str, number: int) -> str:
    return f"{terminal}~{number}"


def earlier(db: Db, terminal: str) -> list[str]:
    """The names of its earlier lives, the latest first."""
    found: list[str] = []
    while db.execute("SELECT 1 FROM heads WHERE terminal = ?", (name(terminal, len(found) + 1),)).fetchone():
        found.insert(0, name(terminal, len(found) + 1))
    return found


def close(db: Db, terminal: str) -> tuple[str, int]:
    """All that the ledger has of this terminal becomes its latest earlier life; within a transaction. (its name, the least
    number of the new life's receipts)."""
    before = earlier(db, terminal)
    life = name(terminal, len(before) + 1)
    asked = "SELECT coalesce(max(no), 0) FROM frames WHERE kind = 'sale' AND terminal = ?"
    last = max(int(db.execute(asked, (each,)).fetchone()[0]) for each in (terminal, *before))
    db.execute("INSERT INTO heads(terminal, seq, h) VALUES (?, 0, ?) ON CONFLICT(terminal) DO NOTHING", (terminal, bytes(32)))
    for table in TABLES:
        db.execute(f"UPDATE {table} SET terminal = ? WHERE terminal = ?", (life, terminal))
    return life, (max(last, len(before) * NUMBERS) // NUMBERS + 1) * NUMBERS + 1
