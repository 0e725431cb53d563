"""What the torture bench owes, line by line: how much was tried, how fast the journal is, and what neither may be below.

The figures of time come from tests/bench/journal.py; they run first, while the machine is quiet."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.bench import journal
from tests.bench.figure import Figure
from tests.crash.runner import Outcome

NAME = "journal_figures"  # as `make torture C=` and out/torture.json have it


class Aim(NamedTuple):
    """campaign: whose. fact: which of its sums; "" is what it tried. least: of it in a full run."""

    campaign: str
    fact: str
    words: str
    least: int


AIMS = (
    Aim("disk_states", "", "crash states", 2_000_000),
    Aim("block_cuts", "", "power cuts under a real ext4", 3_000),
    Aim("kills", "cpython_kills", "kills of CPython", 500),
    Aim("kills", "micropython_kills", "kills of MicroPython", 300),
    Aim("syscall_kills", "", "kills at exact system calls", 200),
    Aim("till_days", "", "sales in till-days", 100_000),
    Aim("till_days", "days_a_minute", "till-days a minute", 0),
    Aim("tamper", "", "changes to a journal", 100_000),
)


def measured() -> "list[Figure]":
    """Bytes and flushes of a sale, how long until it is durable, and the ways back to it, SQLite beside."""
    return journal.measure()


def lines(outcomes: "Iterable[Outcome]", figures: "list[Figure]") -> "list[str]":
    """One a figure: what it is, what came out, what it must be, the verdict."""
    found = {outcome.campaign.name: outcome.as_json() for outcome in outcomes if not outcome.skipped}
    rows = [("how well", "came out", "aim", "")]
    for aim in AIMS:
        if aim.campaign in found:
            value = int(found[aim.campaign].get(aim.fact or "tried", 0))
            wrong = sum(int(found[aim.campaign][how]) for how in ("lost", "doubled", "altered"))
            verdict = "WRONG" if wrong else "held" if value >= aim.least else "a part of a run"
            told = "tried, missed" if aim.campaign == "tamper" else "tried, sales lost, doubled or altered"
            amount = f"{value:,}" if aim.fact == "days_a_minute" else f"{value:,} {told}: {wrong}"
            rows.append((aim.words, amount, f">= {aim.least:,}" if aim.least else "", verdict if aim.least else ""))
    for figure in figures:
        name, value, unit, limit, peer, beside, _, verdict = figure.row()
        rows.append((name, f"{value} {unit}" + (f", {peer} {beside}" if peer else ""), limit, verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]
