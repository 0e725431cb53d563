"""Bytes from outside, by hypothesis: noise, real messages altered, and values of the wrong kind in every place."""

import resource
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.crash.campaign import ALTERED, Campaign, Job, Tally, Wrong
from tests.crash.fuzz_targets import TARGETS, Check, only

BATCH = 60  # inputs of a job
HANG_S = 5  # for one input, on a machine that does other things too
MEMORY_KIB = 64 << 10


def reads_the_first_byte(data: bytes) -> None:
    """A parser that forgets that there may be none."""
    only(ValueError, lambda data: data[0])(data)


def believes_a_length(data: bytes) -> None:
    """A parser that takes what a length says, of bytes that are not there."""
    if data[:1] == b"\xff":
        assert len(data) >= 4


DEFECTS: "dict[str, tuple[st.SearchStrategy[Any], Check]]" = {
    "no look at the length": (st.binary(), reads_the_first_byte),
    "a length believed": (st.binary(), believes_a_length),
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


class Fuzz(Campaign):
    """Only a parser's own error, whatever comes in."""

    name = "fuzz"
    unit = "inputs"
    size = 200_000
    slice = BATCH * len(TARGETS)
    minutes = 3

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        for round_ in range(size):
            for name in TARGETS:
                yield name, seed * 10_000 + round_

    def work(self, job: Job) -> Tally:
        name, with_seed = job
        tally = Tally(tried=BATCH)
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            try_out(TARGETS[name], BATCH, with_seed)
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < MEMORY_KIB, "it takes too much memory"
        except Exception as fault:
            notes = "; ".join(getattr(fault, "__notes__", []))
            tally.blame(Wrong(ALTERED, f"{fault!r}: {notes}"[:400]), f"{name}, seed {with_seed}")
        return tally

    def controls(self) -> list[str]:
        return list(DEFECTS)

    def caught(self, control: str) -> bool:
        for with_seed in range(20):
            try:
                try_out(DEFECTS[control], BATCH, with_seed)
            except (IndexError, AssertionError):
                return True
        return False
