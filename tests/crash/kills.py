"""kill -9 of the real process on the real disk, at random and at exact system calls; CPython and MicroPython.

A kill loses no page cache, so this proves the logic on real files, and the power-cut campaigns prove what is durable."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.crash.campaign import ALTERED, DOUBLED, LOST, Campaign, Job, Tally, Wrong
from tests.crash.kill_sale import body
from tests.crash.reader import Reading, read_folder

ROOT = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).parent / "micropython"
WORKER = "tests/crash/kill_worker.py"
PATIENCE_S = 30
KILLS = 10  # of one folder, one after the other
FOREVER = 1_000_000
CONTROLS = ["acks-first", "sells-again"]


def command(interpreter: str) -> list[str]:
    return [sys.executable] if interpreter == "cpython" else [str(MICROPYTHON), "-X", "heapsize=8M"]


def check(folder: Path, acked: int) -> Reading:
    """All that was acknowledged is there, once and as it was sold; at most one more."""
    found = read_folder(folder)
    sales = found.records("sale")
    if found.faults:
        raise Wrong(ALTERED, found.faults[0])
    numbers = [sale["no"] for sale in sales]
    if len(set(numbers)) != len(numbers):
        raise Wrong(DOUBLED, f"a number stands twice among {numbers[-5:]}")
    if len(sales) < acked:
        raise Wrong(LOST, f"sale {acked} was acknowledged, and {len(sales)} are there")
    if len(sales) > acked + 1:
        raise Wrong(DOUBLED, f"sale {acked} was acknowledged, and {len(sales)} are there")
    for no, sale in enumerate(sales, 1):
        if sale != {**body(no), "kind": "sale", "no": no, "seq": sale["seq"]}:
            raise Wrong(ALTERED, f"sale {no} is {str(sale)[:80]}")
    return found


class Life:
    """One process, from its start to its end. acked: the last number that it said. lingers: its input stays open, so that one
    with a defect waits for its kill where that shows."""

    def __init__(
        self,
        folder: Path,
        interpreter: str,
        last: int,
        defect: str = "",
        before: "tuple[str, ...]" = (),
        lingers: bool = False,
    ) -> None:
        args = [*before, *command(interpreter), WORKER, str(folder), str(last), *([defect] if defect else [])]
        env = {**os.environ, "MICROPYPATH": ".frozen:."}
        self.acked = 0
        self.process = subprocess.Popen(
            args,
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE if lingers else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what is read ahead, communicate() never sees
        )

    def first_word(self) -> None:
        """Wait until something is sold."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.acked = int(line or 0)

    def kill(self) -> None:
        self.process.kill()

    def end(self, may_fail: bool = False) -> int:
        """Its exit code, once it is dead; what it said to the very last is read. may_fail: it may say that it cannot go on."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        failed = self.process.returncode == 1 or b"Traceback" in out + err  # MicroPython's stands among what it says
        if failed and not (may_fail and b"hal.ports.faults." in err):
            raise Wrong(LOST, f"the program died: {(out + err).decode(errors='replace')[-300:]}")
        said = out.split()
        self.acked = int(said[-1]) if said else self.acked
        return self.process.returncode


class Folder:
    """A folder in memory's own file system: a kill needs no medium."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="barrow-kill-"))
        return self.path / "journal"

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)


def killed_again_and_again(interpreter: str, seed: int, kills: int, defect: str = "") -> int:
    """So many kills of one till's program. How many sales stand at the end. Raises Wrong."""
    chance, acked = random.Random(seed), 0
    with Folder() as folder:
        folder.mkdir()
        for _ in range(kills):
            life = Life(folder, interpreter, FOREVER, defect, lingers=True)
            if chance.random() < 0.8:
                life.first_word()
                time.sleep(chance.random() * 0.05)
            else:
                time.sleep(chance.random() * 0.4)  # somewhere in its start
            life.kill()
            life.end()
            acked = len(check(folder, max(acked, life.acked)).records("sale"))
    return acked


class Kills(Campaign):
    """kill -9 at random: five of CPython for three of MicroPython."""

    name = "kills"
    unit = "kills"
    size = 800
    slice = 2 * KILLS
    minutes = 2

    def missing(self) -> str:
        return "" if MICROPYTHON.exists() else "there is no micropython for this machine"

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        for n in range(-(-size // KILLS)):
            yield "micropython" if n % 8 in (1, 4, 6) else "cpython", seed * 10_000 + n

    def work(self, job: Job) -> Tally:
        interpreter, seed = job
        tally = Tally(tried=KILLS)
        try:
            tally.facts = {f"{interpreter}_kills": KILLS, "sales": killed_again_and_again(interpreter, seed, KILLS)}
        except Wrong as wrong:
            tally.blame(wrong, f"{interpreter} seed {seed}")
        return tally

    def controls(self) -> list[str]:
        return [*CONTROLS, "holds-back"]

    def caught(self, control: str) -> bool:
        for seed in range(5):
            try:
                killed_again_and_again("cpython", seed, KILLS, control)
            except Wrong:
                return True
        return False


CALLS = {
    "cpython": {"pwrite64": 60, "fdatasync": 60, "rename": 12, "fsync": 12},
    "micropython": {"write": 100, "fsync": 60, "rename": 12},
}
SALES = 40  # after which the program ends by itself


def killed_at(interpreter: str, call: str, nth: int, defect: str = "") -> bool:
    """Whether there is an nth such call in a short day. If so the program dies as it makes it; the next one goes on."""
    strace = ("strace", "-f", "-qq", "-o", "/dev/null")  # not --seccomp-bpf: under some kernels it lets the call pass
    inject = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}")
    with Folder() as folder:
        folder.mkdir()
        life = Life(folder, interpreter, SALES, defect, (*strace, *inject))
        code = life.end()
        after = check(folder, life.acked)
        more = Life(folder, interpreter, len(after.records("sale")) + 3, defect)
        more.end()
        check(folder, max(len(after.records("sale")), more.acked))
        return code != 0


class SyscallKills(Campaign):
    """kill -9 as the program enters its nth write, sync or rename, for every n of a short day."""

    name = "syscall_kills"
    unit = "calls"
    size = 240
    slice = 10
    minutes = 1

    def missing(self) -> str:
        if shutil.which("strace") is None:
            return "there is no strace (Debian: apt install strace)"
        return Kills().missing()

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        points = [(one, call, n) for one, calls in CALLS.items() for call, count in calls.items() for n in range(1, count + 1)]
        if size < len(points):
            random.Random(seed).shuffle(points)
        yield from points

    def work(self, job: Job) -> Tally:
        interpreter, call, nth = job
        tally = Tally()
        try:
            tally.tried = int(killed_at(interpreter, call, nth))
        except Wrong as wrong:
            tally.tried = 1
            tally.blame(wrong, f"{interpreter} at {call} {nth}")
        return tally

    def controls(self) -> list[str]:
        return CONTROLS

    def caught(self, control: str) -> bool:
        return any(not self._clean(nth, control) for nth in range(4, 12))

    def _clean(self, nth: int, control: str) -> bool:
        try:
            killed_at("cpython", "pwrite64", nth, control)
        except Wrong:
            return False
        return True
