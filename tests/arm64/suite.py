"""The test suite in a root, a folder of tests at a time, and the table of what came out."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests.arm64.root import Root

ORDER = (
    "core",
    "rules",
    "contract",
    "flows",
    "golden",
    "sync",
    "fleet",
    "crash",
    "arm64",
)  # folders of tests: what a till runs first
SOURCE, PYTHON = "/srv/barrow", "/srv/venv/bin/python"  # in the root
TIMEOUT_S = 1800  # of a test: emulation is ten to twenty times slower
NO_TESTS, NEVER_RAN = 5, -1  # pytest's exit code; ours, where it left no report
WORDS = 200  # of a failure, in the table
COLUMNS = ("tests", "ran", "passed", "failed", "skipped", "left out", "seconds")


class Outcome(NamedTuple):
    """Of one folder or file. failed: test -> how what it said begins. skipped: reason -> how many. left_out: path -> reason.
    broken: pytest's exit code where it is neither "all passed" nor "some failed"."""

    name: str
    passed: int
    failed: "dict[str, str]"
    skipped: "Counter[str]"
    left_out: "dict[str, str]"
    seconds: float
    broken: int = 0

    @property
    def good(self) -> bool:
        return not self.failed and not self.broken

    def row(self) -> "tuple[str, ...]":
        counts = (self.passed + len(self.failed), self.passed, len(self.failed), sum(self.skipped.values()), len(self.left_out))
        return (self.name, *map(str, counts), f"{self.seconds:.0f}")


def run(root: Root, name: str, left_out: "dict[str, str]") -> Outcome:
    """name: a folder, a file or a test, as pytest takes it."""
    report = root.folder / SOURCE[1:] / "out/arm64.xml"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    here = {path: why for path, why in left_out.items() if path.startswith(name)}
    without = [f"--deselect={path}" if "::" in path else f"--ignore={path}" for path in here]
    how = ["-n", "2", "--dist", "loadfile", f"--timeout={TIMEOUT_S}", "-p", "no:cacheprovider", "--junitxml=out/arm64.xml"]
    started = time.monotonic()
    done = root.run(PYTHON, "-m", "pytest", name, *how, *without, where=SOURCE, check=False)
    return read(report, name, done.returncode, here, time.monotonic() - started)


def read(report: Path, name: str, code: int, left_out: "dict[str, str]", seconds: float) -> Outcome:
    """What pytest wrote of a run; code: its exit code. To find no tests is no fault where all of them are
    left out."""
    passed, failed, skipped = 0, {}, Counter[str]()
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
        faults = [fault.get("message", "") for kind in ("failure", "error") for fault in case.iter(kind)]
        if faults:
            failed[f"{case.get('classname')}::{case.get('name')}"] = faults[0].partition("\n")[0][:WORDS]
        elif (skip := case.find("skipped")) is not None:
            skipped[skip.get("message", "")] += 1
        else:
            passed += 1
    ran, all_left_out = report.exists() and code in (0, 1), code == NO_TESTS and bool(left_out)
    broken = 0 if ran or all_left_out else code or NEVER_RAN
    return Outcome(name, passed, failed, skipped, left_out, seconds, broken)


def table(outcomes: "Iterable[Outcome]") -> str:
    """The closing table; under it each test that failed, was skipped or is left out, with why."""
    outcomes = list(outcomes)
    rows = [COLUMNS, *(outcome.row() for outcome in outcomes)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]
    for outcome in outcomes:
        lines += [f"{outcome.name}: LEFT OUT {path}: {why}" for path, why in outcome.left_out.items()]
        lines += [f"{outcome.name}: SKIPPED {count}: {why}" for why, count in outcome.skipped.items()]
        lines += [f"{outcome.name}: FAILED {test}: {why}" for test, why in outcome.failed.items()]
        if outcome.broken:
            lines.append(f"{outcome.name}: BROKEN, pytest ended with {outcome.broken}")
    return "\n".join(lines)
