"""What became of each sale: when it was made, when the fleet said that it is in the ledger, and whether it is."""

import itertools
import statistics
from dataclasses import dataclass, field
from typing import Any

from fleet.ledger import Ledger

Sale = tuple[str, int]  # terminal, and how many sales of it came before


@dataclass
class Score:
    """sold, known: time.monotonic() of each. killed: (when, what)."""

    sold: dict[Sale, float] = field(default_factory=dict)
    known: dict[Sale, float] = field(default_factory=dict)
    killed: list[tuple[float, str]] = field(default_factory=list)

    def delays_ms(self) -> list[float]:
        """From the sale on the till's disk to the fleet's word, which it gives after its COMMIT."""
        return sorted((at - self.sold[sale]) * 1000 for sale, at in self.known.items() if sale in self.sold)

    def share_ms(self, percent: int) -> int:
        delays = self.delays_ms()
        return round(delays[min(len(delays) - 1, len(delays) * percent // 100)]) if delays else 0

    def pause_s(self, begin: float, end: float) -> float:
        """The longest time without any word of the fleet between two moments."""
        words = [begin, *sorted(at for at in self.known.values() if begin < at < end), end]
        return max(later - earlier for earlier, later in itertools.pairwise(words))

    def pauses(self, ended: float) -> list[tuple[str, float]]:
        """(what was killed, the longest silence before the next kill)."""
        ends = [*(at for at, _ in self.killed), ended][1:]
        return [(what, self.pause_s(at, end)) for (at, what), end in zip(self.killed, ends, strict=True)]

    def as_json(self, judged: "Judged") -> dict[str, Any]:
        return {
            "sent": len(self.sold),
            "acknowledged": len(self.known),
            "lost": judged.lost,
            "doubled": judged.doubled,
            "altered": judged.altered,
            "p50_ms": self.share_ms(50),
            "p99_ms": self.share_ms(99),
            "max_ms": round(max(self.delays_ms(), default=0)),
            "mean_ms": round(statistics.fmean(self.delays_ms() or [0])),
        }


@dataclass
class Judged:
    """Records: lost, that a till counts as acknowledged and the ledger has not; sales that it has twice; and other bytes."""

    lost: int = 0
    doubled: int = 0
    altered: int = 0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.altered)

    def till(self, ledger: Ledger, name: str, journaled: list[bytes], acknowledged: int) -> None:
        """One till's journal beside what the ledger has of it. acknowledged: its last record that the fleet gave its word on."""
        asked = "SELECT seq, payload FROM frames WHERE terminal = ? ORDER BY seq"
        held = {seq: bytes(payload) for seq, payload in ledger.db.execute(asked, (name,))}
        for seq, payload in enumerate(journaled, 1):
            if seq not in held:
                self.lost += seq <= acknowledged
            elif held[seq] != payload:
                self.altered += 1
        self.altered += sum(seq > len(journaled) for seq in held)
        asked = "SELECT no FROM frames WHERE terminal = ? AND kind = 'sale' GROUP BY no HAVING count(*) > 1"
        self.doubled += len(ledger.db.execute(asked, (name,)).fetchall())
