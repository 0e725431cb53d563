"""tests/core under MicroPython, by the same runner that CPython can use: firmware is one program on two interpreters.

The wheel exists for x86_64 Linux alone; elsewhere this is skipped, aloud."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
DAY_HEAP, HEAP = "2M", "32M"  # the design's bound of the day; some stores of the tests are larger than a till's

needs_micropython = pytest.mark.skipif(
    not MICROPYTHON.exists(), reason="NO MICROPYTHON HERE: no wheel for this platform; firmware is tried on CPython alone"
)


def run(interpreter: list[str], where: Path, *names: str, program: str = "tests/core/run.py") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*interpreter, program, *names],
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
    """In two halves at once: nothing else of `make test` takes longer."""
    with ThreadPoolExecutor() as pool:
        halves = [pool.submit(run, micropython(HEAP), ROOT, half) for half in ("1/2", "2/2")]
    for done in [half.result() for half in halves]:
        assert done.returncode == 0, done.stdout + done.stderr
        assert "micropython:" in done.stdout and " 0 failed" in done.stdout


def day(interpreter: list[str], *words: str) -> subprocess.CompletedProcess[str]:
    """The day of two hundred sales, played."""
    return run(interpreter, ROOT, *words, program="tests/core/play_long_day.py")


@needs_micropython
def test_a_day_of_200_sales_is_the_same_bytes_on_both_within_the_heap_of_a_small_board():
    here, there = day([sys.executable]), day(micropython(DAY_HEAP))
    assert here.returncode == there.returncode == 0, here.stderr + there.stdout + there.stderr
    assert there.stdout == here.stdout
    assert len(here.stdout.splitlines()) == 7


def test_a_day_with_one_key_more_leaves_other_bytes():
    """The control: the comparison can fail."""
    plain, more = (day([sys.executable], *words).stdout.splitlines() for words in ((), ("more",)))
    same = [line.split(":")[0] for line, other in zip(plain, more, strict=True) if line == other]
    assert same == ["the desk, as it lies on the disk", "documents, as they lie on the disk", "sent up"], "it wakes no link"


@needs_micropython
def test_a_heap_that_is_too_small_is_found_out():
    """The control."""
    done = day(micropython("700K"))
    assert done.returncode != 0 and "memory allocation failed" in done.stdout + done.stderr


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
