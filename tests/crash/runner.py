"""Runs a campaign over the cores of the machine, shows how far it is, and says what came out."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from typing import Any, NamedTuple, TextIO

from tests.crash.campaign import Campaign, Job, Tally

QUEUED = 3  # jobs that wait for each worker
COLUMNS = ("campaign", "tried", "unit", "lost", "doubled", "altered", "controls", "missed", "seconds", "a second")


class Outcome(NamedTuple):
    """One campaign's end. skipped: why it did not run. missed: controls that it did not catch."""

    campaign: Campaign
    tally: Tally
    controls: int
    missed: list[str]
    seconds: float
    skipped: str = ""

    @property
    def good(self) -> bool:
        return not self.skipped and self.tally.clean and not self.missed and self.tally.tried > 0

    def as_json(self) -> dict[str, Any]:
        tally = self.tally
        row: dict[str, Any] = {"tried": tally.tried, "lost": tally.lost, "doubled": tally.doubled, "altered": tally.altered}
        row |= {"control_missed": len(self.missed), "seconds": round(self.seconds, 1), "controls": self.controls, **tally.facts}
        if "days" in tally.facts and self.seconds:
            row["days_a_minute"] = round(tally.facts["days"] * 60 / self.seconds)
        if self.skipped:
            row["skipped"] = self.skipped
        return row

    def row(self) -> tuple[str, ...]:
        tally = self.tally
        if self.skipped:
            return (self.campaign.name, "skipped", "", "", "", "", "", "", "", "")
        pace = f"{tally.tried / self.seconds:,.0f}" if self.seconds else ""
        counts = (f"{tally.tried:,}", self.campaign.unit, str(tally.lost), str(tally.doubled), str(tally.altered))
        return (self.campaign.name, *counts, str(self.controls), str(len(self.missed)), f"{self.seconds:.0f}", pace)


class Limits(NamedTuple):
    """cases: to try; 0 is the campaign's own size. seconds: no new job after that; 0 is no limit."""

    cases: int = 0
    seconds: float = 0.0
    seed: int = 1
    workers: int = os.cpu_count() or 1


def run(campaign: Campaign, limits: Limits, tell: TextIO) -> Outcome:
    """The jobs, then the controls."""
    lacks = campaign.missing()
    if lacks:
        return Outcome(campaign, Tally(), 0, [], 0.0, lacks)
    size, started = limits.cases or campaign.size, time.monotonic()
    progress = Progress(campaign, size, tell)
    tally, missed = Tally(), []
    with ProcessPoolExecutor(limits.workers, mp_context=get_context("fork")) as pool:
        deadline = started + limits.seconds if limits.seconds else float("inf")

        def counted(_: Job, found: Tally) -> None:
            tally.add(found)
            progress.show(tally)

        def over() -> bool:
            return tally.tried >= size or time.monotonic() >= deadline

        spread(pool, limits.workers, campaign.work, campaign.jobs(size, limits.seed), over, counted)
        seconds = time.monotonic() - started

        def judged(job: Job, caught: bool) -> None:
            if not caught:
                missed.append(job[0])

        controls = campaign.controls()
        spread(pool, limits.workers, caught_by(campaign), ((name,) for name in controls), lambda: False, judged)
    progress.end()
    return Outcome(campaign, tally, len(controls), missed, seconds)


class caught_by:
    """campaign.caught, for a job: can be pickled."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def __call__(self, job: Job) -> bool:
        return self.campaign.caught(job[0])


def spread(
    pool: ProcessPoolExecutor,
    workers: int,
    work: Callable[[Job], Any],
    jobs: Iterator[Job],
    over: Callable[[], bool],
    done: Callable[[Job, Any], None],
) -> None:
    """Every job through the pool, few at a time, none begun once it is over; done(job, what it gave) here."""
    running: dict[Future[Any], Job] = {}
    more = True
    while more or running:
        more = more and not over()
        if more:
            fresh = list(islice(jobs, workers * QUEUED - len(running)))
            running |= {pool.submit(work, job): job for job in fresh}
            more = bool(fresh) or len(running) == workers * QUEUED
        if running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done(running.pop(future), future.result())


class Progress:
    """One line that is rewritten on a terminal, once in a while; elsewhere a line a quarter."""

    def __init__(self, campaign: Campaign, size: int, out: TextIO) -> None:
        self.campaign = campaign
        self.size = size
        self.out = out
        self.live = out.isatty()
        self.started = self.told = time.monotonic()
        self.quarter = 0

    def show(self, tally: Tally) -> None:
        now, quarter = time.monotonic(), tally.tried * 4 // self.size
        if (now - self.told < 0.5) if self.live else (quarter <= self.quarter):
            return
        self.told, self.quarter = now, quarter
        wrong = tally.lost + tally.doubled + tally.altered
        share = min(100, tally.tried * 100 // self.size)
        text = f"{self.campaign.name}: {tally.tried:,} of {self.size:,} {self.campaign.unit} ({share} %), {wrong} wrong"
        self.out.write(f"\r{text}, {now - self.started:.0f} s\033[K" if self.live else f"{text}, {now - self.started:.0f} s\n")
        self.out.flush()

    def end(self) -> None:
        if self.live:
            self.out.write("\r\033[K")


def table(outcomes: "list[Outcome]") -> str:
    """The closing table, and under it what was found, what was skipped, and each campaign's own figures."""
    rows = [COLUMNS, *(outcome.row() for outcome in outcomes)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]
    for outcome in outcomes:
        name = outcome.campaign.name
        if outcome.tally.facts:
            lines.append(
                f"{name}: " + ", ".join(f"{value:,} {fact.replace('_', ' ')}" for fact, value in outcome.tally.facts.items())
            )
        lines += [f"{name}: WRONG {finding}" for finding in outcome.tally.findings]
        lines += [f"{name}: NOT CAUGHT: {control}" for control in outcome.missed]
        if outcome.skipped:
            lines.append(f"{name}: SKIPPED: {outcome.skipped}")
    return "\n".join(lines)
