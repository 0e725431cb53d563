"""A journal of very many sales on a real disk, fast: the frames are the journal's own, made from one template."""

import binascii
import hashlib
from pathlib import Path
from typing import Any

from firmware.journal import codec
from firmware.journal.checkpoint import Checkpoint
from firmware.journal.journal import MARK_BYTES, SEGMENT_BYTES
from firmware.journal.rollup import Rollup
from firmware.journal.segment import name_of

AT_S = 1795271520  # 2026-11-21T14:32, UTC
EVERY_S = 97  # seconds between two sales


def sale(no: int) -> dict[str, Any]:
    """One coffee, in cash, as a stall in the market sells it."""
    line = {"code": "11", "names": {"en": "Coffee", "zh": "咖啡"}, "price": 350, "qty": 1000, "rate": "standard", "total": 350}
    return {
        "at": AT_S + no * EVERY_S,
        "cur": "GBP",
        "legs": [{"amount": 350, "change": 0, "given": 350, "tender": "cash"}],
        "lines": [line],
        "no": no,
        "off": 0,
        "receipt": "auto",
        "rounding": 0,
        "tax": [{"bp": 2000, "mode": "included", "net": 292, "rate": "standard", "tax": 58}],
        "total": 350,
        "trusted": True,
    }


class Press:
    """Writes segments frame by frame into memory, whole files to the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rollup = Rollup()
        self.head = codec.GENESIS
        self.seq = 0
        self.number = 0
        self.segment = bytearray()
        self.mark_at = 0
        record = sale(1) | {"kind": "sale", "seq": 1}
        text = codec.canonical(record | {"at": 123456789, "no": 987654321, "seq": 987654322}).replace(b"%", b"%%")
        for number in (b"123456789", b"987654321", b"987654322"):
            text = text.replace(number, b"%d")
        self.template = text
        self.record = record
        self.open()

    def checkpoint(self) -> None:
        frame = Checkpoint(self.number, self.seq + 1, self.head, self.rollup.snapshot(), 2).frame("main", None)
        self.segment += frame
        self.mark_at = len(self.segment) + MARK_BYTES - len(frame)

    def open(self) -> None:
        self.number += 1
        self.segment = bytearray()
        self.checkpoint()

    def sell(self) -> None:
        seq = self.seq + 1
        payload = self.template % (AT_S + seq * EVERY_S, seq, seq)
        size = codec.frame_bytes(len(payload))
        if len(self.segment) + size > SEGMENT_BYTES:
            self.close()
            self.open()
        link = hashlib.sha256(self.head + payload).digest()
        head = codec.struct.pack(codec.HEAD, codec.MAGIC, codec.FORMAT, codec.KINDS["sale"], len(payload), seq, seq)  # type: ignore[attr-defined]
        frame = head + payload + link
        self.segment += (frame + binascii.crc32(frame).to_bytes(4, "big")).ljust(size, b"\0")
        self.seq, self.head = seq, link
        self.record |= {"at": AT_S + seq * EVERY_S, "no": seq, "seq": seq}
        self.rollup.fold(self.record)
        if len(self.segment) >= self.mark_at:
            self.checkpoint()

    def close(self) -> None:
        name = name_of("main", self.number)
        (self.folder / name).write_bytes(self.segment.ljust(SEGMENT_BYTES, b"\0"))


def build(folder: Path, sales: int) -> Press:
    """main-*.seg in folder, as a till leaves them after so many sales."""
    press = Press(folder)
    for _ in range(sales):
        press.sell()
    press.close()
    return press
