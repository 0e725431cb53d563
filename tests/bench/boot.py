"""Boot: the real process `python -m hal run`, from its start until it tells systemd that it is ready, which it is with `idle` on
the panel; what its imports take of that; and the same on a Pi by estimate.

Real time on this machine, of several starts over one store, with everything plugged in (tests/bench/stall.py) where Debian's
umockdev is here. What a Pi's kernel and its SD card take comes on top."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.idle import edit
from tests.bench.stall import Chips, Stall
from tests.contract.nodes import preload_is_here

ROOT = Path(__file__).parents[2]
IMPORTS = "import hal.__main__"  # what barrow.service starts
RUNS = 7
PATIENCE_S = 30
NOBODY = 9  # the discard port: a till is ready without a broker
ZERO_2 = 12  # a Pi Zero 2 W is so many times slower (research/hardware.md: 10 to 15)


def ready_ms(config: Path, environ: "dict[str, str]") -> float:
    """One start."""
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name + "/notify")
        systemd.settimeout(PATIENCE_S)
        command = [sys.executable, "-m", "hal", "run", "--config", str(config)]
        told = {**os.environ, **environ, "NOTIFY_SOCKET": name + "/notify"}
        began = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, env=told, stderr=subprocess.DEVNULL) as till:
            try:
                while not systemd.recv(4096).startswith(b"READY=1"):
                    pass
                return (time.perf_counter() - began) * 1000
            finally:
                till.terminate()
                till.wait(PATIENCE_S)


def starts_ms() -> "list[float]":
    """Each of several starts over one store, the first of them over an empty one."""
    with tempfile.TemporaryDirectory() as name:
        config = Path(name) / "config"
        shutil.copytree(ROOT / "config", config)
        edit(config / "board.json", store={"folder": name, "mirror": ""})
        if not preload_is_here():
            print("boot: devices need umockdev; measured without any", file=sys.stderr)
            return [ready_ms(config, {}) for _ in range(RUNS)]
        chips = Chips()
        stall = Stall(Path(name), chips, NOBODY)
        try:
            stall.fit(config, False)
            return [ready_ms(config, stall.environ()) for _ in range(RUNS)]
        finally:
            stall.close()
            chips.close()


def import_ms() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, cwd=ROOT)
    return (time.perf_counter() - began) * 1000


def beside_a_pi(name: str, ms: float, limit: "float | None" = None) -> Figure:
    return Figure(name, ms, "ms", limit, f"Pi Zero 2, estimated x{ZERO_2}", round(ms * ZERO_2))


def measure() -> "list[Figure]":
    took = starts_ms()
    return [
        beside_a_pi("boot.ready_ms", statistics.median(took), 800),
        beside_a_pi("boot.ready_worst_ms", max(took)),
        beside_a_pi("boot.import_ms", statistics.median(import_ms() for _ in range(RUNS)), 800),
    ]
