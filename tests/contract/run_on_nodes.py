"""`python -m tests.contract.run_on_nodes ...`, in a process with the preload: pytest, and in a last line of JSON how many stories
each file told ("told"), and how often each bus was asked ("asked")."""

import json
import sys
from collections import Counter

import pytest

from tests.contract.nodes import kernel


class Told(Counter):
    """A plugin: stories that passed, by file."""

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self[report.location[0].rpartition("/")[2]] += 1


if __name__ == "__main__":
    told = Told()
    code = pytest.main(["-p", "no:cacheprovider", *sys.argv[1:]], plugins=[told])
    print(json.dumps({"told": told, "asked": kernel().requests}))
    sys.exit(code)
