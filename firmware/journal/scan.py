"""The fast walk of a boot: every frame's sum and link are checked, no record is read.

It stops where a frame is not sound, not ours or not whole in the window; what that means is recovery.py's to judge."""

import binascii
import hashlib
import struct

from firmware.journal.codec import FORMAT, HEAD, HEAD_BYTES, KINDS, MAGIC, NAMES, PADDING, PAYLOAD_MAX, SECTOR, TRAILER_BYTES

CHECKPOINT = KINDS["checkpoint"]


class Scan:
    """offset: behind the last good frame. seq, head: of it. frames: how many, checkpoints not counted. mark: offset of the
    newest checkpoint among them, marked: frames before it."""

    def __init__(self, offset: int, seq: int, head: bytes):
        self.offset = offset
        self.seq = seq
        self.head = head
        self.frames = 0
        self.mark = -1
        self.marked = 0

    def take(self, view: memoryview) -> bool:
        """Go on over view, whose first byte is at `offset`. False where the next frame is not one; True where more of the
        file must be seen."""
        at, seq, head, held = 0, self.seq, self.head, len(view)
        more = True
        while at + SECTOR <= held:
            magic, form, kind, length, said, _ = struct.unpack_from(HEAD, view, at)
            if magic != MAGIC or form != FORMAT or said != seq + 1 or length > PAYLOAD_MAX or kind not in NAMES:
                more = False
                break
            end = at + HEAD_BYTES + length
            stop = at + (HEAD_BYTES + length + TRAILER_BYTES + SECTOR - 1) // SECTOR * SECTOR
            if stop > held:
                break
            h = hashlib.sha256(head)
            h.update(view[at + HEAD_BYTES : end])
            link = h.digest()
            told, crc = struct.unpack_from(">32sI", view, end)
            padding = bytes(view[end + TRAILER_BYTES : stop])
            if told != link or crc != binascii.crc32(view[at : end + 32]) or padding != PADDING[: len(padding)]:
                more = False
                break
            if kind == CHECKPOINT:
                self.mark, self.marked = self.offset + at, self.frames
            else:
                seq, head = said, link
                self.frames += 1
            at = stop
        self.offset += at
        self.seq, self.head = seq, head
        return more
