"""What a campaign of the torture bench is: many independent jobs, each of which counts what it tried and what went wrong.

A campaign has controls, planted defects that it must catch: a bench that cannot fail proves nothing."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Job = tuple[Any, ...]  # pickled on its way to a worker process
LOST, DOUBLED, ALTERED = "lost", "doubled", "altered"
TOLD = 5  # findings that a table prints; the rest are counted


class Wrong(Exception):
    """An invariant that did not hold. how: LOST, DOUBLED or ALTERED, from the owner's side of the counter."""

    def __init__(self, how: str, text: str) -> None:
        super().__init__(text)
        self.how = how
        self.text = text

    def __reduce__(self) -> "tuple[type[Wrong], tuple[str, str]]":
        return Wrong, (self.how, self.text)


@dataclass
class Tally:
    """tried: cases. lost, doubled, altered: cases where a sale that was acknowledged was. facts: sums worth a line of their
    own, by name. findings: what went wrong, in words."""

    tried: int = 0
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    facts: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count the other's cases too."""
        self.tried += other.tried
        self.lost += other.lost
        self.doubled += other.doubled
        self.altered += other.altered
        for name, value in other.facts.items():
            self.facts[name] = self.facts.get(name, 0) + value
        self.findings += other.findings[: max(0, TOLD - len(self.findings))]

    def blame(self, wrong: Wrong, where: str) -> None:
        """Count one that went wrong; `where` is enough to try it again."""
        setattr(self, wrong.how, getattr(self, wrong.how) + 1)
        if len(self.findings) < TOLD:
            self.findings.append(f"{where}: {wrong.how}: {wrong.text}")

    @property
    def clean(self) -> bool:
        return self.lost == self.doubled == self.altered == 0


class Campaign(ABC):
    """name: as `make torture C=` and out/torture.json have it. size: cases of a full run. unit: what a case is. slice: cases
    that `make test` tries. minutes: what a full run takes here, on two cores."""

    name: str
    unit: str
    size: int
    slice: int
    minutes: int

    def missing(self) -> str:
        """What this machine lacks for it; "" when it can run."""
        return ""

    @abstractmethod
    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        """The same for the same seed. They may go on for ever: none is begun once `size` cases are tried."""

    @abstractmethod
    def work(self, job: Job) -> Tally:
        """Do one job, in a worker process of its own."""

    @abstractmethod
    def controls(self) -> list[str]:
        """Names of the planted defects."""

    @abstractmethod
    def caught(self, control: str) -> bool:
        """Plant the defect, work, and say whether it was found. In a worker process; leaves nothing planted behind."""
