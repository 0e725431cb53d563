"""The wire between a till and the fleet: topics, the batch, and the limits that both ends keep.

Pure, and shared with fleet/, which speaks it from the other side and knows it by this file alone: the small messages,
their envelope and their seals are handed on from here (firmware/sync/README.md is the page of it all). Whatever comes in
is checked to the last field and raises WireFault, which says where and why; fields that we do not know pass through."""

from firmware.journal.codec import GENESIS as GENESIS  # fleet reads these from here
from firmware.journal.codec import canonical, chain
from firmware.sync import document as document
from firmware.sync import order as order
from firmware.sync import seal
from firmware.sync.dictionary import DICTIONARY as DICTIONARY
from firmware.sync.dictionary import DICTIONARY_VERSION as DICTIONARY_VERSION
from firmware.sync.envelope import MAX_MESSAGE as MAX_MESSAGE
from firmware.sync.envelope import MAX_SEQ as MAX_SEQ
from firmware.sync.envelope import VERSION as VERSION
from firmware.sync.envelope import WireVersion as WireVersion
from firmware.sync.envelope import check_version, digest, integer, small, words
from firmware.sync.envelope import hex_of as hex_of
from firmware.sync.envelope import object_of as object_of
from firmware.sync.messages import MAX_ANSWER as MAX_ANSWER
from firmware.sync.messages import ack as ack
from firmware.sync.messages import answer as answer
from firmware.sync.messages import hello as hello
from firmware.sync.messages import notice as notice
from firmware.sync.messages import read_ack as read_ack
from firmware.sync.messages import read_answer as read_answer
from firmware.sync.messages import read_hello as read_hello
from firmware.sync.messages import read_notice as read_notice
from firmware.sync.messages import read_request as read_request
from firmware.sync.messages import read_state as read_state
from firmware.sync.messages import read_welcome as read_welcome
from firmware.sync.messages import request as request
from firmware.sync.messages import state as state
from firmware.sync.messages import welcome as welcome
from firmware.sync.seal import Seal as Seal
from firmware.sync.seal import countersigned as countersigned
from firmware.sync.seal import seal_of as seal_of
from firmware.sync.seal import signed as signed
from firmware.sync.seal import vouched as vouched
from hal.ports.faults import WireFault as WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = "barrow/v1"
UP_HELLO, UP_BATCH, UP_REQ = "up/hello", "up/batch", "up/req"
DN_WELCOME, DN_ACK, DN_RES, DN_NOTICE, DN_ALL = "dn/welcome", "dn/ack", "dn/res", "dn/notice", "dn/#"
STATE = "st"  # retained: the birth, and after an abrupt end the will

MAX_RECORDS = 100  # of a batch
BATCH_BYTES = 65536  # of raw text, where a sender stops adding records; a longer record travels alone
MAX_RAW = 1 << 20  # bytes of raw text that a receiver inflates, and not one more


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


def topic(terminal: str, tail: str) -> str:
    """barrow/v1/TERMINAL/tail."""
    return f"{ROOT}/{terminal}/{tail}"


def terminal_of(name: str) -> "tuple[str, str]":
    """(terminal, tail) of a topic of ours. Raises WireFault."""
    parts = name.split("/", 3)
    if len(parts) != 4 or "/".join(parts[:2]) != ROOT or not terminal_ok(parts[2]):
        raise WireFault(f"topic: {name[:80]!r} is none of ours", "topic")
    return parts[2], parts[3]


def terminal_ok(name: str) -> bool:
    """[A-Z0-9-]{4,16}: nothing that a topic, a certificate or another broker would read otherwise."""
    return 4 <= len(name) <= 16 and all(c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-" for c in name)


def pack_batch(
    terminal: str, first: int, prev: bytes, lines: "list[bytes]", sign: "Callable[[bytes], bytes] | None" = None
) -> bytes:
    """One header line, then each payload exactly as journaled on a line of its own: the text that hal deflates.

    sign: the keystore's, for the head; a receiver that does not know signatures passes over that field."""
    h = prev
    for line in lines:
        h = chain(h, line)
    top = {"v": VERSION, "t": terminal, "a": first, "n": len(lines), "p": hex_of(prev), "h": hex_of(h)}
    if sign is not None:
        top["s"] = hex_of(sign(Batch(terminal, first, prev, h, lines).said))
    return b"\n".join([canonical(top)] + lines) + b"\n"


def read_batch(text: bytes) -> Batch:
    """The batch in an inflated text. Whether its chain holds is for the ledger, which knows where it should start."""
    if len(text) > MAX_RAW:
        raise WireFault(f"batch: {len(text)} bytes, the limit is {MAX_RAW}", "size")
    if text[-1:] != b"\n":
        raise WireFault("batch: does not end with a line feed")
    lines = text[:-1].split(b"\n")
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
