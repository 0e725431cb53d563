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
    """Follows one journal: `fresh` gives the frames since the last call. chain_ok: every link so far was right."""

    def __init__(self, disk: Readable, prefix: str) -> None:
        self.disk = disk
        self.prefix = prefix
        self.segment = ""
        self.offset = 0
        self.head = codec.GENESIS
        self.chain_ok = True

    def fresh(self) -> "list[codec.Frame]":
        found: list[codec.Frame] = []
        for name in self._segments():
            if name != self.segment:
                self.segment, self.offset = name, 0
            while frame := self._next():
                self.offset += frame.size
                if frame.kind != "checkpoint":
                    found.append(frame)
                    self.chain_ok &= frame.link == codec.chain(self.head, frame.payload)
                    self.head = frame.link
                elif not found and self.head == codec.GENESIS:
                    self.head = frame.link
        return found

    def _segments(self) -> "list[str]":
        return [name for name in self.disk.names() if name.startswith(self.prefix) and name >= self.segment]

    def _next(self) -> "codec.Frame | None":
        head = codec.read_head(self.disk.pread(self.segment, self.offset, codec.HEAD_BYTES))
        if head is None:
            return None
        return codec.unpack(self.disk.pread(self.segment, self.offset, codec.frame_bytes(head.length)))


class Books:
    """Both journals of a till: records of the main one, and how many of its sales the fleet has acknowledged."""

    def __init__(self, disk: Readable) -> None:
        self.main = Tail(disk, "main")
        self.local = Tail(disk, "desk")
        self.records: list[Record] = []
        self.desk = Desk()

    def read(self) -> "Books":
        """Catch up with the disk."""
        self.records += [json.loads(frame.payload) for frame in self.main.fresh()]
        for frame in self.local.fresh():
            self.desk.fold(json.loads(frame.payload))
        return self

    def queued(self) -> int:
        """Sales that the fleet has not acknowledged."""
        sales = len([record for record in self.records if record["kind"] == "sale"])
        return sales - int(self.desk.acked["sales"])


def fields(record: Record, currency: Currency) -> dict[str, str]:
    """A record as a script names it: the fields of its kind, as an operator reads them."""
    if record["kind"] == "sale":
        return {"kind": "sale"} | sale_fields(record, currency)
    if record["kind"] == "print":
        done = "yes" if record["done"] else "no"
        return {"kind": "print", "no": f"{record['no']:04d}", "copy": str(record["copy"]), "done": done}
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
