"""tests/core under MicroPython, by the same runner that CPython can use: firmware is one program on two interpreters.

The wheel exists for x86_64 Linux alone; elsewhere this is skipped, aloud."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
DAY_HEAP, HEAP = "2M", "8M"  # README section 6 bounds the day; some stores of the tests are larger than a till's

needs_micropython = pytest.mark.skipif(
    not MICROPYTHON.exists(), reason="NO MICROPYTHON HERE: no wheel for this platform; firmware is tried on CPython alone"
)


def run(interpreter: list[str], where: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*interpreter, "tests/core/run.py", *names],
        cwd=where,
        env={**os.environ, "MICROPYPATH": ".frozen:."},
        capture_output=True,
        text=True,
        timeout=120,
    )


def micropython(heap: str) -> list[str]:
    return [str(MICROPYTHON), "-X", f"heapsize={heap}"]


@needs_micropython
def test_the_core_passes_under_micropython():
    done = run(micropython(HEAP), ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "micropython:" in done.stdout and " 0 failed" in done.stdout


@needs_micropython
def test_a_scripted_day_fits_the_heap_of_micropython():
    done = run(micropython(DAY_HEAP), ROOT, "test_day", "same_bytes")
    assert done.stdout == "micropython: 1 passed, 0 failed\n", done.stdout + done.stderr


@pytest.mark.parametrize(
    "interpreter", [[sys.executable], pytest.param(micropython(HEAP), marks=needs_micropython)], ids=["cpython", "micropython"]
)
def test_the_runner_fails_when_a_test_does(tmp_path, interpreter):
    """The control: a wrong assert, and a test in which everything waits for nothing."""
    core = tmp_path / "tests" / "core"
    core.mkdir(parents=True)
    for name in ("run.py", "vtime.py"):
        shutil.copy(ROOT / "tests" / "core" / name, core)
    (core / "test_wrong.py").write_text("def test_right():\n    pass\n\n\ndef test_wrong():\n    assert 1 == 2\n")
    (core / "test_stuck.py").write_text(
        "import asyncio\nfrom tests.core import vtime\n\n\n"
        "def test_stuck():\n    async def wait():\n        await asyncio.Event().wait()\n\n    vtime.run(wait())\n"
    )
    done = run(interpreter, tmp_path)
    assert done.returncode == 1
    assert "FAILED test_wrong.py test_wrong" in done.stdout
    assert "FAILED test_stuck.py test_stuck" in done.stdout
    assert "1 passed, 2 failed" in done.stdout
