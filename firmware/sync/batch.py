"""The batch: a run of the journal's records on its way to the ledger, packed and opened.

Layout 2 is what tills send: 103 bytes that no deflate makes shorter, then the records deflated. A byte 2 | seq of the
first, 6 bytes, big-endian | the chain before it, 32 | the till's signature of its head, 64 | raw deflate (RFC 1951), with
the dictionary of version 1, of the payloads as journaled, each with a line feed. The head is not said: who reads computes
it, and the signature is over that. Layout 1 is a byte 1 and the text of `pack_batch` deflated: 100 bytes more; still
read."""

import struct

from firmware.journal.codec import canonical, chain
from firmware.sync import seal
from firmware.sync.dictionary import DICTIONARY
from firmware.sync.envelope import MAX_SEQ, VERSION, WireVersion, check_version, digest, hex_of, integer, small, words
from firmware.sync.topics import UP_BATCH, terminal_ok, topic
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Flate = Callable[[bytes, bytes], bytes]

MAX_RECORDS = 100  # of a batch
BATCH_BYTES = 65536  # of raw text, where a sender stops adding records; a longer record travels alone
MAX_RAW = 1 << 20  # bytes of raw text that a receiver inflates, and not one more

TEXT, RAW = 1, 2  # the layouts
HEAD = ">BHI32s64s"  # the seq as two numbers, high and low
HEAD_BYTES = 103


class Batch:
    """A run of journal records. first: seq of the first, prev and head: the chain before and after, lines: the payloads.
    signature: of its head, b"" where the sender did not sign."""

    def __init__(self, terminal: str, first: int, prev: bytes, head: bytes, lines: "list[bytes]", signature: bytes = b""):
        self.terminal = terminal
        self.first = first
        self.prev = prev
        self.head = head
        self.lines = lines
        self.signature = signature

    @property
    def last(self) -> int:
        """Seq of the last record."""
        return self.first + len(self.lines) - 1

    @property
    def said(self) -> bytes:
        """What the signature is over: where the chain stands after the last record."""
        return seal.head(topic(self.terminal, UP_BATCH), self.last, self.head)


def packed(
    terminal: str, first: int, prev: bytes, lines: "list[bytes]", sign: "Callable[[bytes], bytes]", deflate: "Flate"
) -> bytes:
    """A batch as it is published. sign: the keystore's. deflate: the link's, of bytes with a dictionary."""
    signature = sign(Batch(terminal, first, prev, chained(prev, lines), lines).said)
    head = struct.pack(HEAD, RAW, first >> 32, first & 0xFFFFFFFF, prev, signature)
    return head + deflate(b"\n".join(lines) + b"\n", DICTIONARY)


def opened(terminal: str, payload: bytes, inflate: "Flate") -> Batch:
    """The batch that came on this terminal's topic. inflate: of bytes with a dictionary, to MAX_RAW bytes at most.
    Raises WireFault."""
    layout = payload[0] if payload else 0
    if layout == TEXT:
        batch = read_batch(inflate(payload[1:], DICTIONARY))
        if batch.terminal != terminal:
            raise WireFault("batch header: t: not the terminal of the topic")
        return batch
    if layout > RAW:
        raise WireVersion("batch: layout", layout)
    if layout != RAW or len(payload) < HEAD_BYTES:
        raise WireFault("batch: no layout that is known here")
    _, high, low, prev, signature = struct.unpack_from(HEAD, payload)
    first = high << 32 | low
    if not 1 <= first <= MAX_SEQ - MAX_RECORDS:
        raise WireFault("batch: the seq of its first record is none")
    lines = _lines(inflate(payload[HEAD_BYTES:], DICTIONARY))
    if len(lines) > MAX_RECORDS:
        raise WireFault(f"batch: {len(lines)} records, at most {MAX_RECORDS}")
    return Batch(terminal, first, prev, chained(prev, lines), lines, signature)


def chained(h: bytes, lines: "list[bytes]") -> bytes:
    """The chain after these records."""
    for line in lines:
        h = chain(h, line)
    return h


def _lines(text: bytes) -> "list[bytes]":
    if len(text) > MAX_RAW:
        raise WireFault(f"batch: {len(text)} bytes, the limit is {MAX_RAW}", "size")
    if text[-1:] != b"\n":
        raise WireFault("batch: does not end with a line feed")
    return text[:-1].split(b"\n")


def pack_batch(
    terminal: str, first: int, prev: bytes, lines: "list[bytes]", sign: "Callable[[bytes], bytes] | None" = None
) -> bytes:
    """One header line, then each payload exactly as journaled on a line of its own: the text that hal deflates.

    sign: the keystore's, for the head; a receiver that does not know signatures passes over that field."""
    h = chained(prev, lines)
    top = {"v": VERSION, "t": terminal, "a": first, "n": len(lines), "p": hex_of(prev), "h": hex_of(h)}
    if sign is not None:
        top["s"] = hex_of(sign(Batch(terminal, first, prev, h, lines).said))
    return b"\n".join([canonical(top)] + lines) + b"\n"


def read_batch(text: bytes) -> Batch:
    """The batch in an inflated text. Whether its chain holds is for the ledger, which knows where it should start."""
    lines = _lines(text)
    top = small(lines.pop(0), "batch header")
    check_version(top, "batch header")
    count = integer(top, "n", "batch header", 1)
    if count > MAX_RECORDS or count != len(lines):
        raise WireFault(f"batch header: n: {count}, and there are {len(lines)} records (at most {MAX_RECORDS})")
    terminal = words(top, "t", "batch header")
    if not terminal_ok(terminal):
        raise WireFault("batch header: t: not the name of a terminal")
    first = integer(top, "a", "batch header", 1)
    signature = seal.octets(top, "s", seal.SIGNATURE_BYTES) if "s" in top else b""
    return Batch(terminal, first, digest(top, "p", "batch header"), digest(top, "h", "batch header"), lines, signature)
