"""Power cuts under the journal, exhaustively where they can be counted. Every harness has a control that must fail."""

import asyncio
import itertools
from typing import Any

import pytest

from firmware.journal import codec, segment
from firmware.journal.journal import Journal
from firmware.journal.segment import Segment
from hal.ports.faults import JournalDamaged, StoreBroken
from sim.chips.disk import SECTOR, Disk
from tests.crash.harness import SEGMENT, Fuse, PowerCut, Till, check, drive, power_cut, sale, sell_until

DAY = 30  # sales: four segments


def sold(count: int) -> tuple[Disk, list[int]]:
    disk, acked = Disk(), list[int]()
    till = Till(disk, acked)
    till.boot()
    for no in range(1, count + 1):
        till.sell(no)
    return disk, acked


def with_frame_waiting(image: dict[str, bytes], name: str, offset: int, frame: bytes) -> Disk:
    disk = Disk()
    for segment_name, data in image.items():
        disk.create(segment_name, len(data))
        disk.pwrite(segment_name, 0, data)
        disk.fdatasync(segment_name)
    disk.sync_dir()
    disk.pwrite(name, offset, frame)
    return disk


def last_write(no: int) -> tuple[dict[str, bytes], list[int], str, int, bytes]:
    """The disk before sale `no`, and the one write that it makes."""
    disk, acked = sold(no - 1)
    image = {name: disk.held.pread(name, 0, SEGMENT) for name in disk.names()}
    caught: list[tuple[str, int, bytes]] = []

    def catch(name: str, offset: int, data: bytes) -> None:
        caught.append((name, offset, data))
        raise PowerCut

    disk.before_write = catch
    till = Till(disk, list(acked))
    till.boot()
    with pytest.raises(PowerCut):
        till.sell(no)
    return (image, acked, *caught[0])


def states(old: bytes, new: bytes, tears: range) -> list[bytes]:
    torn = [piece for at in tears for piece in (new[:at] + old[at:], old[:at] + new[at:])]
    return list(dict.fromkeys([old, new, *torn]))


