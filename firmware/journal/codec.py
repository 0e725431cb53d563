"""The bytes of the journal: canonical JSON, the chain, and the frame. Pure; fleet and bench read with it too.

A frame, big-endian, padded with zeros to whole sectors:
  magic 4 | format 1 | kind 1 | length 4 | seq 8 | no 4 | payload, length bytes | link 32 | CRC32 of all before it 4
`link` is SHA-256(the link before + payload), 32 zero bytes before the first. The magic holds a byte that no UTF-8 text
has, so no sector in the middle of a payload looks like the start of a frame."""

import binascii
import hashlib
import struct

MAGIC = b"\xffBRW"
FORMAT = 1
SECTOR = 512  # bytes that a disk writes whole or not at all, or tears inside: a frame shares none with another
GENESIS = bytes(32)
PADDING = bytes(SECTOR)
# Codes are for ever: a kind is added, never renumbered. A checkpoint opens a segment and has no place in the chain; its
# seq is that of the first frame after it. The local journal's begin at 64.
KINDS = {"checkpoint": 1, "sale": 2, "print": 3, "no_sale": 4, "document": 5, "read": 6, "enrolled": 7}
KINDS |= {"cart": 64, "acked": 65, "lang": 66, "backup": 67}
KINDS |= {"anchor": 68, "ask": 69, "answer": 70, "settled": 71}
NAMES = {code: name for name, code in KINDS.items()}

HEAD = ">4sBBIQI"
HEAD_BYTES = struct.calcsize(HEAD)
TRAILER_BYTES = 32 + 4
# bytes of a payload: a checkpoint of the desk with ten carts of 200 lines and the longest names takes half a MiB, and what
# is a record must travel alone in the wire's 1 MiB
PAYLOAD_MAX = (1 << 20) - (1 << 12)
INTEGER_MAX = (1 << 53) - 1  # RFC 8785 numbers are doubles: beyond this two readers may differ
DEPTH_MAX = 16


class Head:
    """What a frame says of itself. kind: its code; length: bytes of payload."""

    def __init__(self, form: int, kind: int, length: int, seq: int, no: int):
        self.form = form
        self.kind = kind
        self.length = length
        self.seq = seq
        self.no = no


class Frame:
    """A sound frame. kind: its name, "" for a code that we do not know; size: bytes on the disk."""

    def __init__(self, kind: str, seq: int, no: int, payload: bytes, link: bytes, size: int):
        self.kind = kind
        self.seq = seq
        self.no = no
        self.payload = payload
        self.link = link
        self.size = size


def canonical(value: "object") -> bytes:
    """RFC 8785 for integers, strings, booleans, lists and objects: the same bytes on every interpreter.

    Raises ValueError for anything else (None, floats, bytes), keys beyond U+FFFF, integers beyond 2^53 - 1, lone surrogates."""
    out: list[str] = []
    _write(value, out, 0)
    return "".join(out).encode()


def _write(value: "object", out: "list[str]", depth: int) -> None:
    if depth > DEPTH_MAX:
        raise ValueError("not canonical: nested too deep")
    if value is True or value is False:  # before int: on MicroPython a bool is no int, on CPython it is
        out.append("true" if value else "false")
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise ValueError(f"not canonical: {value} is beyond 2^53 - 1")
        out.append(str(value))
    elif isinstance(value, str):
        _write_text(value, out)
    elif isinstance(value, list):
        _write_list(value, out, depth)
    elif isinstance(value, dict):
        _write_object(value, out, depth)
    else:
        raise ValueError(f"not canonical: {type(value)}")


def _write_list(items: "list[object]", out: "list[str]", depth: int) -> None:
    out.append("[")
    for i, item in enumerate(items):
        if i:
            out.append(",")
        _write(item, out, depth + 1)
    out.append("]")


