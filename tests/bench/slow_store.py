"""How long until a sale is durable on a store as slow as an SD card, in real time: the till's own store and journal over ext4
on disks that take 2 ms for a write and 10 ms for a flush, and SQLite on one like them. The kernel counts what reaches them
(/sys/block/LOOP/stat). SQLite has one copy, the till two.

Sales here come one after another, as fast as they can. What ext4 adds on its own, an inode's new time once a minute, meets the
fewest of them. The last figure is of a sale and all that is ever written for it."""

import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from firmware.journal.rollup import Rollup
from hal.store import OsDisk
from hal.worker import Thread
from tests.bench.figure import Figure
from tests.bench.journal_store import sale
from tests.crash import stand
from tests.crash.served_disk import MEMORY, Served, missing, served

WRITE_MS, FLUSH_MS = 2, 10
SIZE = 48 << 20  # bytes of a disk
SEGMENT = 4 << 20
SALES, PEER_SALES, ALONE = 200, 100, 2
SECTOR, BLOCK = 512, 4096
BARE = "bare.seg"
BESIDE = "two bare writes and syncs"  # where these miss the limit too, the machine is busy
PEERS = {"SQLite WAL+FULL": ("WAL", "FULL"), "SQLite DELETE+EXTRA": ("DELETE", "EXTRA")}


class Cost(NamedTuple):
    """ms: until it was durable. size: bytes that the first device took. flushes: of it."""

    ms: float
    size: int
    flushes: int


class Meter:
    """What the kernel counts of a device (Documentation/admin-guide/iostats.rst: sectors written, flushes)."""

    def __init__(self, disk: Served) -> None:
        self.stat = Path("/sys/block") / Path(disk.device).name / "stat"

    def read(self) -> tuple[int, int]:
        """Bytes written, and flushes."""
        fields = self.stat.read_text().split()
        return int(fields[6]) * SECTOR, int(fields[15])

    def since(self, began: float, before: "tuple[int, int]") -> Cost:
        """What a sale took; began: by perf_counter."""
        ms, after = (time.perf_counter() - began) * 1000, self.read()
        return Cost(ms, after[0] - before[0], after[1] - before[1])


@contextmanager
def slow(count: int) -> Iterator[list[Served]]:
    """So many slow disks."""
    settings = (f"write_ms={WRITE_MS}", f"flush_ms={FLUSH_MS}")
    with tempfile.TemporaryDirectory(prefix="barrow-slow-", dir=MEMORY) as scratch, ExitStack() as stack:
        yield [stack.enter_context(served(Path(scratch) / str(n), SIZE, *settings, measured=True)) for n in range(count)]


class Day(NamedTuple):
    """sales: one after another. bare_ms: of a write and a sync on each disk, after each sale. alone: bytes of a sale
    with whatever else ext4 writes for it, sooner or later."""

    sales: list[Cost]
    bare_ms: list[float]
    alone: float


def bare(media: list[OsDisk]) -> float:
    """Milliseconds that the disks and the machine take for it when no program of ours is between."""
    began = time.perf_counter()
    for medium in media:
        medium.pwrite(BARE, 0, bytes(BLOCK))
        medium.fdatasync(BARE)
    return (time.perf_counter() - began) * 1000


def settle(disks: list[Served]) -> None:
    """Have ext4 write what it still means to (sync(1), syncfs(2))."""
    for disk in disks:
        subprocess.run(("sync", "-f", str(disk.folder)), check=True)


def journal() -> Day:
    """With the till's own store, mirror, journal and thread."""

    async def day(media: list[OsDisk], disks: list[Served]) -> Day:
        worker, meter, found, bare_ms = Thread(), Meter(disks[0]), [], []
        for medium in media:
            medium.create(BARE, BLOCK)
            medium.sync_dir()
        till = stand.journal(media, "main", Rollup(), SEGMENT, worker)
        await till.recover()
        for no in range(1, SALES + 1):
            began, before = time.perf_counter(), meter.read()
            await till.append("sale", no, sale(no))
            found.append(meter.since(began, before))
            bare_ms.append(bare(media))
        settle(disks)
        start = meter.read()[0]
        for no in range(SALES + 1, SALES + ALONE + 1):
            await till.append("sale", no, sale(no))
            settle(disks)
        worker.close()
        return Day(found, bare_ms, (meter.read()[0] - start) / ALONE)

    with slow(2) as disks:
        media = [OsDisk(disk.folder) for disk in disks]
        try:
            return asyncio.run(day(media, disks))
        finally:
            for medium in media:
                medium.close()


def sqlite(journal_mode: str, synchronous: str) -> list[Cost]:
    """Of each sale, in one table."""
    with slow(1) as disks, closing(sqlite3.connect(disks[0].folder / "sales.db", isolation_level=None)) as db:
        meter, found = Meter(disks[0]), []
        db.execute(f"PRAGMA journal_mode={journal_mode}")
        db.execute(f"PRAGMA synchronous={synchronous}")
        db.execute("CREATE TABLE sales (seq INTEGER PRIMARY KEY, body TEXT)")
        for no in range(1, PEER_SALES + 1):
            began, before = time.perf_counter(), meter.read()
            db.execute("INSERT INTO sales VALUES (?, ?)", (no, json.dumps(sale(no))))
            found.append(meter.since(began, before))
        return found


def p99(took: "list[float]") -> float:
    return statistics.quantiles(took, n=100)[98]


def measure() -> "list[Figure]":
    """None of them where such a disk cannot be had, and a line that says why."""
    if lacks := missing():
        print(f"no slow store, only its model: {lacks}", file=sys.stderr, flush=True)
        return []
    day = journal()
    ms = [cost.ms for cost in day.sales]
    took, size = p99(ms), statistics.median(cost.size for cost in day.sales)
    found = [
        Figure("sale.durable_p99_ms", took, "ms", 35, BESIDE, p99(day.bare_ms)),
        Figure("sale.durable_p50_ms", statistics.median(ms), "ms", None, BESIDE, statistics.median(day.bare_ms)),
        Figure("sale.device_bytes", size, "B", BLOCK),
        Figure("sale.flushes", statistics.median(cost.flushes for cost in day.sales), "a sale", 1),
        Figure("sale.device_bytes.alone", day.alone, "B"),
    ]
    for name, mode in PEERS.items():
        beside, word = sqlite(*mode), name.rpartition(" ")[2].replace("+", "_").lower()
        bytes_beside = statistics.median(cost.size for cost in beside)
        found.append(Figure(f"sale.durable_p99_ms.beside_{word}", took, "ms", 35, name, p99([cost.ms for cost in beside])))
        found.append(Figure(f"sale.device_bytes.beside_{word}", size, "B", BLOCK, name, bytes_beside))
    return found
