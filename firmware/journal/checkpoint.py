"""A checkpoint: where the chain stands and what all before it adds up to. It opens each segment, so that boot reads one, and
stands again in its middle, so that boot folds little of it.

Format 2 of its payload says also how many copies there were and carries a MAC under the till's own key. Format 1 has
neither, and is read for ever."""

import binascii
import json

from firmware.journal.codec import canonical, chain, pack
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.journal.codec import Frame
    from hal.ports.board import Keystore

PLAIN, SEALED = 1, 2  # formats of the payload


class Checkpoint:
    """segment: its number. seq: of the first frame after it. head: the link before that frame. rollup: its snapshot.
    copies: how many were written, 0 where it is not known. mac: HMAC-SHA256 in hex, "" for none."""

    def __init__(self, segment: int, seq: int, head: bytes, rollup: "dict[str, Any]", copies: int = 0, mac: str = ""):
        self.segment = segment
        self.seq = seq
        self.head = head
        self.rollup = rollup
        self.copies = copies
        self.mac = mac

    def frame(self, prefix: str, keystore: "Keystore | None") -> bytes:
        """As it stands on the disk, sealed where there is a key. prefix: of the journal, which the MAC covers."""
        if keystore is not None:
            self.mac = binascii.hexlify(keystore.mac(self._sealed(prefix))).decode()
        payload = canonical(self._body())
        return pack("checkpoint", self.seq, 0, payload, chain(self.head, payload))

    def ours(self, prefix: str, keystore: "Keystore") -> bool:
        """Whether the key of this till made its MAC."""
        return self.mac == binascii.hexlify(keystore.mac(self._sealed(prefix))).decode()

    def _sealed(self, prefix: str) -> bytes:
        body = self._body()
        body["mac"] = prefix
        return canonical(body)

    def _body(self) -> "dict[str, Any]":
        return {
            "copies": self.copies,
            "format": SEALED,
            "head": binascii.hexlify(self.head).decode(),
            "kind": "checkpoint",
            "mac": self.mac,
            "rollup": self.rollup,
            "segment": self.segment,
            "seq": self.seq,
        }


def read(frame: "Frame", name: str, number: int, offset: int = 0) -> Checkpoint:
    """What a sound frame of segment `number` says. Raises JournalDamaged when it does not belong there."""
    where = f"{name}: offset {offset}"
    try:
        body = json.loads(frame.payload)
        found = Checkpoint(body["segment"], body["seq"], binascii.unhexlify(body["head"]), body["rollup"])
        right = body["kind"] == frame.kind == "checkpoint" and body["format"] in (PLAIN, SEALED)
        if right and body["format"] == SEALED:
            found.copies, found.mac = body["copies"], body["mac"]
    except (ValueError, KeyError, TypeError) as fault:
        raise JournalDamaged(f"{where}: checkpoint cannot be read: {fault!r}") from None
    right = right and found.segment == number and found.seq == frame.seq
    if not right or chain(found.head, frame.payload) != frame.link:
        raise JournalDamaged(f"{where}: seq {frame.seq}: this checkpoint is not of this segment")
    return found
