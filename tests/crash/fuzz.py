"""Bytes from outside, by hypothesis: noise, real messages altered, and values of the wrong kind in every place."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.crash import fuzz_files, fuzz_targets, fuzz_wire
from tests.crash.campaign import ALTERED, Campaign, Job, Tally, Wrong
from tests.crash.fuzz_targets import Check, only

BATCH = 36  # inputs of a job
HANG_S = 5  # for one input, on a machine that does other things too
MEMORY_KIB = 64 << 10
PROC = Path("/proc/self")


def reads_the_first_byte(data: bytes) -> None:
    """A parser that forgets that there may be none."""
    only(ValueError, lambda data: data[0])(data)


def believes_a_length(data: bytes) -> None:
    """A parser that takes what a length says, of bytes that are not there."""
    if data[:1] == b"\xff":
        assert len(data) >= 4


def takes_what_a_length_says(data: bytes) -> None:
    """A parser that makes room before it looks."""
    assert b"\xff" * (96 << 20 if data[:1] > b"\x80" else 1)


TARGETS = fuzz_targets.TARGETS | fuzz_wire.TARGETS | fuzz_files.TARGETS
DEFECTS: "dict[str, tuple[st.SearchStrategy[Any], Check]]" = {
    "no look at the length": (st.binary(), reads_the_first_byte),
    "a length believed": (st.binary(), believes_a_length),
    "room made for a length": (st.binary(), takes_what_a_length_says),
}


def try_out(target: "tuple[st.SearchStrategy[Any], Check]", count: int, with_seed: int) -> None:
    """So many inputs. Raises what the parser must not, with the smallest input in its notes."""
    strategy, check = target

    @seed(with_seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(strategy)
    def run(data: Any) -> None:
        started = time.monotonic()
        check(data)
        assert time.monotonic() - started < HANG_S, "it hangs"

    run()


def bounded(target: "tuple[st.SearchStrategy[Any], Check]", with_seed: int) -> None:
    """A batch that takes no more than MEMORY_KIB at its peak. The first time may page in what the machine had put aside, and
    a library's tables, so it is the second time that counts. Raises AssertionError, and like try_out."""
    if peak_kib(target, with_seed) > MEMORY_KIB:
        assert peak_kib(target, with_seed) <= MEMORY_KIB, "it takes too much memory"


def peak_kib(target: "tuple[st.SearchStrategy[Any], Check]", with_seed: int) -> int:
    """What a batch takes above what there was; 0 where the system does not tell (proc(5): clear_refs, VmHWM)."""
    if not (PROC / "clear_refs").exists():
        try_out(target, BATCH, with_seed)
        return 0
    (PROC / "clear_refs").write_text("5")
    before = status_kib("VmRSS")
    try_out(target, BATCH, with_seed)
    return status_kib("VmHWM") - before


def status_kib(name: str) -> int:
    lines = (PROC / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


class Fuzz(Campaign):
    """Only a parser's own error, whatever comes in."""

    name = "fuzz"
    unit = "inputs"
    size = 60_000
    slice = BATCH * len(TARGETS)
    minutes = 1

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        for round_ in range(size):
            for name in TARGETS:
                yield name, seed * 10_000 + round_

    def work(self, job: Job) -> Tally:
        name, with_seed = job
        tally = Tally(tried=BATCH)
        try:
            bounded(TARGETS[name], with_seed)
        except Exception as fault:
            notes = "; ".join(getattr(fault, "__notes__", []))
            tally.blame(Wrong(ALTERED, f"{fault!r}: {notes}"[:400]), f"{name}, seed {with_seed}")
        return tally

    def controls(self) -> list[str]:
        return list(DEFECTS)

    def caught(self, control: str) -> bool:
        for with_seed in range(20):
            try:
                bounded(DEFECTS[control], with_seed)
            except (IndexError, AssertionError):
                return True
        return False
