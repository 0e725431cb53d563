"""The wire between a till and the fleet: topics, the batch, four small messages, and the limits that both ends keep.

Pure, and shared with fleet/, which speaks it from the other side (firmware/sync/README.md is its page). Whatever comes
in is checked to the last field and raises WireFault, which says where and why; fields that we do not know pass through."""

import binascii
import json

from firmware.journal.codec import GENESIS as GENESIS  # fleet reads these from here
from firmware.journal.codec import canonical, chain
from firmware.sync import seal
from firmware.sync.dictionary import DICTIONARY as DICTIONARY
from firmware.sync.dictionary import DICTIONARY_VERSION as DICTIONARY_VERSION
from firmware.sync.seal import Seal as Seal
from firmware.sync.seal import seal_of as seal_of
from firmware.sync.seal import signed as signed
from hal.ports.faults import WireFault as WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = 1
ROOT = "barrow/v1"
UP_HELLO, UP_BATCH = "up/hello", "up/batch"
DN_WELCOME, DN_ACK, DN_ALL = "dn/welcome", "dn/ack", "dn/#"
STATE = "st"  # retained: the birth, and after an abrupt end the will

MAX_RECORDS = 100  # of a batch
BATCH_BYTES = 65536  # of raw text, where a sender stops adding records; a longer record travels alone
MAX_RAW = 1 << 20  # bytes of raw text that a receiver inflates, and not one more
MAX_MESSAGE = 4096  # bytes of any message but a batch
MAX_SEQ = (1 << 53) - 1  # the integers that every JSON reader has


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
        raise WireFault(f"topic: {name[:80]!r} is none of ours")
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
        raise WireFault(f"batch: {len(text)} bytes, the limit is {MAX_RAW}")
    if text[-1:] != b"\n":
        raise WireFault("batch: does not end with a line feed")
    lines = text[:-1].split(b"\n")
    top = object_of(lines.pop(0), "batch header")
    version = integer(top, "v", "batch header", 0)
    if version != VERSION:
        raise WireFault(f"batch header: v: {version}, and this end speaks {VERSION}")
    count = integer(top, "n", "batch header", 1)
    if count > MAX_RECORDS or count != len(lines):
        raise WireFault(f"batch header: n: {count}, and there are {len(lines)} records (at most {MAX_RECORDS})")
    terminal = words(top, "t", "batch header")
    if not terminal_ok(terminal):
        raise WireFault("batch header: t: not the name of a terminal")
    first = integer(top, "a", "batch header", 1)
    signature = seal.octets(top, "s", seal.SIGNATURE_BYTES) if "s" in top else b""
    return Batch(terminal, first, digest(top, "p", "batch header"), digest(top, "h", "batch header"), lines, signature)


def hello(
    boot: int, acked: int, head: int, h: bytes, utc: int, trusted: bool, software: str, parts: int = 0, ph: bytes = b""
) -> bytes:
    """Up, after each connect: where this till stands. boot: a number drawn at power on. utc: s, as well as it is known.

    parts: the record where the ledger said that it stands, and where this till's own chain is not the ledger's; ph: what
    it is here, b"" where this till has no such record. `signed` makes it fit to be believed."""
    message: "dict[str, object]" = {"v": VERSION, "boot": boot, "acked": acked, "head": head, "h": hex_of(h)}
    message["utc"] = utc
    message["trusted"] = trusted
    message["sw"] = software
    if parts:
        message["parts"] = parts
    if ph:
        message["ph"] = hex_of(ph)
    return canonical(message)


def read_hello(payload: bytes) -> "dict[str, object]":
    """Checked, h and ph as bytes; parts is 0 and ph is b"" where they are not said."""
    message = small(payload, "hello")
    for key in ("v", "boot", "acked", "head", "utc"):
        integer(message, key, "hello", 0)
    message["parts"] = integer(message, "parts", "hello", 0) if "parts" in message else 0
    message["ph"] = digest(message, "ph", "hello") if "ph" in message else b""
    if type(message.get("trusted")) is not bool:
        raise WireFault("hello: trusted: not true or false")
    words(message, "sw", "hello")
    message["h"] = digest(message, "h", "hello")
    return message


