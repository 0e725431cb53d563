"""The document of kind `tills`: by which public keys the receipts of each till of the fleet are checked, without a line.

    {
    "BARROW-0001":[["9f0c...",0]],
    "BARROW-0002":[["77ab...",0],["12cd...",1795271526]]
    }

One till a line, by name: its keys, the one in use first, each with the last moment at which it spoke for this till, UTC
seconds; 0: it still does. It is JSON, but nobody here reads it as one: a fleet of 10,000 tills is 930,000 bytes, and goes by
line by line. Pure, and shared with fleet/."""

import binascii
import json

from firmware.sync.topics import terminal_ok

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sale.proof import Proof

KIND = "tills"
KEYS_MAX = 8  # of one till: the newest ones
KEY_BYTES = 32
LINE_MAX = 1024  # bytes; eight keys and the longest name are 680
LATEST = (1 << 53) - 1
GENUINE, ENDED, FORGED, UNKNOWN = "genuine", "ended", "forged", "unknown"  # verdicts over a receipt


class Key:
    """public: 32 bytes. until: the last moment at which it spoke for its till, UTC seconds; 0 where it still does."""

    def __init__(self, public: bytes, until: int):
        self.public = public
        self.until = until


def body(rows: "list[tuple[str, list[Key]]]") -> bytes:
    """The document, as the fleet makes it. rows: of each till once, its keys with the one in use first."""
    lines = []
    for terminal, keys in sorted(rows, key=lambda row: row[0]):
        told = [f'["{binascii.hexlify(key.public).decode()}",{key.until}]' for key in keys[:KEYS_MAX]]
        lines.append(f'"{terminal}":[{",".join(told)}]')
    return ("{\n" + ",\n".join(lines) + "\n}").encode()


def row(line: bytes) -> "tuple[str, list[Key]]":
    """(terminal, its keys) of a line, with its comma or without. Raises ValueError."""
    try:
        [(terminal, told)] = json.loads("{" + str(line[:-1] if line[-1:] == b"," else line, "utf-8") + "}").items()
        keys = [_key(public, until) for public, until in told]
    except (TypeError, AttributeError, RuntimeError):
        raise ValueError("no till and its keys") from None
    if not terminal_ok(terminal) or not 1 <= len(keys) <= KEYS_MAX or line[: len(terminal) + 3] != start_of(terminal):
        raise ValueError("no till and its keys")
    return terminal, keys


def start_of(terminal: str) -> bytes:
    """How its line begins."""
    return f'"{terminal}":'.encode()


def _key(public: object, until: object) -> Key:
    if not isinstance(public, str) or len(public) != 2 * KEY_BYTES or type(until) is not int or not 0 <= until <= LATEST:
        raise ValueError("no key")
    return Key(binascii.unhexlify(public), until)


class Lines:
    """Takes a body in pieces, and gives its lines to `line`. fault: the first thing that is wrong with it, "" for nothing."""

    def __init__(self) -> None:
        self.fault = ""
        self._rest = b""

    def take(self, data: bytes) -> None:
        """The next piece."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self.line(line)
        if len(self._rest) > LINE_MAX:
            self.fault = self.fault or "a line without end"
            self._rest = b""

    def line(self, line: bytes) -> None:
        """The next line; the last one, which nothing follows, is not among them."""
        raise NotImplementedError

    def wrong(self) -> str:
        """All of it was taken: what is wrong with it, "" for nothing."""
        return self.fault

    def keys(self) -> "list[Key]":
        """All of it was taken: what was looked for."""
        return []


class Check(Lines):
    """Is it as it must be? tills: how many."""

    def __init__(self) -> None:
        super().__init__()
        self.tills = -1  # the opening brace is none
        self._last = ""
        self._open = True

    def line(self, line: bytes) -> None:
        """Each must follow the one before it."""
        self.tills += 1
        if self.tills == 0 or self.fault:
            self.fault = self.fault or ("" if line == b"{" else "does not begin as a list of tills")
            return
        if not line and self.tills == 1:
            self.tills, self._open = 0, False  # a fleet without tills
            return
        try:
            terminal, _ = row(line)
        except ValueError as fault:
            self.fault = f"till {self.tills}: {fault}"
            return
        if not self._open or terminal <= self._last:
            self.fault = f"till {self.tills}: {terminal} is out of order"
        self._open, self._last = line[-1:] == b",", terminal

    def wrong(self) -> str:
        """Its end too."""
        if not self.fault and (self._rest != b"}" or self._open or self.tills < 0):
            self.fault = "does not end as a list of tills"
        return self.fault


class Search(Lines):
    """Finds one till in a body that was checked before."""

    def __init__(self, terminal: str):
        super().__init__()
        self._start = start_of(terminal)
        self._found = b""

    def line(self, line: bytes) -> None:
        """Looked at, not read: most are of other tills."""
        if line[: len(self._start)] == self._start:
            self._found = line

    def keys(self) -> "list[Key]":
        """Of that till; none where it is not in the list."""
        return row(self._found)[1] if self._found else []


def verdict(told: "Proof", keys: "list[Key]", holds: "Callable[[bytes, bytes, bytes], bool]") -> "tuple[str, int]":
    """What a receipt's code is worth, by its till's keys. ENDED comes with the moment at which its key ceased to speak for
    that till, before the time on the receipt. holds(public, message, signature)."""
    ended = 0
    for key in keys:
        if holds(key.public, told.said, told.signature):
            if not key.until or told.at <= key.until:
                return GENUINE, 0
            ended = key.until
    return (ENDED, ended) if ended else (FORGED if keys else UNKNOWN, 0)
