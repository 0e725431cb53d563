"""An outsider's reader of a journal, written from firmware/journal/README.md alone: it shares no line with the firmware.

It takes what is on the disk as it is, cuts and heals nothing, and lists everything that is not as it must be."""

import hashlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

SECTOR = 512
HEAD = struct.Struct(">4sBBIQI")
KINDS = {1: "checkpoint", 2: "sale", 3: "print", 4: "no_sale", 64: "cart", 65: "acked", 66: "lang"}
Record = dict[str, Any]


class Frame(NamedTuple):
    """A sound one, by itself. size: bytes on the disk."""

    kind: int
    seq: int
    no: int
    payload: bytes
    link: bytes
    size: int

    def record(self) -> Record:
        """{} where the payload is not what its head says."""
        try:
            record = json.loads(self.payload)
            said = (record["kind"], record["seq"], record.get("no", 0))
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}
        return record if said == (KINDS.get(self.kind, record["kind"]), self.seq, self.no) else {}


def frame_at(data: bytes, offset: int) -> "Frame | None":
    """The frame that starts there, if it is whole."""
    if len(data) - offset < HEAD.size:
        return None
    magic, form, kind, length, seq, no = HEAD.unpack_from(data, offset)
    end = offset + HEAD.size + length
    size = -(-(HEAD.size + length + 36) // SECTOR) * SECTOR
    if magic != b"\xffBRW" or form != 1 or offset + size > len(data):
        return None
    if zlib.crc32(data[offset : end + 32]).to_bytes(4, "big") != data[end + 32 : end + 36]:
        return None
    if any(data[end + 36 : offset + size]):
        return None
    return Frame(kind, seq, no, data[offset + HEAD.size : end], data[end : end + 32], size)


class Reading:
    """What one journal's files say. frames: seq 1, 2, ... as far as they follow one another; faults: what is wrong, each with
    its file and offset; torn: bytes behind the last frame of the last segment."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.faults: list[str] = []
        self.torn = 0
        self.head = bytes(32)

    def records(self, kind: str) -> list[Record]:
        return [record for frame in self.frames if KINDS.get(frame.kind) == kind and (record := frame.record())]

    def segment(self, name: str, number: int, data: bytes, last: bool) -> None:
        """The next file. last: a torn tail may stand in it."""
        first = frame_at(data, 0)
        if first is None:
            if any(data):
                self.faults.append(f"{name}: offset 0: no checkpoint")
            return
        self._checkpoint(name, number, first)
        offset = first.size
        while frame := frame_at(data, offset):
            if frame.kind == 1:
                self._checkpoint(name, number, frame)
            else:
                self._frame(name, offset, frame)
            offset += frame.size
        rest = data[offset:].rstrip(b"\0")
        if rest and last:
            self.torn = len(rest)
        elif rest:
            self.faults.append(f"{name}: offset {offset}: {len(rest)} bytes behind the last frame")

    def _checkpoint(self, name: str, number: int, frame: Frame) -> None:
        body = json.loads(frame.payload) if frame.kind == 1 else {}
        head = bytes.fromhex(body.get("head", ""))
        if (body.get("segment"), body.get("seq")) != (number, frame.seq):
            self.faults.append(f"{name}: offset 0: a checkpoint of another segment")
        elif frame.link != hashlib.sha256(head + frame.payload).digest():
            self.faults.append(f"{name}: offset 0: the checkpoint's link is wrong")
        elif frame.seq <= len(self.frames):  # the frames behind it were in doubt when it was written, and are worthless
            del self.frames[frame.seq - 1 :]
            self.head = self.frames[-1].link if self.frames else bytes(32)
        if (frame.seq, head) != (len(self.frames) + 1, self.head):
            self.faults.append(f"{name}: offset 0: stands at seq {frame.seq}, and seq {len(self.frames)} is behind it")

    def _frame(self, name: str, offset: int, frame: Frame) -> None:
        follows = frame.link == hashlib.sha256(self.head + frame.payload).digest()
        if frame.seq != len(self.frames) + 1 or not follows:
            self.faults.append(f"{name}: offset {offset}: seq {frame.seq} does not follow seq {len(self.frames)}")
        elif not frame.record():
            self.faults.append(f"{name}: offset {offset}: seq {frame.seq}: head and payload differ")
        else:
            self.frames.append(frame)
            self.head = frame.link


def read(files: "dict[str, bytes]", prefix: str = "main") -> Reading:
    """Files by name, whole."""
    found = Reading()
    names = sorted(name for name in files if name.startswith(f"{prefix}-") and name.endswith(".seg"))
    used = [name for name in names if any(files[name][:SECTOR])]
    for number, name in enumerate(names, 1):
        if name != f"{prefix}-{number:08d}.seg":
            found.faults.append(f"{name}: segment {number} is missing")
            break
        found.segment(name, number, files[name], name == used[-1] if used else True)
    return found


def verify(files: "dict[str, bytes]", size: int, anchor: "tuple[int, bytes] | None") -> list[str]:
    """Everything that shows that the journal is not as it was left. size: of each file; anchor: a seq and the link after it
    as somebody else keeps them, the fleet or a receipt: without one nobody can tell an old journal, or one forged whole."""
    found = read(files)
    faults = found.faults + [f"{name}: {len(data)} bytes, not {size}" for name, data in files.items() if len(data) != size]
    if found.torn:
        faults.append(f"{found.torn} bytes behind the last frame")
    if anchor is not None:
        seq, link = anchor
        if len(found.frames) < seq:
            faults.append(f"it ends at seq {len(found.frames)}, and seq {seq} was acknowledged")
        elif found.frames[seq - 1].link != link:
            faults.append(f"seq {seq} is not the one that was acknowledged")
    return faults


def read_folder(folder: Path, prefix: str = "main") -> Reading:
    return read({path.name: path.read_bytes() for path in folder.glob("*.seg")}, prefix)