def welcome(ack: int, h: bytes, utc: int, err: str = "", at: int = 0) -> bytes:
    """Down, in answer to a hello or unasked: the last record that the ledger has, and the chain there.

    err: "fork", the till's past is not what the ledger has seen of it, and they part at `at`."""
    message: "dict[str, object]" = {"ack": ack, "h": hex_of(h), "utc": utc}
    if err:
        message["err"] = err
        message["at"] = at
    return canonical(message)


def read_welcome(payload: bytes) -> "dict[str, object]":
    """Checked, h as bytes; err is "" and at is 0 where they are not said."""
    message = small(payload, "welcome")
    for key in ("ack", "utc"):
        integer(message, key, "welcome", 0)
    message["at"] = integer(message, "at", "welcome", 0) if "at" in message else 0
    message["err"] = words(message, "err", "welcome") if "err" in message else ""
    message["h"] = digest(message, "h", "welcome")
    return message


def ack(to: int, h: bytes, gap: int = 0, err: str = "", at: int = 0) -> bytes:
    """Down, after COMMIT: the ledger has every record up to `to`, and h is the chain there.

    gap: the batch began there, beyond to + 1. err: "fork" (two histories of one terminal part at `at`), "chain" (the
    batch breaks its own chain at `at`), "form" (not a batch that this end can read), "seal" (its signature is not this
    till's, or not there) or "key" (this hello's key is not the one that the fleet knows this till by)."""
    message: "dict[str, object]" = {"to": to, "h": hex_of(h)}
    if gap:
        message["gap"] = gap
    if err:
        message["err"] = err
        message["at"] = at
    return canonical(message)


def read_ack(payload: bytes) -> "dict[str, object]":
    """Checked, h as bytes; gap is 0, err is "" and at is 0 where they are not said."""
    message = small(payload, "ack")
    integer(message, "to", "ack", 0)
    for key in ("gap", "at"):
        message[key] = integer(message, key, "ack", 0) if key in message else 0
    message["err"] = words(message, "err", "ack") if "err" in message else ""
    message["h"] = digest(message, "h", "ack")
    return message


def state(on: bool, boot: int) -> bytes:
    """Retained on st: the birth (on) and the last will (not on) of the session of this boot."""
    return canonical({"on": 1 if on else 0, "boot": boot})


def read_state(payload: bytes) -> bool:
    """Is a till on?"""
    return integer(small(payload, "st"), "on", "st", 0) == 1


def small(payload: bytes, where: str) -> "dict[str, object]":
    """The JSON object of any message but a batch."""
    if len(payload) > MAX_MESSAGE:
        raise WireFault(f"{where}: {len(payload)} bytes, the limit is {MAX_MESSAGE}")
    return object_of(payload, where)


def object_of(text: bytes, where: str) -> "dict[str, object]":
    """A JSON object. Raises WireFault for whatever else the bytes may be, however deep."""
    try:
        value = json.loads(str(text, "utf-8"))
    except (ValueError, RuntimeError):  # not UTF-8, not JSON, or nested beyond the interpreter's stack
        value = None
    if not isinstance(value, dict):
        raise WireFault(f"{where}: not a JSON object")
    return value


def integer(message: "dict[str, object]", key: str, where: str, least: int) -> int:
    """A number field, least..MAX_SEQ."""
    value = message.get(key)
    if type(value) is not int or not least <= value <= MAX_SEQ:  # a bool is no number, on either interpreter
        raise WireFault(f"{where}: {key}: not an integer from {least}")
    return value


def words(message: "dict[str, object]", key: str, where: str) -> str:
    """A text field, 200 characters at most."""
    value = message.get(key)
    if not isinstance(value, str) or len(value) > 200:
        raise WireFault(f"{where}: {key}: not a short text")
    return value


def digest(message: "dict[str, object]", key: str, where: str) -> bytes:
    """A SHA-256 field: 64 hex digits in small letters."""
    value = message.get(key)
    if not isinstance(value, str) or len(value) != 64 or any(c not in "0123456789abcdef" for c in value):
        raise WireFault(f"{where}: {key}: not 64 hex digits")
    return binascii.unhexlify(value)


def hex_of(h: bytes) -> str:
    """Small hex digits, as every hash stands on the wire."""
    return binascii.hexlify(h).decode()
