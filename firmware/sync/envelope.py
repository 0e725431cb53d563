"""What every message of the wire has in common: canonical JSON (RFC 8785) within limits, read to the last field.

A message says a thing in one way only. So two keys of one name, numbers that two readers would read differently, spaces,
null and fractions are refused before any field is looked at; fields that this end does not know pass through."""

import binascii
import json

from firmware.journal.codec import canonical
from hal.ports.faults import WireFault

VERSION = 1  # of the wire, whole: another one may say other things by the same names
MAX_MESSAGE = 4096  # bytes of any message but a batch or an answer
DEPTH_MAX = 8  # of objects and lists within each other
MAX_SEQ = (1 << 53) - 1  # the integers that every JSON reader has
ID_MAX = 40


class WireVersion(WireFault):
    """The other end speaks another version of the wire. version: which."""

    def __init__(self, where: str, version: int):
        super().__init__(f"{where}: v: {version}, and this end speaks {VERSION}", "version")
        self.version = version


def small(payload: bytes, where: str, limit: int = MAX_MESSAGE) -> "dict[str, object]":
    """The message in payload, whose fields are still to be read. Raises WireFault."""
    if len(payload) > limit:
        raise WireFault(f"{where}: {len(payload)} bytes, the limit is {limit}", "size")
    message = object_of(payload, where)
    # as canonical JSON it can hold control characters only by escapes or by these bytes
    suspect = b"\\" in payload or b"\x7f" in payload or b"\xc2" in payload
    _check(message, where, suspect, 1)
    try:
        same = canonical(message) == payload
    except ValueError:
        same = False
    if not same:
        raise WireFault(f"{where}: not canonical: a key twice, out of order, a space or an escape too many", "canonical")
    return message


def object_of(text: bytes, where: str) -> "dict[str, object]":
    """A JSON object. Raises WireFault for whatever else the bytes may be, however deep."""
    try:
        line = str(text, "utf-8")
    except ValueError:
        raise WireFault(f"{where}: not UTF-8", "utf-8") from None
    try:
        value = json.loads(line)
    except (ValueError, RuntimeError):  # not JSON, or nested beyond the interpreter's stack
        value = None
    if not isinstance(value, dict):
        raise WireFault(f"{where}: not a JSON object", "json")
    return value


def _check(value: "object", where: str, suspect: bool, depth: int) -> None:
    if isinstance(value, str):
        if suspect and any(c < " " or "\x7f" <= c <= "\x9f" for c in value):
            raise WireFault(f"{where}: a control character in a text", "control")
    elif isinstance(value, (dict, list)):
        if depth > DEPTH_MAX:
            raise WireFault(f"{where}: nested deeper than {DEPTH_MAX}", "depth")
        for each in value:
            _check(each, where, suspect, depth + 1)
            if isinstance(value, dict):
                _check(value[each], where, suspect, depth + 1)
    elif value is not True and value is not False and (not isinstance(value, int) or not -MAX_SEQ <= value <= MAX_SEQ):
        raise WireFault(f"{where}: null, a fraction, or a number beyond 2^53 - 1", "number")


def check_version(message: "dict[str, object]", where: str) -> None:
    """Before any other field: in another version they may mean something else. Raises WireVersion, WireFault."""
    version = integer(message, "v", where, 0)
    if version != VERSION:
        raise WireVersion(where, version)


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


def name(message: "dict[str, object]", key: str, where: str) -> str:
    """A field that names something: 1 to ID_MAX of [a-z0-9.-]."""
    value = message.get(key)
    if not isinstance(value, str) or not 1 <= len(value) <= ID_MAX:
        raise WireFault(f"{where}: {key}: not a name")
    if any(c not in "abcdefghijklmnopqrstuvwxyz0123456789.-" for c in value):
        raise WireFault(f"{where}: {key}: not a name")
    return value


def digest(message: "dict[str, object]", key: str, where: str, size: int = 32) -> bytes:
    """A field of a SHA-256, or of its first `size` bytes: hex digits in small letters."""
    value = message.get(key)
    if not isinstance(value, str) or len(value) != 2 * size or any(c not in "0123456789abcdef" for c in value):
        raise WireFault(f"{where}: {key}: not {2 * size} hex digits")
    return binascii.unhexlify(value)


def hex_of(h: bytes) -> str:
    """Small hex digits, as every hash stands on the wire."""
    return binascii.hexlify(h).decode()
