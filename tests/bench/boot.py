"""Boot: a fresh process until the till can sell. Real time on this machine, the median of five."""

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
RUNS = 5


def median_ms(code: str) -> float:
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000


def measure() -> "list[Figure]":
    return [Figure("boot.ready_ms", median_ms(TILL), "ms", 800, "python with asyncio alone", round(median_ms(PYTHON), 1))]
