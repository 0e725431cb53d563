"""Installation: `make install ROOT=` into an empty root, with the packages that a till has, by their hashes.

Real time on this machine, and with this machine's index of packages: on a Pi the card, the processor and evdev's compiler take
longer. The venv that lies there is one for this machine's processor."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figure import Figure

ROOT = Path(__file__).parents[2]
LIMIT_S = 300


def seconds(root: str, *how: str) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "hal.install", "--root", root, "--python", sys.executable, *how]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PIP_QUIET": "1"}, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure() -> "list[Figure]":
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as bare:
        files = seconds(bare, "--files-only")
        return [Figure("install.empty_root_s", seconds(whole), "s", LIMIT_S, "without Python's packages", round(files, 1))]
