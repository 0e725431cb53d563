"""A document from the fleet: its label, what the fleet signs of it, and everything that must hold before a till believes it.

A document is a body (JSON text) and a label: canonical JSON that says what the body is, for whom, from when and until
when, how long and with which hash, and that ends in the fleet's signature over all of it. Pure, and shared with fleet/."""

import binascii
import hashlib
import json

from firmware.journal.codec import canonical
from firmware.sync.seal import SIGNATURE, SIGNATURE_BYTES, octets
from firmware.sync.tills import KIND as TILLS
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.ports.board import Keystore

COMMAND = "command"
# bytes of a body at most, by kind: what a till can hold in memory to read it; "tills" it reads line by line
LENGTHS = {"catalogue": 2 << 20, COMMAND: 4096, "limits": 1 << 16, "settings": 1 << 16, "staff": 1 << 18, "texts": 1 << 17}
LENGTHS[TILLS] = 2 << 20  # some 20,000 keys
KINDS = tuple(sorted(LENGTHS))
EVERYBODY = "*"  # in place of a terminal's name
VERSION_MAX = 99_999_999  # eight digits: it stands in a file's name
LABEL_MAX = 1024  # bytes of a label with its signature
CHUNK = 11_000  # bytes of a body in one answer at most: as base64 with the label it is below the wire's MAX_ANSWER
SAID = b"barrow document 1\n"  # stands before what is signed, so that no other signature of the fleet is one of a document
LATEST = (1 << 53) - 1


class Declined(Exception):
    """A document that is not taken. check: the one that failed, one of CHECKS or "form", "hash", "content"."""

    def __init__(self, check: str, words: str):
        super().__init__(f"{check}: {words}")
        self.check = check
        self.words = words


class Label:
    """What a document says of itself. kind: one of KINDS, or one of a later Barrow. version: rises with each document of a
    kind. terminal: whose it is, or EVERYBODY. start, until: UTC seconds; taken into use from start on and not after until,
    0 is never too late. length, sha256: of the body. text: the label itself, canonical, signature and all."""

    def __init__(self, text: bytes, said: "dict[str, object]"):
        self.text = text
        self.kind = _words(said, "kind", 16)
        self.version = _integer(said, "version", 1, VERSION_MAX)
        self.terminal = _words(said, "terminal", 16)
        self.start = _integer(said, "start", 0, LATEST)
        self.until = _integer(said, "until", 0, LATEST)
        self.id = _words(said, "id", 32)
        self.length = _integer(said, "length", 1, LATEST)
        self.sha256 = octets(said, "sha256", 32)
        self.signature = octets(said, SIGNATURE, SIGNATURE_BYTES)
        self._said = {key: value for key, value in said.items() if key != SIGNATURE}

    @property
    def said(self) -> bytes:
        """The bytes that are signed."""
        return SAID + canonical(self._said)

    @property
    def name(self) -> str:
        """For people: "catalogue 41"."""
        return f"{self.kind} {self.version}"


def label(
    kind: str, version: int, terminal: str, start: int, until: int, id: str, body: bytes, sign: "Callable[[bytes], bytes]"
) -> bytes:
    """The label of a body, as the fleet makes it."""
    said: "dict[str, object]" = {"kind": kind, "version": version, "terminal": terminal, "start": start, "until": until}
    said["id"] = id
    said["length"] = len(body)
    said["sha256"] = binascii.hexlify(hashlib.sha256(body).digest()).decode()
    said[SIGNATURE] = binascii.hexlify(sign(SAID + canonical(said))).decode()
    return canonical(said)


def read(text: bytes) -> Label:
    """The label in a text. Whether to believe it is `judge`'s. Raises WireFault."""
    if len(text) > LABEL_MAX:
        raise WireFault(f"label: {len(text)} bytes, the limit is {LABEL_MAX}")
    try:
        said = json.loads(str(text, "utf-8"))
        sound = isinstance(said, dict) and canonical(said) == text
    except (ValueError, RuntimeError):
        sound = False
    if not sound:
        raise WireFault("label: not canonical JSON")
    return Label(text, said)


