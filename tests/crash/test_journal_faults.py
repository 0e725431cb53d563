"""A medium that fails or rots: what was acknowledged stays, nothing is sold twice, and damage is named, never cut."""

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware.journal import codec
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.journal.segment import Segment
from hal.ports.faults import JournalDamaged, StoreBroken
from hal.store import FileStore, OsDisk
from hal.worker import Thread
from sim.chips.disk import SECTOR, BenchWorker, Disk, idle
from sim.clock import run
from sim.power import Power
from tests.contract.wires import Notes
from tests.crash.harness import SEGMENT, Fuse, Till, check, drive, fails, sale
from tests.crash.test_journal_cuts import DAY, sold


def booted(disk: Any, acked: list[int]) -> Till:
    """As a cashier would: where the store fails at boot, boot once more."""
    till = Till(disk, acked)
    try:
        till.boot()
    except StoreBroken:
        till = Till(disk, acked)
        till.boot()
    return till


def sell_through_faults(disk: Any, last: int) -> list[int]:
    """Sell 1..last. A sale in doubt is settled by recovery, and sold again only where it is not there."""
    acked: list[int] = []
    till = booted(disk, acked)
    while till.rollup.next_no <= last:
        try:
            till.sell(till.rollup.next_no)
        except StoreBroken:
            till.boot()
            acked[:] = till.numbers()
    return acked


def fail_everywhere(seeds: range) -> int:
    tried = 0
    for seed in seeds:
        at, over = 0, False
        while not over:
            disk = Disk(seed=seed)
            fuse = Fuse(disk, at, fails)
            acked = sell_through_faults(fuse, DAY)
            assert acked == list(range(1, DAY + 1)), f"call {at} failed: {acked}"
            disk.cut()
            check(disk, acked, 0)
            over = fuse.calls <= at
            tried += 1
            at += 1
    return tried


def test_a_fault_at_any_call_leaves_no_sale_unknown():
    assert fail_everywhere(range(2)) > 150


def failing_at(nth: int) -> Callable[[str], None]:
    """A before_sync hook: the nth sync from here fails, 0 is the first."""
    calls = itertools.count()

    def hook(name: str) -> None:
        if next(calls) == nth:
            fails()

    return hook


def test_a_failed_sync_at_any_frame_leaves_no_sale_unknown():
    """As above, but the disk itself loses what waited and then says OK: fsyncgate."""
    for at in range(40):
        disk = Disk(seed=at)
        disk.before_sync = failing_at(at)
        acked = sell_through_faults(disk, DAY)
        assert acked == list(range(1, DAY + 1))
        disk.cut()
        check(disk, acked, 0)


