"""The journal: how long until a sale is durable, what it costs the disk, and how long a boot takes after a
million sales, and to find one of them.

Durability is measured on a slow disk under a real ext4 (slow_store.py). Its model, which runs anywhere, is virtual time on the
bench's disks at the same prices; SQLite's calls are counted by strace and priced alike: writes that touch are one, and what the
file system adds of its own is not counted."""

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from firmware.journal.journal import Journal
from firmware.journal.mirror import Mirror
from firmware.journal.query import Query, Want
from firmware.journal.rollup import Rollup
from firmware.journal.shelf import Shelf
from hal.store import FileStore, OsDisk
from hal.worker import Inline
from sim.chips.disk import BenchWorker, Disk
from sim.clock import run
from sim.power import Power
from tests.bench import slow_store
from tests.bench.figure import Figure
from tests.bench.journal_store import AT_S, EVERY_S, build, sale
from tests.bench.slow_store import BLOCK, FLUSH_MS, PEERS, WRITE_MS, p99

ROOT = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
SALES, MILLION = 2000, 1_000_000
CALL = re.compile(r'pwrite64\((\d+), ""\.\.\., (\d+), (\d+)\)|(fdatasync|fsync)\((\d+)\)')
PEER = """
import json, sqlite3, sys
from tests.bench.journal_store import sale
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=" + sys.argv[2]); db.execute("PRAGMA synchronous=" + sys.argv[3])
db.execute("CREATE TABLE sales (seq INTEGER PRIMARY KEY, body TEXT)")
sys.stderr.write("go"); sys.stderr.flush()
for no in range(1, 201):
    db.execute("INSERT INTO sales VALUES (?, ?)", (no, json.dumps(sale(no))))
"""


class Quiet:
    """A log that nobody reads."""

    def say(self, who: str, text: str) -> None:
        """Nothing."""


