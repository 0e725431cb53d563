"""Bytes that nobody wrote: whatever stands in the segments, a boot ends in a journal or in JournalDamaged, and soon."""

import random

import pytest

from firmware.journal import codec
from hal.ports.faults import JournalDamaged
from sim.chips.disk import SECTOR, Disk
from tests.crash.harness import SEGMENT, Till
from tests.crash.test_journal_cuts import sold


def boots(image: dict[str, bytes]) -> bool:
    disk = Disk()
    for name, data in image.items():
        disk.create(name, len(data))
        disk.pwrite(name, 0, data)
        disk.fdatasync(name)
    disk.sync_dir()
    till = Till(disk, [])
    try:
        till.boot()
        till.sell(till.rollup.next_no)
        till.numbers()
    except JournalDamaged as damage:
        assert ".seg: offset " in str(damage)
        return False
    return True


def damaged(image: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Some of: flips, sectors swapped or lost, a stretch of noise, a frame from elsewhere, a head that lies about its length."""
    names = sorted(image)
    out = {name: bytearray(data) for name, data in image.items()}
    for _ in range(chance.randint(1, 3)):
        name, at = chance.choice(names), chance.randrange(SEGMENT // SECTOR) * SECTOR
        data, other = out[name], out[chance.choice(names)]
        kind = chance.randrange(6)
        if kind == 0:
            data[at + chance.randrange(SECTOR)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at : at + SECTOR] = bytes(SECTOR)
        elif kind == 2:
            data[at : at + SECTOR] = chance.randbytes(SECTOR)
        elif kind == 3:
            there = chance.randrange(SEGMENT // SECTOR) * SECTOR
            data[at : at + SECTOR] = other[there : there + SECTOR]
        elif kind == 4:
            data[at : at + 10] = codec.MAGIC + bytes([codec.FORMAT, chance.randrange(256)]) + chance.randbytes(4)
        else:
            data[at : at + SECTOR] = codec.pack("sale", chance.randrange(40), 1, chance.randbytes(40), chance.randbytes(32))[
                :SECTOR
            ]
    return {name: bytes(data) for name, data in out.items()}


def test_two_thousand_damaged_disks():
    disk, _ = sold(20)
    image = {name: disk.held.pread(name, 0, SEGMENT) for name in disk.names()}
    chance = random.Random(5)
    outcomes = [boots(damaged(image, chance)) for _ in range(2000)]
    assert 100 < sum(outcomes) < 1900, "both outcomes are tried"


def test_a_disk_of_noise():
    for seed in range(50):
        assert boots({"main-00000001.seg": random.Random(seed).randbytes(SEGMENT)}), "nothing sound in it: a new journal"


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"7", b"{}", b"\xff\xfe", b'{"kind":"sale"}', b'{"kind":"sale","no":1,"seq":1}', b"[" * 5000, b'{"a":' * 1450],
)
def test_a_whole_frame_with_a_strange_payload_is_damage(payload: bytes):
    """Right CRC, right link, wrong words: it was made on purpose, or by another Barrow."""
    disk, _ = sold(0)
    name = disk.names()[0]
    head = codec.unpack(disk.held.pread(name, 0, SECTOR))
    assert head is not None
    disk.pwrite(name, head.size, codec.pack("sale", 1, 1, payload, codec.chain(codec.GENESIS, payload)))
    disk.fdatasync(name)
    with pytest.raises(JournalDamaged, match=f"{name}: offset {head.size}: seq 1: "):
        Till(disk, []).boot()


def test_files_of_others_are_left_alone():
    disk, acked = sold(3)
    for name in ("mainly.seg", "main-x.seg", "main-.seg", "other-00000001.seg"):
        disk.create(name, 512)
    till = Till(disk, acked)
    till.boot()
    assert till.numbers() == acked