def try_every_state(no: int, tears: range) -> int:
    image, acked, name, offset, frame = last_write(no)
    sectors = [states(bytes(SECTOR), frame[i : i + SECTOR], tears) for i in range(0, len(frame), SECTOR)]
    tried = 0
    for choice in itertools.product(*sectors):
        disk = with_frame_waiting(image, name, offset, frame)
        after = dict(enumerate(choice, offset // SECTOR))
        disk.cut(lambda name, sector, old, versions, after=after: after[sector])
        till = check(disk, list(acked), no)
        till.sell(till.rollup.next_no)
        assert Till(disk, []).boot().dropped == 0
        tried += 1
    return tried


def of_sectors(count: int) -> int:
    """The number of a sale whose frame takes so many sectors."""
    for no in range(3, DAY):
        if codec.frame_bytes(len(codec.canonical({**sale(no), "kind": "sale", "seq": no}))) == count * SECTOR:
            return no
    raise AssertionError(f"no sale takes {count} sectors")


def test_a_frame_of_one_sector_torn_at_every_byte():
    assert try_every_state(of_sectors(1), range(1, SECTOR)) > 400


def test_a_frame_of_two_sectors_in_every_state_of_both():
    assert try_every_state(of_sectors(2), range(4, SECTOR, 31)) > 400


def test_a_frame_of_three_sectors_in_every_state_of_all():
    assert try_every_state(of_sectors(3), range(5, SECTOR, 120)) > 500


def cut_everywhere(seeds: range, last: int = DAY) -> int:
    """Cut at every call of a day, before it and after it; then a second cut in the boot that follows, at every call of that."""
    tried = 0
    for seed, before in itertools.product(seeds, (True, False)):
        at = 0
        while True:
            disk = Disk(seed=seed * 1000 + at)
            acked: list[int] = []
            in_flight = sell_until(Fuse(disk, at, power_cut(disk), before), acked, last)
            if not in_flight:
                break
            disk.power_on()
            second = Fuse(disk, at % 11, power_cut(disk), before)
            try:
                Till(second, acked).boot()
            except PowerCut:
                disk.power_on()
            check(disk, acked, in_flight)
            tried += 1
            at += 1
    return tried


def test_a_cut_at_every_call_of_a_day_loses_and_doubles_nothing():
    assert cut_everywhere(range(4)) > 500


def cut_the_desk_everywhere(seeds: range) -> int:
    """The desk shows after a cut the three carts saved last, or those before the one in flight."""
    tried = 0
    for seed in seeds:
        at, ended = 0, False
        while not ended:
            disk = Disk(seed=seed * 1000 + at)
            till = Till(Fuse(disk, at, power_cut(disk)), [], "desk")
            try:
                till.boot()
                for no in range(1, DAY):
                    till.sell(no)
                ended = True
            except PowerCut:
                disk.power_on()
            again = Till(disk, [], "desk")
            again.boot()
            last = max(till.acked, default=0)
            seen = {record["no"] for record in [again.rollup.cart, *again.rollup.held.values()] if record}
            assert seen in (carts(last), carts(last + 1)), (last, seen)
            assert len(disk.names()) <= 3
            at += 1
        tried += at
    return tried


def carts(last: int) -> set[int]:
    """Numbers of the carts that three slots hold when `last` was saved last."""
    return set(range(max(1, last - 2), last + 1))


def test_the_desk_after_a_cut_at_every_call_is_what_it_said():
    assert cut_the_desk_everywhere(range(3)) > 150


# -- the controls: journals with a planted defect, which the same harness must find


async def acks_before_sync(self: Segment, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    self.end += len(frame)


async def syncs_first(self: Segment, frame: bytes) -> None:
    await self._store.sync(self.name)
    await self._store.write(self.name, self.end, frame)
    self.end += len(frame)


async def two_writes(self: Segment, frame: bytes) -> None:
    """Head last: a frame is two writes, and the sync stands between."""
    await self._store.write(self.name, self.end + SECTOR, frame[SECTOR:] or bytes(1))
    await self._store.sync(self.name)
    await self._store.write(self.name, self.end, frame[:SECTOR])
    self.end += len(frame)


async def wipes_nothing(self: Segment, size: int) -> None:
    return None


def believes_anything(data: Any, offset: int = 0) -> "codec.Frame | None":
    head = codec.read_head(data, offset)
    if head is None or head.kind not in codec.NAMES:
        return None
    end = codec.HEAD_BYTES + head.length
    view = memoryview(data)[offset:]
    size = codec.frame_bytes(head.length)
    payload = bytes(view[codec.HEAD_BYTES : end])
    return codec.Frame(codec.NAMES[head.kind], head.seq, head.no, payload, bytes(view[end : end + 32]), size)


MUTANTS = {
    "acks before sync": (Segment, "write", acks_before_sync),
    "syncs, then writes": (Segment, "write", syncs_first),
    "two writes a frame, one synced": (Segment, "write", two_writes),
    "leaves a torn tail lying": (Segment, "wipe", wipes_nothing),
    "checks no CRC": (segment, "unpack", believes_anything),
}


@pytest.mark.parametrize("defect", list(MUTANTS))
def test_a_planted_defect_is_found(defect: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(*MUTANTS[defect])
    with pytest.raises((AssertionError, JournalDamaged)):
        cut_everywhere(range(4))


def test_a_desk_that_drops_its_old_segment_before_the_new_checkpoint_is_found(monkeypatch: pytest.MonkeyPatch):
    roll = Journal._roll

    async def drops_first(self: Journal) -> None:
        while not self._rollup.history and self._shelf.numbers:
            await self._shelf.drop_oldest()
        await roll(self)

    monkeypatch.setattr(Journal, "_roll", drops_first)
    with pytest.raises((AssertionError, JournalDamaged, StoreBroken)):
        cut_the_desk_everywhere(range(3))


def test_drive_refuses_what_waits():
    async def forever() -> None:
        await asyncio.sleep(1)

    with pytest.raises((AssertionError, RuntimeError)):
        drive(forever())