class Counted(Disk):
    """blocks: of 4 KiB, touched between syncs, one sum a sync."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[int] = []
        self._touched: set[tuple[str, int]] = set()

    def pwrite(self, name: str, offset: int, data: bytes) -> None:
        super().pwrite(name, offset, data)
        self._touched |= {(name, block) for block in range(offset // BLOCK, (offset + len(data) - 1) // BLOCK + 1)}

    def fdatasync(self, name: str) -> None:
        super().fdatasync(name)
        self.blocks.append(len(self._touched))
        self._touched = set()


def durable(copies: int) -> "tuple[list[float], Counted]":
    """Virtual milliseconds of each sale, and the first disk."""

    async def day() -> "tuple[list[float], Counted]":
        disks = [Counted() for _ in range(copies)]
        stores = [FileStore(disk, BenchWorker(disk, Power().check), Quiet()) for disk in disks]
        store = Mirror(stores[0], stores[1], Quiet()) if copies == 2 else stores[0]
        journal = Journal(store, "main", Rollup(), Quiet())
        await journal.recover()
        for disk in disks:
            disk.write_ms, disk.sync_ms, disk.blocks = WRITE_MS, FLUSH_MS, []
        loop, took = asyncio.get_running_loop(), []
        for no in range(1, SALES + 1):
            before = loop.time()
            await journal.append("sale", no, sale(no))
            took.append((loop.time() - before) * 1000)
        return took, disks[0]

    return run(day())


def peer(journal_mode: str, synchronous: str) -> "tuple[float, float] | None":
    """(p99 ms, mean device bytes) of SQLite's commits at the same prices; None without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "calls"
        trace = ["strace", "-f", "-s", "0", "-e", "trace=pwrite64,fdatasync,fsync,write", "-o", str(log)]
        program = [sys.executable, "-c", PEER, str(Path(scratch) / "sales.db"), journal_mode, synchronous]
        done = subprocess.run([*trace, *program], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
        if done.returncode:
            return None
        lines = log.read_text().splitlines()
    start = max(i for i, line in enumerate(lines) if "write(2," in line)
    ms, size = priced(lines[start + 1 :])
    commits = 200
    per = [sum(ms[i * len(ms) // commits : (i + 1) * len(ms) // commits]) for i in range(commits)]
    return p99(per), size / commits


def priced(lines: "list[str]") -> "tuple[list[float], int]":
    """Milliseconds of each flush with the writes before it, and bytes in whole blocks."""
    ms, size = [], 0
    runs: dict[str, list[tuple[int, int]]] = {}
    for line in lines:
        call = CALL.search(line)
        if call is None:
            continue
        if call[1]:
            runs.setdefault(call[1], []).append((int(call[3]), int(call[3]) + int(call[2])))
            continue
        blocks = {at // BLOCK for first, last in runs.pop(call[5], []) for at in range(first // BLOCK * BLOCK, last, BLOCK)}
        writes = sum(1 for block in blocks if block - 1 not in blocks)
        ms.append(writes * WRITE_MS + FLUSH_MS)
        size += len(blocks) * BLOCK
    return ms, size


def recover_ms(folder: Path, mirror: Path, sales: int) -> float:
    """Real milliseconds of a boot, best of five, both copies."""

    async def boot() -> float:
        stores = [FileStore(OsDisk(each), Inline(), Quiet()) for each in (folder, mirror)]
        rollup = Rollup()
        journal = Journal(Mirror(stores[0], stores[1], Quiet()), "main", rollup, Quiet())
        before = time.perf_counter()
        await journal.recover()
        took = (time.perf_counter() - before) * 1000
        if (journal.seq, rollup.sales, rollup.totals.period("")["total"]) != (sales, sales, 350 * sales):
            raise AssertionError("the million is not there")
        return took

    return min(asyncio.run(boot()) for _ in range(5))


def find_ms(folder: Path, sales: int) -> float:
    """Real milliseconds to a sale by its receipt number, the median of 300 in no order, the files warm."""

    async def ask() -> float:
        shelf = Shelf(FileStore(OsDisk(folder), Inline(), Quiet()), "main")
        await shelf.look()
        query = Query(shelf, lambda: sales)
        took = []
        for i in range(301):
            no = 1 + i * 7919 * 127 % sales
            before = time.perf_counter()
            found = await query.by_number(no)
            took.append((time.perf_counter() - before) * 1000)
            if found is None or found["no"] != no:
                raise AssertionError(f"sale {no} is not there")
        return statistics.median(took[1:])

    return asyncio.run(ask())


def find_amount_ms(folder: Path, sales: int) -> float:
    """Real milliseconds to know that no sale of the last 35 days came to this amount, best of three, the files warm."""

    async def ask() -> float:
        shelf = Shelf(FileStore(OsDisk(folder), Inline(), Quiet()), "main")
        await shelf.look()
        query = Query(shelf, lambda: sales)
        want, before = Want(amount=351, since=AT_S + sales * EVERY_S - 35 * 86_400), time.perf_counter()
        if await query.newest(want):
            raise AssertionError("there is a sale that nobody sold")
        return (time.perf_counter() - before) * 1000

    return min(asyncio.run(ask()) for _ in range(3))


def million_ms() -> "tuple[float, float, float]":
    """Of a boot, of a sale by its number, and of an amount that nobody paid."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, mirror = Path(scratch) / "one", Path(scratch) / "two"
        folder.mkdir()
        mirror.mkdir()
        build(folder, MILLION)
        names = sorted(path.name for path in folder.iterdir())
        for name in names[:-1]:
            os.link(folder / name, mirror / name)  # a boot does not read these
        shutil.copy(folder / names[-1], mirror / names[-1])
        return recover_ms(folder, mirror, MILLION), find_ms(folder, MILLION), find_amount_ms(folder, MILLION)


def full_segment_ms(interpreter: "list[str]") -> float:
    """Real milliseconds to recover one full segment, best of five."""
    done = subprocess.run(
        [*interpreter, "tests/bench/full_segment.py"],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": ".frozen:."},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def measure() -> "list[Figure]":
    two, disk = durable(2)
    one, _ = durable(1)
    found = [
        *slow_store.measure(),
        Figure("sale.durable_p99_ms.model", p99(two), "ms", 35, "one copy", p99(one)),
        Figure("sale.device_bytes.model", statistics.mean(disk.blocks) * BLOCK, "B", BLOCK),
        Figure("sale.flushes.model", len(disk.blocks) / SALES, "a sale", 1.01),
    ]
    for name, mode in PEERS.items():
        if cost := peer(*mode):
            word = name.rpartition(" ")[2].replace("+", "_").lower()
            size = statistics.mean(disk.blocks) * BLOCK
            found.append(Figure(f"sale.durable_p99_ms.model.beside_{word}", p99(two), "ms", 35, name, cost[0]))
            found.append(Figure(f"sale.device_bytes.model.beside_{word}", size, "B", BLOCK, name, cost[1]))
    recover, find, find_amount = million_ms()
    found.append(Figure("journal.recover_1m_ms", recover, "ms", 100))
    found.append(Figure("journal.find_1m_ms", find, "ms", 2))
    found.append(Figure("journal.find_amount_ms", find_amount, "ms", 1000))
    found.append(Figure("journal.full_segment_ms", full_segment_ms([sys.executable]), "ms", 100))
    if MICROPYTHON.exists():
        found.append(Figure("mpy.full_segment_ms", full_segment_ms([str(MICROPYTHON), "-X", "heapsize=24M"]), "ms", 150))
    return found
