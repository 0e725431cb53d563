"""The till's journals as an outsider reads them: off the disk, frame by frame, without asking the firmware."""

import json
from typing import Any, Protocol

from firmware.journal import codec
from firmware.journal.desk import Desk
from firmware.sale.money import Currency

Record = dict[str, Any]


class Readable(Protocol):
    """What a disk holds for sure."""

    def names(self) -> list[str]: ...
    def size(self, name: str) -> int: ...
    def pread(self, name: str, offset: int, size: int) -> bytes: ...


class Tail:
    """Follows one journal on its disks: `fresh` gives the frames since the last call. chain_ok: every link so far was right.

    A frame counts as soon as one disk has it. A checkpoint has no place in the chain; it says where the chain stands, which
    is all we know of segments long gone, and it takes back a frame that was in doubt when its segment was begun."""

    def __init__(self, disks: "list[Readable]", prefix: str) -> None:
        self.disks = disks
        self.prefix = prefix
        self.segment = ""
        self.offset = 0
        self.head = b""
        self.before = b""  # the link before the last frame
        self.chain_ok = True

    def fresh(self) -> "list[Record]":
        """Records in their order, checkpoints among them."""
        found: list[Record] = []
        names = sorted({name for disk in self.disks for name in disk.names()})
        for name in [name for name in names if name.startswith(self.prefix) and name >= self.segment]:
            offset = self.offset if name == self.segment else 0
            while frame := self._frame(name, offset):
                # a segment that is made ahead is blank: it is ours to follow once its first frame stands there
                self.segment, offset = name, offset + frame.size
                self.offset = offset
                found.append(json.loads(frame.payload))
                self._follow(frame, found[-1])
        return found

    def _frame(self, name: str, offset: int) -> "codec.Frame | None":
        for disk in self.disks:
            if name in disk.names() and (frame := frame_at(disk, name, offset)):
                return frame
        return None

    def _follow(self, frame: codec.Frame, record: Record) -> None:
        if frame.kind == "checkpoint":
            stands = bytes.fromhex(record["head"])
            self.chain_ok &= b"" in (self.head, self.before) or stands in (self.head, self.before)
            self.head = self.before = stands
        else:
            self.chain_ok &= frame.link == codec.chain(self.head, frame.payload)
            self.before, self.head = self.head, frame.link


def frame_at(disk: Readable, name: str, offset: int) -> "codec.Frame | None":
    head = codec.read_head(disk.pread(name, offset, codec.HEAD_BYTES))
    return codec.unpack(disk.pread(name, offset, codec.frame_bytes(head.length))) if head else None


def last_frame(disk: Readable, prefix: str, kind: str) -> "tuple[str, int, codec.Frame] | None":
    """File, offset and frame of the newest frame of a kind."""
    for name in reversed([name for name in disk.names() if name.startswith(prefix)]):
        found, offset = None, 0
        while frame := frame_at(disk, name, offset):
            found = (name, offset, frame) if frame.kind == kind else found
            offset += frame.size
        if found:
            return found
    return None


class Books:
    """Both journals of a till: records of the main one, and how many of its sales the fleet has acknowledged."""

    def __init__(self, disks: "list[Readable]") -> None:
        self.main = Tail(disks, "main")
        self.local = Tail(disks, "desk")
        self.records: list[Record] = []
        self.desk = Desk()

    def read(self) -> "Books":
        """Catch up with the disk."""
        for record in self.main.fresh():
            if record["kind"] == "checkpoint":
                # a frame that was in doubt when this segment was begun is settled in it, or never was
                self.records = [kept for kept in self.records if kept["seq"] < record["seq"]]
            else:
                self.records.append(record)
        for record in self.local.fresh():
            if record["kind"] == "checkpoint":
                self.desk.restore(record["rollup"])
            else:
                self.desk.fold(record)
        return self

    def sales(self) -> "list[Record]":
        return [record for record in self.records if record["kind"] == "sale"]

    def queued(self) -> int:
        """Sales that the fleet has not acknowledged."""
        return len(self.sales()) - int(self.desk.acked["sales"])


def fields(record: Record, currency: Currency) -> dict[str, str]:
    """A record as a script names it: the fields of its kind, as an operator reads them."""
    if record["kind"] == "sale":
        return {"kind": "sale"} | sale_fields(record, currency)
    if record["kind"] == "print":
        done = "yes" if record["done"] else "no"
        return {"kind": "print", "no": f"{record['no']:04d}", "copy": str(record["copy"]), "done": done}
    if record["kind"] in ("document", "read"):
        order = record.get("order", {}).get("do", "")
        return {"kind": record["kind"], "doc": record.get("doc", ""), "version": str(record["version"]), "order": order}
    return {"kind": record["kind"], "reason": record.get("reason", "")}


def sale_fields(record: Record, currency: Currency) -> dict[str, str]:
    legs = record["legs"]
    tenders = {leg["tender"] for leg in legs}
    return {
        "no": f"{record['no']:04d}",
        "total": currency.text(record["total"]),
        "tax": currency.text(sum(rate["tax"] for rate in record["tax"])),
        "rounding": currency.text(record["rounding"]),
        "tender": tenders.pop() if len(tenders) == 1 else "mixed",
        "given": currency.text(sum(leg["given"] for leg in legs)),
        "change": currency.text(sum(leg["change"] for leg in legs)),
        "lines": str(len(record["lines"])),
    }
