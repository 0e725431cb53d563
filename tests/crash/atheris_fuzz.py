"""The fuzz campaign's targets under libFuzzer's eyes: coverage leads the way, where hypothesis only guesses. An extra, which
nothing else needs; in a virtual environment of its own, so that the till's libraries stay as they are pinned:

    python -m venv --system-site-packages /tmp/fuzz && /tmp/fuzz/bin/pip install atheris==3.0.0
    PYTHONPATH=.:.venv/lib/python3.11/site-packages /tmp/fuzz/bin/python -m tests.crash.atheris_fuzz journal -max_total_time=60

The first word is a target of fuzz.TARGETS; what follows is libFuzzer's. It ends at the first finding, and leaves it as a file."""

import sys

import atheris
from hypothesis import HealthCheck, given, settings

with atheris.instrument_imports(include=["firmware", "hal", "fleet"]):
    from tests.crash.fuzz import TARGETS


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"which target? {', '.join(TARGETS)}")
    strategy, check = TARGETS[sys.argv.pop(1)]

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(data: object) -> None:
        check(data)

    atheris.Setup(sys.argv, lambda data: run.hypothesis.fuzz_one_input(data))  # type: ignore[attr-defined]
    atheris.Fuzz()


if __name__ == "__main__":
    main()
