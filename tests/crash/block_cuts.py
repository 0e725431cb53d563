"""Power cuts under a real ext4: the real program on a real file system on a disk that logs its writes and flushes; then, for
each cut, what that disk may hold is mounted, booted on and looked at. SQLite stands beside it on the same bench.
"""

import bisect
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from firmware.journal.rollup import Rollup
from hal.ports.faults import Fault
from hal.store import OsDisk
from tests.crash import served_disk, stand
from tests.crash.block_log import Device, read
from tests.crash.block_worker import FILE, SEGMENT
from tests.crash.campaign import ALTERED, DOUBLED, LOST, Campaign, Job, Tally, Wrong
from tests.crash.disk_states import stored
from tests.crash.harness import drive
from tests.crash.kill_sale import body
from tests.crash.served_disk import served, sh

SIZE = 24 << 20  # bytes of a device
SALES = 300
CUTS = 50  # of one recording
PROGRAMS = {"journal": 1, "mirror": 2}  # -> devices
PEERS = ("wal-full", "delete-extra", "delete-full")


class Recording:
    """One run of a program: its devices, and when each sale was acknowledged."""

    def __init__(self, program: str, home: Path) -> None:
        places = PROGRAMS.get(program, 1)
        word = "journal" if program == "mirror" else program
        with ExitStack() as stack:
            disks = [home / f"disk{n}" for n in range(places)]
            folders = [stack.enter_context(served(disk, SIZE, f"log={disk / 'log'}")).folder for disk in disks]
            sh(sys.executable, "-m", "tests.crash.block_worker", word, str(home / "acks"), str(SALES), *map(str, folders))
        self.devices = [Device(read(home / f"disk{n}" / "log"), SIZE) for n in range(places)]
        self.acks = [int(line.split()[0]) for line in (home / "acks").read_text().splitlines()]

    def cuts(self, count: int, chance: random.Random) -> "Iterator[tuple[int, list[bytearray]]]":
        """Sales acknowledged before the cut, and what each device holds after it."""
        times = sorted(op.at for device in self.devices for op in device.ops if self.acks[0] < op.at <= self.acks[-1])
        for at in sorted(chance.choices(times, k=count)):
            yield bisect.bisect_left(self.acks, at), [device.cut(at, chance) for device in self.devices]


@contextmanager
def mounted(media: "list[bytearray]", home: Path) -> Iterator[list[Path]]:
    """The devices after the cut, each mounted; ext4 replays its own journal."""
    with ExitStack() as stack:
        folders = []
        for n, medium in enumerate(media):
            image, folder = home / f"image{n}", home / f"after{n}"
            image.write_bytes(medium)
            folder.mkdir(exist_ok=True)
            try:
                sh("mount", "-o", "loop", "-t", "ext4", str(image), str(folder))
            except subprocess.CalledProcessError:  # a torn superblock: what a boot does too
                subprocess.run(["e2fsck", "-y", str(image)], capture_output=True, check=False)
                sh("mount", "-o", "loop", "-t", "ext4", str(image), str(folder))
            stack.callback(sh, "umount", str(folder))
            folders.append(folder)
        yield folders


def journal_after(folders: "list[Path]", acked: int) -> None:
    """Boot on it, look, and sell one more. Raises Wrong."""
    disks = [OsDisk(folder) for folder in folders]
    try:
        till = stand.journal(disks, "main", Rollup(), SEGMENT)
        drive(till.recover())
        found = drive(till.payloads(1, SALES + 9, 1 << 30))
        if len(found) < acked:
            raise Wrong(LOST, f"{len(found)} sales, and {acked} were acknowledged")
        if len(found) > acked + 1:
            raise Wrong(DOUBLED, f"{len(found)} sales, and {acked} were acknowledged")
        for no, payload in enumerate(found, 1):
            if payload != stored({**body(no), "kind": "sale", "no": no, "seq": no}):
                raise Wrong(ALTERED, f"sale {no} is {payload[:60]!r}")
        drive(till.append("sale", len(found) + 1, body(len(found) + 1)))
    except Fault as fault:
        raise Wrong(LOST, f"{type(fault).__name__}: {fault}") from None
    finally:
        for disk in disks:
            disk.close()


def sqlite_after(folders: "list[Path]", acked: int) -> None:
    db = sqlite3.connect(folders[0] / FILE)
    try:
        count = db.execute("SELECT count(*) FROM sale").fetchone()[0]
        whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.Error as fault:
        raise Wrong(LOST, str(fault)) from None
    finally:
        db.close()
    if not whole or count < acked:
        raise Wrong(LOST, f"{count} rows, and {acked} were acknowledged")


def cut_again_and_again(program: str, seed: int, count: int) -> Tally:
    """One recording and its cuts."""
    chance, tally = random.Random(seed), Tally()
    look = sqlite_after if program in PEERS else journal_after
    home = Path(tempfile.mkdtemp(prefix="barrow-cuts-", dir=served_disk.MEMORY))
    try:
        for acked, media in Recording(program, home).cuts(count, chance):
            tally.tried += 1
            try:
                with mounted(media, home) as folders:
                    look(folders, acked)
            except Wrong as wrong:
                tally.blame(wrong, f"{program}, seed {seed}, cut {tally.tried}")
    finally:
        shutil.rmtree(home)
    return tally


class BlockCuts(Campaign):
    """One copy and two; every fourth recording is SQLite's, whose losses are told and not ours."""

    name = "block_cuts"
    unit = "cuts"
    size = 3_000
    slice = 20
    minutes = 3

    def missing(self) -> str:
        return served_disk.missing()

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        order = ("mirror", "journal", "mirror", "wal-full", "journal", "mirror", "journal", "delete-extra", "delete-full")
        count = min(CUTS, size)
        n = 0
        while True:
            yield order[n % len(order)], seed * 10_000 + n, count
            n += 1

    def work(self, job: Job) -> Tally:
        program, seed, count = job
        found = cut_again_and_again(program, seed, count)
        word = program.replace("-", "_")
        if program in PEERS:
            return Tally(facts={f"sqlite_{word}_cuts": found.tried, f"sqlite_{word}_lost": found.lost})
        found.facts = {f"{word}_cuts": found.tried}
        return found

    def controls(self) -> list[str]:
        return ["no-sync"]

    def caught(self, control: str) -> bool:
        return not cut_again_and_again(control, 1, 20).clean
