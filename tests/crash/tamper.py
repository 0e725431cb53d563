"""Somebody has the card: every byte flipped, files cut short, frames and segments spliced, swapped, rolled back, put in from
another till, and the whole journal, or one checkpoint, forged with right sums.

Two judges know one acknowledged head, and each must find every change: reader.py, which shares no line with the firmware, and
the code of `hal journal verify --keys --known`. And the till that boots on it stops or says what it cut, but never goes on
with other sales than it had."""

import hashlib
import json
import random
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

from firmware.journal import audit
from firmware.journal.audit import Audit
from firmware.journal.codec import canonical
from firmware.journal.rollup import Rollup
from hal import keystore
from hal.ports.faults import Fault
from hal.store import FileStore
from hal.worker import Inline
from tests.crash import reader, stand
from tests.crash.campaign import ALTERED, Campaign, Job, Tally, Wrong
from tests.crash.disk_states import Files, body, sale_payload
from tests.crash.harness import drive
from tests.crash.medium import SECTOR, Medium
from tests.crash.reader import HEAD, Frame, frame_at, read
from tests.crash.stand import SEGMENT, Silent

SALES = 22  # three segments
BATCH = 500
BOOTS = 8  # of so many cases one is booted too
KEYS, THEIRS = keystore.seeded(1, "OURS"), keystore.seeded(1, "THEIRS")
Image = dict[str, bytearray]


@cache
def left(sales: int, first: int = 0) -> Files:
    """A till's journal after so many sales. first: another till sells other things."""
    disk = Medium()
    journal = stand.journal([disk], "main", Rollup(), keystore=THEIRS if first else KEYS)
    drive(journal.recover())
    for no in range(1, sales + 1):
        drive(journal.append("sale", no, body(no + first)))
    return disk.held


def frames(image: Files) -> "list[tuple[str, int, Frame]]":
    """Where each frame of a chain stands."""
    found = []
    for name in sorted(image):
        offset = 0
        while frame := frame_at(bytes(image[name]), offset):
            found.append((name, offset, frame))
            offset += frame.size
    return found


