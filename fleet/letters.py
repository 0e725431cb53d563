"""What comes off the broker, opened: read to its last field, inflated, hashed and summed up, before any lock is taken.

Nothing here knows the ledger. What does not open is a WireFault with its reason."""

import hashlib
import zlib
from typing import Any, NamedTuple

from firmware.sync import wire
from firmware.sync.wire import Batch, WireFault
from fleet.checks import Unfit, record_of

Row = tuple[str, int, str, int, bytes, int, int | None, str | None, int | None]
COLUMNS = ("terminal", "seq", "kind", "no", "payload", "received_at", "total", "currency", "at")  # of a Row, in frames


class Sheet(NamedTuple):
    """A batch, ready to be booked. whole: its chain leads from its prev to its head. rows: its records that are fit.
    apart: (seq, reason, payload) of those that are not."""

    batch: Batch
    whole: bool
    rows: list[Row]
    apart: list[tuple[int, str, bytes]]


class Hello(NamedTuple):
    """A till that says where it stands. seal: who signed it, None for nobody."""

    said: dict[str, Any]
    seal: "wire.Seal | None"


def open_batch(terminal: str, payload: bytes) -> Batch:
    """The batch in a published message. Raises WireFault."""
    return wire.opened(terminal, payload, inflate)


def open_hello(terminal: str, payload: bytes) -> Hello:
    """Raises WireFault."""
    return Hello(wire.read_hello(payload), wire.seal_of(wire.topic(terminal, wire.UP_HELLO), payload))


def sheet_of(batch: Batch, received_at: int) -> Sheet:
    """Hash and check every record of it. received_at: UTC seconds."""
    link = batch.prev
    for line in batch.lines:
        link = hashlib.sha256(link + line).digest()  # codec.chain, in one call
    if link != batch.head:
        return Sheet(batch, False, [], [])
    rows: list[Row] = []
    apart = []
    terminal = batch.terminal
    for seq, line in enumerate(batch.lines, batch.first):
        try:
            record = record_of(line, seq)
        except Unfit as fault:
            apart.append((seq, str(fault), line))
            continue
        kind, no = record["kind"], record["no"]
        if kind == "sale":
            rows.append((terminal, seq, kind, no, line, received_at, record["total"], record["cur"], record["at"]))
        else:
            rows.append((terminal, seq, kind, no, line, received_at, None, None, None))
    return Sheet(batch, True, rows, apart)


def inflate(deflated: bytes, dictionary: bytes) -> bytes:
    """The text of a batch. Raises WireFault, and never makes more than MAX_RAW bytes."""
    unpacker = zlib.decompressobj(-15, dictionary)
    try:
        text = unpacker.decompress(deflated, wire.MAX_RAW + 1)
    except zlib.error as fault:
        raise WireFault(f"batch: not deflated: {fault}") from fault
    if len(text) > wire.MAX_RAW:
        raise WireFault(f"batch: more than {wire.MAX_RAW} bytes of text", "size")
    if not unpacker.eof or unpacker.unused_data:
        raise WireFault("batch: the deflated stream does not end where the message does")
    return text
