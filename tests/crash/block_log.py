"""What block_disk.py logged, and what a medium may hold when the power goes at some instant of it."""

import random
import struct
from pathlib import Path
from typing import NamedTuple

RECORD = struct.Struct("<cQQI")
SECTOR = 512


class Op(NamedTuple):
    """flush: all before it is on the medium. at: monotonic ns."""

    flush: bool
    at: int
    offset: int
    data: bytes


def read(path: Path) -> list[Op]:
    data, found, place = path.read_bytes(), [], 0
    while place + RECORD.size <= len(data):
        kind, at, offset, size = RECORD.unpack_from(data, place)
        place += RECORD.size
        found.append(Op(kind == b"F", at, offset, data[place : place + size]))
        place += size
    return found


class Device:
    """Cuts of one logged device, later and later. size: bytes."""

    def __init__(self, ops: "list[Op]", size: int) -> None:
        self.ops = ops
        self.durable = bytearray(size)
        self.done = 0  # ops that are in `durable`

    def cut(self, at: int, chance: random.Random) -> bytearray:
        """The medium after a cut at this instant: what was flushed, and any part of the rest, in any order, torn at sectors."""
        last, now = self.done, self.done
        for now in range(self.done, len(self.ops)):
            if self.ops[now].at > at:
                break
            if self.ops[now].flush:
                last = now
        for op in self.ops[self.done : last]:
            self.durable[op.offset : op.offset + len(op.data)] = op.data
        self.done = last
        medium = bytearray(self.durable)
        flying = [op for op in self.ops[last:now] if not op.flush]
        if chance.random() < 0.5:
            chance.shuffle(flying)
        for op in flying:
            fate = chance.random()
            if fate < 0.4:
                medium[op.offset : op.offset + len(op.data)] = op.data
            elif fate < 0.7:
                for start in range(0, len(op.data), SECTOR):
                    if chance.random() < 0.5:
                        medium[op.offset + start : op.offset + start + SECTOR] = op.data[start : start + SECTOR]
        return medium
