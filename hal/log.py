"""The log: one line each, `14:32:06.012 jrn text`, for people with a laptop."""

from collections import deque
from collections.abc import Callable
from typing import TextIO

from hal.ports.board import Log

LONGEST = 1000  # characters of one line; a hostile payload shall not fill the disk
DAY_MS = 86_400_000
KEPT = 200  # lines that `recent` knows


def visible(text: str) -> str:
    """Control codes, lone surrogates and marks that turn the reading direction as escapes: nothing reaches a terminal raw."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class StreamLog(Log):
    """wall_ms: local wall time in ms since 1970. A stream that is full or gone loses the line, never the till."""

    def __init__(self, stream: TextIO, wall_ms: Callable[[], int]) -> None:
        self._stream = stream
        self._wall_ms = wall_ms
        self.lost = 0  # lines that the stream did not take
        self._recent: deque[str] = deque(maxlen=KEPT)

    def say(self, who: str, text: str) -> None:
        seconds, ms = divmod(self._wall_ms() % DAY_MS, 1000)
        stamp = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
        line = f"{stamp} {visible(who)} {visible(text[:LONGEST])}"
        self._recent.append(line)
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, UnicodeEncodeError):
            self.lost += 1

    def recent(self, most: int) -> list[str]:
        return list(self._recent)[-most:]
