"""How often what came in was refused, by terminal and reason: what a flood of rubbish leaves in the ledger is one row."""

from fleet.ledger import Ledger

STRANGER = "-"  # no terminal's own row: names are free to whoever makes them up
WRITE_EVERY_S = 1  # at most: a flood must not become a flood of commits
INSERT = """INSERT INTO refusals(terminal, reason, times, first_at, last_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT(terminal, reason) DO UPDATE SET times = refusals.times + excluded.times, last_at = excluded.last_at"""


class Refusals:
    """Counts in memory, and writes now and then; `flush` at the end."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.counted: dict[tuple[str, str], int] = {}
        self.written_at = 0

    def note(self, terminal: str, reason: str, at: int) -> None:
        """One more. terminal: "" where nobody knows; one that the ledger has never heard of counts with the strangers.
        at: UTC seconds. Raises DbFault."""
        key = (terminal if terminal and self._heard_of(terminal) else STRANGER, reason)
        self.counted[key] = self.counted.get(key, 0) + 1
        if at - self.written_at >= WRITE_EVERY_S or at < self.written_at:
            self.flush(at)

    def flush(self, at: int) -> None:
        """Write what is counted. Raises DbFault, and then it is still counted."""
        if self.counted:
            with self.ledger.db.transaction():
                for (terminal, reason), times in sorted(self.counted.items()):
                    self.ledger.db.execute(INSERT, (terminal, reason, times, at, at))
            self.counted = {}
        self.written_at = at

    def _heard_of(self, terminal: str) -> bool:
        asked = "SELECT 1 FROM tills WHERE terminal = ? UNION ALL SELECT 1 FROM heads WHERE terminal = ?"
        return self.ledger.db.execute(asked, (terminal, terminal)).fetchone() is not None

    def all(self) -> list[tuple[str, str, int, int, int]]:
        """(terminal, reason, times, first and last in UTC seconds)."""
        asked = "SELECT terminal, reason, times, first_at, last_at FROM refusals ORDER BY terminal, reason"
        return self.ledger.db.execute(asked).fetchall()