def flip(image: Image, chance: random.Random, nth: int) -> None:
    """The nth byte of all, in turn."""
    names = sorted(image)
    at = nth % (SEGMENT * len(names))
    image[names[at // SEGMENT]][at % SEGMENT] ^= 1 << chance.randrange(8)


def truncate(image: Image, chance: random.Random, nth: int) -> None:
    name = chance.choice(sorted(image))
    del image[name][nth * 31 % SEGMENT :]


def swap_frames(image: Image, chance: random.Random, nth: int) -> None:
    """The first sectors of two change places."""
    places = [place for place in frames(image) if place[2].kind != 1]
    one = chance.choice(places)
    (name, at, _), (other, there, _) = one, chance.choice([place for place in places if place is not one])
    size = min(one[2].size, SECTOR)
    image[name][at : at + size], image[other][there : there + size] = (
        image[other][there : there + size],
        image[name][at : at + size],
    )


def swap_segments(image: Image, chance: random.Random, nth: int) -> None:
    one, other = chance.sample(sorted(image), 2)
    image[one], image[other] = image[other], image[one]


def drop_frame(image: Image, chance: random.Random, nth: int) -> None:
    """One is taken out and those behind move up."""
    name, at, frame = chance.choice(frames(image))
    image[name] = image[name][:at] + image[name][at + frame.size :] + bytearray(frame.size)


def repeat_frame(image: Image, chance: random.Random, nth: int) -> None:
    """A sale that was, once more at the end."""
    places = frames(image)
    name, at, frame = chance.choice([place for place in places if place[2].kind != 1])
    last, end, behind = places[-1]
    copy = image[name][at : at + frame.size]
    image[last][end + behind.size : end + behind.size + frame.size] = copy
    del image[last][SEGMENT:]


def foreign_frame(image: Image, chance: random.Random, nth: int) -> None:
    """The sale of the same number from another till, sound in itself."""
    name, at, frame = chance.choice([place for place in frames(image) if place[2].kind != 1])
    theirs = next(other for _, _, other in frames(left(SALES, 100)) if other.seq == frame.seq and other.kind == frame.kind)
    where = next(place for place in frames(left(SALES, 100)) if place[2] is not None and place[2].link == theirs.link)
    data = left(SALES, 100)[where[0]][where[1] : where[1] + theirs.size]
    image[name] = (image[name][:at] + data + image[name][at + frame.size :] + bytearray(SEGMENT))[:SEGMENT]


def foreign_segment(image: Image, chance: random.Random, nth: int) -> None:
    theirs = left(SALES, 100)
    name = chance.choice([name for name in image if any(image[name]) and name in theirs])
    image[name] = bytearray(theirs[name])


def roll_back(image: Image, chance: random.Random, nth: int) -> None:
    """All of it as it was some sales ago."""
    image.clear()
    image.update({name: bytearray(data) for name, data in left(chance.randrange(1, SALES)).items()})


def roll_back_segment(image: Image, chance: random.Random, nth: int) -> None:
    """One file as it was some sales ago."""
    before = left(chance.randrange(1, SALES))
    names = [name for name in before if bytes(image[name]) != before[name]]
    if not names:
        return roll_back(image, chance, nth)
    name = chance.choice(names)
    image[name] = bytearray(before[name])
    return None


def splice(image: Image, chance: random.Random, nth: int) -> None:
    """From some sector on, a file is another till's, or its own as it was some sales ago."""
    other = chance.choice((left(SALES, 100), left(chance.randrange(1, SALES))))
    name = chance.choice([name for name in image if name in other])
    at = chance.randrange(SEGMENT // SECTOR) * SECTOR
    image[name][at:] = other[name][at:]


def packed(frame: Frame, payload: bytes, link: bytes) -> bytes:
    """The frame with another payload, as somebody makes it who knows the form."""
    data = HEAD.pack(b"\xffBRW", 1, frame.kind, len(payload), frame.seq, frame.no) + payload + link
    data += zlib.crc32(data).to_bytes(4, "big")
    return data + bytes(-len(data) % SECTOR)


def forge(image: Image, chance: random.Random, nth: int) -> None:
    """One sale is another one, and every link and sum behind it is right again."""
    at = chance.randrange(1, SALES + 1)
    head, seq = bytes(32), 0
    for name, offset, frame in frames(image):
        payload = frame.payload
        if frame.kind == 1:
            payload = payload.replace(read_head(payload), head.hex().encode())
        elif (seq := seq + 1) == at:
            payload = payload.replace(b'"at":17', b'"at":18')
        link = hashlib.sha256(head + payload).digest()
        data = packed(frame, payload, link)
        image[name][offset : offset + len(data)] = data
        head = head if frame.kind == 1 else link


def forge_checkpoint(image: Image, chance: random.Random, nth: int) -> None:
    """A checkpoint says other totals, or has lost its seal, or has another till's; its link and its sum are right."""
    name, offset, frame = chance.choice([place for place in frames(image) if place[2].kind == 1 and place[2].seq > 1])
    record, how = json.loads(frame.payload), nth % 3
    if how == 0:
        record["rollup"]["sales"] += 1 + nth
    elif how == 1:
        record["format"] = 1
        del record["mac"], record["copies"]
        record["rollup"]["last_no"] += 1 + nth
    else:
        record["mac"] = THEIRS.mac(canonical(record | {"mac": "main"})).hex()
    payload = canonical(record)
    data = packed(frame, payload, hashlib.sha256(bytes.fromhex(record["head"]) + payload).digest())
    image[name][offset : offset + len(data)] = data.ljust(frame.size, b"\0")


def read_head(payload: bytes) -> bytes:
    """The head that a checkpoint says, as it stands there."""
    start = payload.index(b'"head":"') + 8
    return payload[start : start + 64]


Change = Callable[[Image, random.Random, int], None]
CHANGES: "dict[str, Change]" = {
    "flip": flip,
    "truncation": truncate,
    "swap of frames": swap_frames,
    "swap of segments": swap_segments,
    "frame taken out": drop_frame,
    "frame repeated": repeat_frame,
    "foreign frame": foreign_frame,
    "foreign segment": foreign_segment,
    "rollback": roll_back,
    "rollback of a segment": roll_back_segment,
    "splice": splice,
    "forgery": forge,
    "forged checkpoint": forge_checkpoint,
}


# what a till alone can see as it boots; and where a cut may fall between two frames, so that only the fleet can tell
AT_BOOT = ("flip", "truncation", "swap of frames", "frame taken out", "frame repeated", "foreign frame")
CUTS_CLEAN = ("truncation", "frame taken out")
SEALED = ("forged checkpoint",)  # what only a till's own key finds: an outsider has none


def changed(kind: str, nth: int) -> "Files | None":
    """The journal after this; None where it came out the same."""
    whole = left(SALES)
    image = {name: bytearray(data) for name, data in whole.items()}
    CHANGES[kind](image, random.Random(f"{kind} {nth}"), nth)
    files = {name: bytes(data) for name, data in image.items()}
    return None if files == whole else files


def examine(kind: str, files: Files, boot: bool) -> None:
    """Raises Wrong when nobody notices."""
    last = read(left(SALES)).frames[-1]
    known = (last.seq, last.link)
    if kind not in SEALED and not reader.verify(files, SEGMENT, known):
        raise Wrong(ALTERED, "the outsider passes it")
    if not told_by_verify(files, known):
        raise Wrong(ALTERED, "`hal journal verify` passes it")
    if boot and kind in AT_BOOT:
        boots_with_what_it_had(files, kind in CUTS_CLEAN)


def told_by_verify(files: Files, known: "tuple[int, bytes]") -> int:
    """How much `hal journal verify` says that it does not say of the journal as it was left."""
    found = Audit(FileStore(Medium(files), Inline(), Silent()), "main", ignore, ignore, KEYS, known)
    drive(found.run())
    return found.breaks + found.torn + found.void + (not found.confirmed)


def ignore(*_: object) -> None:
    """What was found is counted elsewhere."""


def boots_with_what_it_had(files: Files, may_end_sooner: bool) -> None:
    journal = stand.journal([Medium(files)], "main", Rollup(), keystore=KEYS)
    try:
        told = drive(journal.recover()).dropped > 0 or may_end_sooner
        found = drive(journal.payloads(1, 1000, 1 << 30))
    except (Fault, OSError):
        return
    wanted = [sale_payload(no) for no in range(1, SALES + 1)]
    if found != wanted and not (told and found == wanted[: len(found)]):
        raise Wrong(ALTERED, f"the till boots with {len(found)} sales and says nothing")


# -- blind judges


def looks_at_no_link(self: Any, name: str, offset: int, frame: Frame) -> None:
    self.frames.append(frame)
    self.head = frame.link


VERIFY = reader.verify


def passes_over(words: str) -> Callable[..., list[str]]:
    return lambda files, size, anchor: [fault for fault in VERIFY(files, size, anchor) if words not in fault]


class AnyLink:
    """As good as every other one."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def shows_whatever_it_is(self: Any) -> None:
    self._last, self.confirmed = None, True


async def looks_no_further(self: Any, segment: Any, window: Any, offset: int) -> "tuple[int, int]":
    return -1, offset


MUTANTS: "dict[str, tuple[Any, str, Any]]" = {
    "looks at no link": (reader.Reading, "_frame", looks_at_no_link),
    "knows no head": (reader, "verify", lambda files, size, anchor: VERIFY(files, size, None)),
    "looks at no size": (reader, "verify", passes_over(", not ")),
    "stops at the end": (reader, "verify", passes_over("behind the last frame")),
    "verify: looks at no seal": (Audit, "_check_mac", ignore),
    "verify: follows no chain": (audit, "chain", lambda prev, payload: AnyLink()),
    "verify: knows no head": (Audit, "_show", shows_whatever_it_is),
    "verify: does not look behind the last frame": (Audit, "_look_behind", looks_no_further),
}


class Tamper(Campaign):
    """Every byte of a journal of three segments, and what else hands can do to it."""

    name = "tamper"
    unit = "changes"
    size = 100_000
    slice = 2_000
    minutes = 2

    def jobs(self, size: int, seed: int) -> Iterator[Job]:
        flips = SEGMENT * len(left(SALES))
        others = [kind for kind in CHANGES if kind != "flip"]
        step = BATCH if size >= flips else 100
        for start in range(0, max(size, flips), step):
            if start < flips or size > 4 * flips:
                yield "flip", start if size >= flips else start * flips // size, step
            yield others[start // step % len(others)], seed * 1_000_000 + start, step

    def work(self, job: Job) -> Tally:
        kind, first, count = job
        tally = Tally()
        for nth in range(first, first + count):
            files = changed(kind, nth)
            if files is None:
                continue
            tally.tried += 1
            try:
                examine(kind, files, nth % BOOTS == 0)
            except Wrong as wrong:
                tally.blame(wrong, f"{kind} {nth}")
        return tally

    def controls(self) -> list[str]:
        return list(MUTANTS)

    def caught(self, control: str) -> bool:
        with patch.object(*MUTANTS[control]):
            return any(self.work((kind, n * 2039, 40)).findings for n in range(12) for kind in CHANGES)