class Judge:
    """What a till knows when it looks at a label. terminal: its own name. applied: the version of this kind that it has
    taken into use. now: UTC seconds, by a clock that somebody vouches for."""

    def __init__(self, keys: "Keystore", terminal: str, applied: int, now: int):
        self.keys = keys
        self.terminal = terminal
        self.applied = applied
        self.now = now


def _signed(found: Label, judge: Judge) -> str:
    fleet = judge.keys.fleet()
    if not fleet:
        return "this till does not know the fleet's key"
    return "" if judge.keys.holds(fleet, found.said, found.signature) else "not signed by this till's fleet"


def _known(found: Label, judge: Judge) -> str:
    return "" if found.kind in LENGTHS else "a kind that this till does not know"


def _ours(found: Label, judge: Judge) -> str:
    return "" if found.terminal in (judge.terminal, EVERYBODY) else "for another till"


def _newer(found: Label, judge: Judge) -> str:
    return "" if found.version > judge.applied else f"version {found.version}, and {judge.applied} is in use"


def _lasting(found: Label, judge: Judge) -> str:
    return "" if not found.until or judge.now <= found.until else "its time is over"


def _short(found: Label, judge: Judge) -> str:
    most = LENGTHS.get(found.kind, 0)
    return "" if found.length <= most else f"{found.length} bytes, the limit is {most}"


# Each gives the reason why a label is not believed, "" when it is. The signature comes first: of a label that the fleet
# did not sign nothing else is worth a word.
CHECKS: "list[tuple[str, Callable[[Label, Judge], str]]]" = [
    ("key", _signed),
    ("kind", _known),
    ("terminal", _ours),
    ("version", _newer),
    ("expired", _lasting),
    ("length", _short),
]


def judge(found: Label, by: Judge) -> None:
    """Returns when every check holds. Raises Declined with the first that does not."""
    for check, fails in CHECKS:
        words = fails(found, by)
        if words:
            raise Declined(check, words)


# ---- on the wire: what is out, and a piece of it


def hint(out: "dict[str, int]") -> "dict[str, object]":
    """The field `docs` of a welcome or a notice: the newest version of each kind that is out for a till."""
    return {kind: out[kind] for kind in sorted(out)}


def read_hint(message: "dict[str, object]", where: str) -> "dict[str, int]":
    """`docs` of a message, {} where it has none; kinds that we do not know pass by. Raises WireFault."""
    docs = message.get("docs", {})
    if not isinstance(docs, dict):
        raise WireFault(f"{where}: docs: not an object")
    return {kind: _integer(docs, kind, 1, VERSION_MAX) for kind in KINDS if kind in docs}


def chunk(label_text: bytes, at: int, data: bytes) -> "dict[str, object]":
    """A piece of a body from byte `at` on; the first carries the label."""
    answer: "dict[str, object]" = {"at": at, "data": binascii.b2a_base64(data).decode().strip()}
    if at == 0:
        answer["label"] = json.loads(label_text)
    return answer


class Chunk:
    """A piece of a body. label: None but for the first."""

    def __init__(self, found: "Label | None", at: int, data: bytes):
        self.label = found
        self.at = at
        self.data = data


def read_chunk(answer: "dict[str, object]") -> "Chunk | None":
    """The piece in an answer; None when the fleet has nothing more to give there. Raises WireFault."""
    if answer.get("none"):
        return None
    at = _integer(answer, "at", 0, LATEST)
    data = answer.get("data")
    if not isinstance(data, str) or len(data) > CHUNK * 4 // 3 + 4:
        raise WireFault("chunk: data: not a text of a chunk's length")
    try:
        raw = binascii.a2b_base64(data)
    except ValueError:
        raise WireFault("chunk: data: not base64") from None
    if at:
        return Chunk(None, at, raw)
    try:
        text = canonical(answer.get("label", {}))
    except ValueError:
        raise WireFault("chunk: label: not canonical JSON") from None
    return Chunk(read(text), at, raw)


def _integer(message: "dict[str, object]", key: str, least: int, most: int) -> int:
    value = message.get(key)
    if type(value) is not int or not least <= value <= most:  # a bool is no number, on either interpreter
        raise WireFault(f"{key}: not an integer from {least} to {most}")
    return value


def _words(message: "dict[str, object]", key: str, longest: int) -> str:
    value = message.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not all("!" <= c <= "~" for c in value):
        raise WireFault(f"{key}: not a short printable text")
    return value
