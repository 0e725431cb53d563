"""Boot: a fresh process until the till can sell, what its imports take, and the same on a Pi by estimate.

Real time on this machine, the median of five."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figure import Figure

ROOT = Path(__file__).parents[2]
TILL = """
from tests.bench.bench_world import with_till
async def ready(bench):
    assert bench.world.frame.id == "idle"
with_till(ready)
"""
PYTHON = "import asyncio, json, struct"
PI = "import hal.__main__"  # what barrow.service starts
RUNS = 5
ZERO_2 = 12  # a Pi Zero 2 W is so many times slower (research/hardware.md: 10 to 15)


def median_ms(code: str) -> float:
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000


def measure() -> "list[Figure]":
    bare, imported = median_ms(PYTHON), median_ms(PI)
    return [
        Figure("boot.ready_ms", median_ms(TILL), "ms", 800, "python with asyncio alone", round(bare, 1)),
        Figure("boot.import_ms", imported, "ms", 800, f"Pi Zero 2, estimated x{ZERO_2}", round(imported * ZERO_2)),
    ]
