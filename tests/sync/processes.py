"""Real processes of the fleet for a test: started, waited for, and killed by their ids."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READY_S = 30


def need(program):
    """Skip aloud where a Debian package, called as its program is, is missing; where CI promised it, fail."""
    if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"):
        told = f"{program} is not here: apt install {program}"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


class Process:
    """python -m fleet ARGS, up when it has said its one line."""

    def __init__(self, *args):
        self.args = [sys.executable, "-m", "fleet", *map(str, args)]
        self.process = None

    def up(self):
        self.process = subprocess.Popen(self.args, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        timer = threading.Timer(READY_S, self.process.kill)  # a silent one ends, and readline with it
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        assert line, self.process.stderr.read()
        return line.strip()

    def kill(self):
        """kill -9, by its id."""
        self.end(signal.SIGKILL)

    def end(self, number=signal.SIGTERM):
        """The exit code, once it is gone."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(number)
        code = process.wait(20)
        process.stdout.close()
        process.stderr.close()
        return code
