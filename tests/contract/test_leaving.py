"""How a till leaves: real processes, in which this and that hangs, and one that is killed. Each is gone within its time with its
exit code, the sale that was paid is in its journal, and barrow.service does with the machine what it should."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tty
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal import leaving
from hal.store import FileStore, OsDisk
from hal.worker import Inline
from tests.contract.wires import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="i2c nodes and systemd are Linux's")
ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "config/units/barrow.service").read_text()
START_S, GONE_S = 30, 5
STILL_S = 1.5  # the control is not gone by then, where all others are after 1 s at most
LIVES = {  # name -> how it ends, what hangs
    "well": "term",
    "key": "key bus dns",
    "weak": "weak disk",
    "term": "term bus dns disk",
    "gauge": "term gauge",
    "fault": "fault bus dns",
    "close": "empty close",
    "control": "empty dns joined",
}


class Life:
    """One till, from its start to its end. left_s: how long it took from STOPPING on; None: it had to be killed."""

    def __init__(self, folder, how):
        self.folder, self.run = folder, folder / "run"
        shutil.copytree(ROOT / "config", folder / "config")
        self.run.mkdir()
        self.ends = [os.openpty() for _ in range(2)]
        board = json.loads((folder / "config/board.json").read_text())
        board["store"] = {"folder": str(folder / "store"), "mirror": ""}
        board["printer"]["port"], board["modem"]["port"] = (os.ttyname(slave) for _, slave in self.ends)
        (folder / "config/board.json").write_text(json.dumps(board))
        brokers = json.loads((folder / "config/brokers.json").read_text())
        brokers["brokers"][0]["host"] = "broker.invalid"
        (folder / "config/brokers.json").write_text(json.dumps(brokers))
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(str(folder / "notify"))
        self.wire.settimeout(START_S)
        self.ready = False
        self.command = [sys.executable, "-m", "tests.contract.leaving_stand", str(folder), *how.split()]

    def live(self):
        environ = {**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify"), "RUNTIME_DIRECTORY": str(self.run)}
        with subprocess.Popen(self.command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True) as till:
            try:
                while not (said := self.wire.recv(4096)).startswith(b"STOPPING=1"):
                    self.ready |= said.startswith(b"READY=1")
                began = time.monotonic()
                self.noted = (self.run / leaving.OFF).exists()
                till.wait(STILL_S if "joined" in self.command else GONE_S)
                self.left_s = time.monotonic() - began
            except TimeoutError:
                self.left_s = None
            except subprocess.TimeoutExpired:
                self.left_s = None
            finally:
                till.kill()
            self.told = till.stderr.read()
        self.code = till.returncode
        for end in (fd for pair in self.ends for fd in pair):
            os.close(end)
        self.wire.close()
        return self


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    """All at once: each waits most of its time."""
    made = {name: Life(tmp_path_factory.mktemp(name), how) for name, how in LIVES.items()}
    with ThreadPoolExecutor(len(made)) as together:
        return dict(zip(made, together.map(Life.live, made.values()), strict=True))


@pytest.mark.parametrize(
    ("name", "code", "noted"),
    [
        ("well", 0, False),
        ("key", 10, True),
        ("weak", 10, True),
        ("term", 0, False),
        ("gauge", 0, False),
        ("fault", 3, False),
        ("close", 10, True),
    ],
)
def test_whatever_hangs_the_exit_code_comes(lives, name, code, noted):
    life = lives[name]
    assert life.ready, "systemd would have ended it before"
    assert life.left_s is not None, f"it had to be killed; its log:\n{life.told}"
    assert (life.code, life.noted) == (code, noted), life.told


def test_without_the_one_way_out_a_name_that_dns_does_not_know_keeps_the_till(lives):
    """The control: Python's own way to end."""
    assert lives["control"].left_s is None and lives["control"].code == -9


@pytest.mark.parametrize("name", LIVES)
def test_the_sale_that_was_paid_is_there_at_the_next_start(lives, name):
    disk, rollup = OsDisk(lives[name].folder / "store"), Rollup(1)
    asyncio.run(Journal(FileStore(disk, Inline(), Notes()), "main", rollup, Notes()).recover())
    disk.close()
    assert rollup.sales in ((1, 2) if "disk" in LIVES[name] else (1,)), "a second one was being written as the disk hung"


def test_what_hangs_is_named_in_the_log(lives):
    assert "sys the store hangs: what it is at is left" in lives["weak"].told
    assert "sys the panel hangs: what it is at is left" in lives["key"].told
    assert "hangs" not in lives["well"].told
    assert re.search(r'leaving_stand.py", line \d+ in close$', lives["close"].told, re.MULTILINE), "where the loop itself hung"


WAYS = {"left": "leaving.leave(7)", "closed": "Port(os.fdopen(fd)).close(); os._exit(7)", "the control": "os._exit(7)"}


@pytest.mark.parametrize("way", WAYS)
def test_a_serial_line_that_takes_no_bytes_keeps_nobody(way):
    """The kernel waits half a minute for what a UART has not sent. A pty does not, but it forgets what it is told to forget."""
    far, near = os.openpty()
    tty.setraw(near)
    os.set_blocking(near, False)
    written = read = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            written += os.write(near, bytes(1000))
    script = f"import os\nfrom hal import leaving\nfrom hal.serial_port import Port\nfd = {near}\n{WAYS[way]}"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, pass_fds=[near], timeout=START_S).returncode == 7
    os.close(near)
    with contextlib.suppress(OSError):  # EIO, once it is empty
        while data := os.read(far, written):
            read += len(data)
    os.close(far)
    assert (read == written) == (way == "the control") and read <= written


# -- what systemd makes of it


def switched_off(folder, run, **ended):
    """What barrow.service has done at the end of a till, by its own words: the arguments of systemctl, [] for none."""
    said = re.search(r"^ExecStopPost=\+/bin/sh -c '(.*)'$", UNIT, re.MULTILINE)[1]
    (folder / "systemctl").write_text('#!/bin/sh\necho "$@" >> "${0%/*}/asked"\n')
    (folder / "systemctl").chmod(0o755)
    environ = {"PATH": f"{folder}:{os.environ['PATH']}", "RUNTIME_DIRECTORY": str(run), **ended}
    subprocess.run(["/bin/sh", "-c", said], env=environ, check=True, timeout=START_S)
    asked = folder / "asked"
    return asked.read_text().splitlines() if asked.exists() else []


def test_a_till_that_was_killed_as_it_switched_off_does_not_come_back(lives, tmp_path):
    control = lives["control"]
    assert control.code == -9
    asked = switched_off(tmp_path, control.run, EXIT_CODE="killed", EXIT_STATUS="KILL", SERVICE_RESULT="timeout")
    assert len(asked) == 1 and "poweroff.target" in asked[0]
    assert switched_off(tmp_path, control.run, EXIT_STATUS="KILL") == asked, "said once, and the next start is a till's"


@pytest.mark.parametrize(
    ("status", "off"), [("10", True), ("0", False), ("3", False), ("5", False), ("KILL", False), ("", False)]
)
def test_an_exit_code_alone_says_it_too(tmp_path, status, off):
    (tmp_path / "run").mkdir()
    assert bool(switched_off(tmp_path, tmp_path / "run", EXIT_STATUS=status)) == off


def test_systemd_waits_longer_than_the_till_takes():
    from hal import pi

    limit_s = int(re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[1])
    assert pi.TASKS_S + max(pi.STORE_S, pi.DARK_S) < pi.LONGEST_S < pi.LONGEST_S + leaving.TOLD_S < limit_s
