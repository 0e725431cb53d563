"""What a modem says, taken apart: lines, raw blocks of a stated size, and the prompt, which has no end of line.

Bytes from outside: a line may be noise, a size may lie, anything may come in pieces of one byte. What is held never grows
beyond the longest line or block."""

import re
from typing import NamedTuple

LINE_MAX = 512  # bytes; no answer that we ask for is as long
BLOCK_MAX = 1500
ENDS = re.compile(rb"[\r\n]")


class Line(NamedTuple):
    """One line without its ends, printable ASCII; what is not is a `?`."""

    text: str


class Block(NamedTuple):
    """Raw bytes, and the line that announced them."""

    head: "re.Match[str]"
    data: bytes


class Prompt(NamedTuple):
    """The modem waits for the data of a send."""


Said = Line | Block | Prompt


class Splitter:
    """head: the pattern of a line that is followed by raw bytes, with their number in its group `size`.

    prompting: whether a prompt is waited for; otherwise `>` is a letter like any other. dropped: bytes thrown away."""

    def __init__(self, head: "re.Pattern[str]") -> None:
        self._head = head
        self._held = bytearray()
        self._block: re.Match[str] | None = None
        self._skipping = False  # inside a line that is too long
        self.prompting = False
        self.dropped = 0

    @property
    def in_block(self) -> bool:
        """Are raw bytes still to come?"""
        return self._block is not None

    @property
    def held(self) -> int:
        """Bytes that wait for the rest."""
        return len(self._held)

    def reset(self) -> None:
        """Forget what was begun: the modem has, too."""
        self.dropped += len(self._held)
        self._held.clear()
        self._block = None
        self._skipping = False
        self.prompting = False

    def feed(self, data: bytes) -> list[Said]:
        """Everything that is whole now."""
        self._held += data
        said: list[Said] = []
        while (item := self._next()) is not None:
            said.append(item)
        return said

    def _next(self) -> Said | None:
        if self._block is not None:
            return self._raw(self._block)
        while True:
            prompt = self._prompt()
            if prompt is not None or not self._held:
                return prompt
            end = ENDS.search(self._held)
            if end is None:
                self._too_long()
                return None
            if self._skipping:
                self._skipping = False
                self._forget(end.end())
                continue
            text = "".join(chr(b) if 32 <= b < 127 else "?" for b in self._held[: end.start()]).strip()
            head = self._head.fullmatch(text)
            if head and 0 < int(head["size"]) <= BLOCK_MAX:
                return self._begin(head, end)
            del self._held[: end.end()]
            if text:
                return Line(text)

    def _begin(self, head: "re.Match[str]", end: "re.Match[bytes]") -> Said | None:
        """The line of a block ends in CR LF, and both must be here: the raw bytes may begin with either."""
        at = end.end()
        if end.group() == b"\r":
            if len(self._held) == at:
                return None
            if self._held[at] == 10:
                at += 1
        del self._held[:at]
        self._block = head
        return self._raw(head)

    def _raw(self, head: "re.Match[str]") -> Block | None:
        size = int(head["size"])
        if len(self._held) < size:
            return None
        data = bytes(self._held[:size])
        del self._held[:size]
        self._block = None
        return Block(head, data)

    def _prompt(self) -> Prompt | None:
        if not self.prompting or self._skipping:
            return None
        at = len(self._held) - len(self._held.lstrip(b"\r\n "))
        if self._held[at : at + 1] != b">":
            return None
        del self._held[: at + 1]  # the blank after it may be on its way, and is an empty line then
        self.prompting = False
        return Prompt()

    def _too_long(self) -> None:
        if self._skipping or len(self._held) > LINE_MAX:
            self._skipping = True
            self._forget(len(self._held))

    def _forget(self, count: int) -> None:
        self.dropped += count
        del self._held[:count]
