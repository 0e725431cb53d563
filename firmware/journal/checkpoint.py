"""The first frame of a segment: where the chain stands and what all before it adds up to, so that boot reads one segment.

Its place for more (a keyed MAC, totals by day) is its payload: readers take what they know."""

import binascii
import json

from firmware.journal.codec import FORMAT, canonical, chain, pack
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.journal.codec import Frame


class Checkpoint:
    """segment: its number. seq: of the first frame after it. head: the link before that frame. rollup: its snapshot."""

    def __init__(self, segment: int, seq: int, head: bytes, rollup: "dict[str, Any]"):
        self.segment = segment
        self.seq = seq
        self.head = head
        self.rollup = rollup

    def frame(self) -> bytes:
        """As it stands on the disk."""
        payload = canonical(
            {
                "format": FORMAT,
                "head": binascii.hexlify(self.head).decode(),
                "kind": "checkpoint",
                "rollup": self.rollup,
                "segment": self.segment,
                "seq": self.seq,
            }
        )
        return pack("checkpoint", self.seq, 0, payload, chain(self.head, payload))


def read(frame: "Frame", name: str, number: int) -> Checkpoint:
    """What a sound frame at offset 0 of segment `number` says. Raises JournalDamaged when it does not belong there."""
    try:
        body = json.loads(frame.payload)
        found = Checkpoint(body["segment"], body["seq"], binascii.unhexlify(body["head"]), body["rollup"])
        right = body["kind"] == frame.kind == "checkpoint" and body["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as fault:
        raise JournalDamaged(f"{name}: offset 0: checkpoint cannot be read: {fault!r}") from None
    right = right and found.segment == number and found.seq == frame.seq
    if not right or chain(found.head, frame.payload) != frame.link:
        raise JournalDamaged(f"{name}: offset 0: seq {frame.seq}: this checkpoint is not of this segment")
    return found
