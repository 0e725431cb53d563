"""One measured number, its limit and its peer."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Figure:
    """value and limit: in unit, smaller is better; limit None: printed only. peer: what was measured beside it.
    ratio_least: of what is the better the bigger it is, how many times the peer's value it must be."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    peer: str = ""
    peer_value: float | None = None
    ratio_least: float | None = None

    @property
    def ratio(self) -> float | None:
        return round(self.value / self.peer_value, 4) if self.peer_value else None

    def held(self) -> bool:
        if self.ratio_least is not None:
            return self.ratio is not None and self.ratio >= self.ratio_least
        return self.limit is None or self.value <= self.limit

    def as_json(self) -> "dict[str, Any]":
        found: dict[str, Any] = {"value": round(self.value, 3), "unit": self.unit}
        if self.limit is not None:
            found["limit"] = self.limit
        if self.ratio_least is not None:
            found["ratio_least"] = self.ratio_least
        if self.peer:
            found |= {"peer": self.peer, "peer_value": self.peer_value, "ratio": self.ratio}
        return found

    def row(self) -> "tuple[str, ...]":
        limit = "" if self.limit is None else f"<= {self.limit:g}"
        limit = limit if self.ratio_least is None else f">= {self.ratio_least:g}x"
        peer_value = "" if self.peer_value is None else f"{self.peer_value:g}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        verdict = "" if self.limit is None and self.ratio_least is None else "held" if self.held() else "MISSED"
        return (self.name, f"{self.value:.3f}".rstrip("0").rstrip("."), self.unit, limit, self.peer, peer_value, ratio, verdict)
