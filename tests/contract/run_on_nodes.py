"""`python -m tests.contract.run_on_nodes ...`, in a process with the preload: pytest, and in a last line of JSON how many stories
each file told ("told"), which were skipped or left out, and how often each bus was asked."""

import json
import sys
from collections import Counter

import pytest

from tests.contract.nodes import kernel


class Told:
    """A plugin. stories: that passed, by file. skipped, left_out: names."""

    def __init__(self):
        self.stories = Counter()
        self.skipped, self.left_out = [], []

    def pytest_runtest_logreport(self, report):
        if report.skipped:
            self.skipped.append(report.nodeid)
        elif report.when == "call" and report.passed:
            self.stories[report.nodeid.partition("::")[0].rpartition("/")[2]] += 1

    def pytest_deselected(self, items):
        self.left_out += [item.nodeid for item in items]


if __name__ == "__main__":
    told = Told()
    code = pytest.main(["-p", "no:cacheprovider", *sys.argv[1:]], plugins=[told])
    found = {"told": told.stories, "skipped": told.skipped, "left_out": told.left_out, "asked": kernel().requests}
    print(json.dumps(found))
    sys.exit(code)
