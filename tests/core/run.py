"""Runs tests/core/test_*.py, plain functions with bare asserts, under CPython or MicroPython:

    python tests/core/run.py [NAME...]        MICROPYPATH=.frozen:. micropython -X heapsize=32M tests/core/run.py [NAME...]

from the top of the repository. Each NAME picks files or functions that contain it; 1/2 as a NAME picks every second file,
2/2 the others. Exit code 1 when any test fails.
A till fits MicroPython's own heap of 2 MiB (tests/core/play_long_day.py); all tests in one process want more."""

import gc
import os
import sys

sys.path.insert(0, ".")


def report(fault) -> None:
    """Its traceback, as each interpreter prints it."""
    if hasattr(sys, "print_exception"):
        sys.print_exception(fault)
    else:
        import traceback

        traceback.print_exception(fault)


def run(file, wanted) -> "tuple[int, int]":
    """How many tests of one file passed and failed."""
    module = __import__("tests.core." + file[:-3], None, None, ["*"])
    passed, failed = 0, 0
    for name in sorted(dir(module)):
        if not name.startswith("test_") or not all(word in file + " " + name for word in wanted):
            continue
        gc.collect()
        try:
            getattr(module, name)()
            passed += 1
        except Exception as fault:
            failed += 1
            print("FAILED", file, name)
            report(fault)
    # let go of it: MicroPython's heap is small
    del sys.modules["tests.core." + file[:-3]]
    delattr(sys.modules["tests.core"], file[:-3])
    return passed, failed


def main(wanted) -> int:
    """How many tests failed."""
    share = [word.split("/") for word in wanted if "/" in word]
    part, parts = (int(share[0][0]), int(share[0][1])) if share else (1, 1)
    passed, failed = 0, 0
    files = [file for file in sorted(os.listdir("tests/core")) if file.startswith("test_") and file.endswith(".py")]
    for i in range(part - 1, len(files), parts):
        more = run(files[i], [word for word in wanted if "/" not in word])
        passed += more[0]
        failed += more[1]
    print(sys.implementation.name + ":", passed, "passed,", failed, "failed")
    return failed


sys.exit(1 if main(sys.argv[1:]) else 0)