def _write_object(members: "dict[str, object]", out: "list[str]", depth: int) -> None:
    for key in members:
        if not isinstance(key, str) or any(ord(c) > 0xFFFF for c in key):
            # below U+10000 the order of code points is that of UTF-16 code units, which RFC 8785 3.2.3 asks for
            raise ValueError(f"not canonical: key {key!r}")
    out.append("{")
    for i, key in enumerate(sorted(members)):
        if i:
            out.append(",")
        _write_text(key, out)
        out.append(":")
        _write(members[key], out, depth + 1)
    out.append("}")


ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}  # RFC 8785 3.2.2.2


def _write_text(text: str, out: "list[str]") -> None:
    plain = True
    for c in text:
        if c < " " or c in '"\\' or "\ud800" <= c <= "\udfff":
            plain = False
            break
    if not plain:
        text = "".join([_escape(c) for c in text])
    out.append('"')
    out.append(text)
    out.append('"')


def _escape(c: str) -> str:
    if c in ESCAPES:
        return ESCAPES[c]
    if "\ud800" <= c <= "\udfff":
        raise ValueError("not canonical: a lone surrogate")
    return f"\\u{ord(c):04x}" if c < " " else c


def chain(prev: bytes, payload: "bytes | memoryview") -> bytes:
    """The link after payload: SHA-256(prev + payload)."""
    h = hashlib.sha256(prev)
    h.update(payload)
    return h.digest()


def frame_bytes(length: int) -> int:
    """What a payload of `length` bytes takes on the disk: whole sectors."""
    return (HEAD_BYTES + length + TRAILER_BYTES + SECTOR - 1) // SECTOR * SECTOR


def pack(kind: str, seq: int, no: int, payload: bytes, link: bytes) -> bytes:
    """One frame, padded. Raises ValueError for a payload beyond PAYLOAD_MAX."""
    if len(payload) > PAYLOAD_MAX:
        raise ValueError(f"{kind} of {len(payload)} bytes: a frame takes {PAYLOAD_MAX}")
    frame = bytearray(frame_bytes(len(payload)))
    struct.pack_into(HEAD, frame, 0, MAGIC, FORMAT, KINDS[kind], len(payload), seq, no)
    end = HEAD_BYTES + len(payload)
    frame[HEAD_BYTES:end] = payload
    frame[end : end + 32] = link
    struct.pack_into(">I", frame, end + 32, binascii.crc32(memoryview(frame)[: end + 32]))
    return bytes(frame)


def read_head(data: "bytes | bytearray | memoryview", offset: int = 0) -> "Head | None":
    """What the frame at offset says of itself, unchecked. None where no frame starts."""
    if len(data) - offset < HEAD_BYTES:
        return None
    magic, form, kind, length, seq, no = struct.unpack_from(HEAD, data, offset)
    if magic != MAGIC or length > PAYLOAD_MAX:
        return None
    return Head(form, kind, length, seq, no)


def unpack(data: "bytes | bytearray | memoryview", offset: int = 0, form: int = FORMAT) -> "Frame | None":
    """The frame at offset, if it is sound by itself: all there, of this format, CRC right, padding zero.

    Every format keeps head, link, sum and padding where they are, so that an old reader knows a later frame from rot.
    Whether it belongs there (seq, link) only its reader can tell, who knows the link before it."""
    head = read_head(data, offset)
    if head is None or head.form != form:
        return None
    size = frame_bytes(head.length)
    view = memoryview(data)[offset : offset + size]
    end = HEAD_BYTES + head.length
    if len(view) < size or view[end + TRAILER_BYTES :] != PADDING[: size - end - TRAILER_BYTES]:
        return None
    if struct.unpack_from(">I", view, end + 32)[0] != binascii.crc32(view[: end + 32]):
        return None
    kind = NAMES.get(head.kind, "")
    return Frame(kind, head.seq, head.no, bytes(view[HEAD_BYTES:end]), bytes(view[end : end + 32]), size)