async def tries_the_sync_again(self: Segment, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    try:
        await self._store.sync(self.name)
    except StoreBroken:
        await self._store.sync(self.name)
    self.end += len(frame)


def test_a_journal_that_tries_a_failed_sync_again_is_found(monkeypatch: pytest.MonkeyPatch):
    """The control."""
    monkeypatch.setattr(Segment, "write", tries_the_sync_again)
    with pytest.raises((AssertionError, JournalDamaged)):
        test_a_failed_sync_at_any_frame_leaves_no_sale_unknown()


# -- rot


def flipped(disk: Disk, name: str, offset: int) -> Disk:
    """The same disk with one bit turned."""
    other = Disk()
    for each in disk.names():
        data = bytearray(disk.held.pread(each, 0, disk.size(each)))
        if each == name:
            data[offset] ^= 0x04
        other.create(each, len(data))
        other.pwrite(each, 0, bytes(data))
        other.fdatasync(each)
    other.sync_dir()
    return other


def extent(disk: Disk, name: str) -> list[int]:
    """Where each frame of a segment starts, and where the last one ends."""
    starts = [0]
    while frame := codec.unpack(disk.held.pread(name, 0, SEGMENT), starts[-1]):
        starts.append(starts[-1] + frame.size)
    return starts


def test_a_bit_turned_before_the_last_frame_stops_the_boot_and_changes_nothing():
    disk, _ = sold(9)
    name = disk.names()[-1]
    starts = extent(disk, name)
    for offset in range(0, starts[-2], 3):
        rotten = flipped(disk, name, offset)
        before = rotten.held.pread(name, 0, SEGMENT)
        with pytest.raises(JournalDamaged) as damage:
            Till(rotten, []).boot()
        start = max(s for s in starts if s <= offset)
        assert f"{name}: offset {start}: " in str(damage.value)
        assert ("checkpoint" if start == 0 else "seq ") in str(damage.value)
        assert rotten.held.pread(name, 0, SEGMENT) == before and not rotten.unsynced()


def test_a_bit_turned_in_the_last_frame_is_taken_for_a_torn_tail_and_told():
    """One copy cannot tell them apart: what was cut is said to the byte. The mirror will."""
    disk, acked = sold(9)
    name = disk.names()[-1]
    starts = extent(disk, name)
    rotten = flipped(disk, name, starts[-2] + 100)
    till = Till(rotten, acked)
    found = till.boot()
    assert (found.dropped, found.kind) == (starts[-1] - starts[-2], "sale")
    assert f"offset {starts[-2]}: a torn tail of {found.dropped} bytes is cut: sale" in till.log.lines[-1]
    assert till.numbers() == acked[:-1]


def test_a_bit_turned_behind_the_last_frame_costs_nothing():
    disk, acked = sold(9)
    name = disk.names()[-1]
    end = extent(disk, name)[-1]
    for offset in (end, end + 700, SEGMENT - 1):
        till = Till(flipped(disk, name, offset), acked)
        found = till.boot()
        assert found.dropped == (offset - end) // SECTOR * SECTOR + SECTOR and till.numbers() == acked


def test_rot_in_an_old_segment_is_named_when_it_is_read():
    disk, _ = sold(DAY)
    name = disk.names()[0]
    starts = extent(disk, name)
    till = Till(flipped(disk, name, starts[2] + 60), [])
    till.boot()
    assert len(drive(till.journal.payloads(1, 1, 1 << 20))) == 1
    with pytest.raises(JournalDamaged, match=f"{name}: offset {starts[2]}: seq 2"):
        drive(till.journal.payloads(1, 10, 1 << 20))
    assert drive(till.journal.payloads(3, 2, 1 << 20)), "the frames behind it are still read"


def test_a_segment_put_back_from_yesterday_does_not_pass():
    disk, _ = sold(DAY)
    image = disk.held.pread(disk.names()[0], 0, SEGMENT)
    newest = [name for name in disk.names() if disk.held.pread(name, 0, 4) != bytes(4)][-1]
    disk.pwrite(newest, 0, image)
    disk.fdatasync(newest)
    with pytest.raises(JournalDamaged, match="not of this segment"):
        Till(disk, []).boot()


# -- real and slow


def test_a_real_disk_gets_the_same_bytes(tmp_path: Path):
    async def main() -> None:
        worker, real = Thread(), OsDisk(tmp_path)
        for first in (1, 11, 21):  # three boots
            journal = Journal(FileStore(real, worker, Notes()), "main", Rollup(), Notes(), SEGMENT)
            await journal.recover()
            for no in range(first, first + 10):
                await journal.append("sale", no, sale(no))
        worker.close()
        real.close()

    asyncio.run(main())
    disk, _ = sold(DAY)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        name: disk.held.pread(name, 0, SEGMENT) for name in disk.names()
    }


def test_a_sale_on_a_slow_card_is_durable_after_one_write_and_one_sync():
    async def main() -> list[int]:
        loop, disk, took = asyncio.get_running_loop(), Disk(), []
        journal = Journal(FileStore(disk, BenchWorker(disk, Power().check), Notes()), "main", Rollup(), Notes())
        await journal.recover()
        disk.write_ms, disk.sync_ms = 2, 10
        for no in range(1, 21):
            before = loop.time()
            await journal.append("sale", no, sale(no))
            took.append(round((loop.time() - before) * 1000))
        return took

    assert run(main()) == [12] * 20


def torn_in_its_head(disk: Disk) -> Callable[[str, int, bytes], None]:
    """A before_write hook: the next frame gets no further than into its own seq, and the medium fails."""

    def hook(name: str, offset: int, data: bytes) -> None:
        disk.before_write = idle
        disk.pwrite(name, offset, data[: codec.HEAD_BYTES - 8])
        fails()

    return hook


def test_every_sale_is_found_beside_one_that_was_torn_and_settled_elsewhere():
    disk, acked = sold(3)
    till = Till(disk, acked)
    till.boot()
    disk.before_write = torn_in_its_head(disk)
    for no in (4, 5):
        till.sell(no)
    assert [no for seq in range(1, 6) for no in [json.loads(drive(till.journal.payloads(seq, 1, 1))[0])["no"]]] == [1, 2, 3, 4, 5]
