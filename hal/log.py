"""The log: one line each, `14:32:06.012 jrn text`, for people with a laptop."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from hal.ports.board import Log

LONGEST = 1000  # characters of one line; a hostile payload shall not fill the disk
DAY_MS = 86_400_000
KEPT = 1000  # lines that `recent` knows, and that a stick takes away


def visible(text: str) -> str:
    """Control codes, lone surrogates and marks that turn the reading direction as escapes: nothing reaches a terminal raw."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class Ring:
    """The last lines in a folder, two files that take turns, so never more than `most` bytes: in memory (/run/barrow), where
    they outlive a till that died, and wear no card. Raises OSError."""

    def __init__(self, folder: Path, most: int = 256 * 1024) -> None:
        self._now, self._before, self._half = folder / "log", folder / "log.before", most // 2
        self._file = self._now.open("a", encoding="utf-8")

    def write(self, line: str) -> None:
        """The line is in its file when this returns."""
        if self._file.tell() + 4 * len(line) >= self._half:
            self._file.close()
            self._now.replace(self._before)
            self._file = self._now.open("a", encoding="utf-8")
        self._file.write(line + "\n")
        self._file.flush()

    def lines(self) -> list[str]:
        """All that is kept, the oldest first."""
        files = [path for path in (self._before, self._now) if path.exists()]
        return [line for path in files for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]

    def close(self) -> None:
        self._file.close()


class StreamLog(Log):
    """wall_ms: local wall time in ms since 1970. A stream that is full or gone loses the line, never the till.
    ring: where lines outlive this process; what it kept of the one before comes first in `recent`."""

    def __init__(self, stream: TextIO, wall_ms: Callable[[], int], ring: Ring | None = None) -> None:
        self._stream = stream
        self._wall_ms = wall_ms
        self._ring = ring
        self.lost = 0  # lines that the stream or the ring did not take
        self._recent: deque[str] = deque(ring.lines() if ring else (), maxlen=KEPT)

    def say(self, who: str, text: str) -> None:
        seconds, ms = divmod(self._wall_ms() % DAY_MS, 1000)
        stamp = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
        line = f"{stamp} {visible(who)} {visible(text[:LONGEST])}"
        self._recent.append(line)
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
            if self._ring is not None:
                self._ring.write(line)
        except (OSError, ValueError):  # UnicodeEncodeError is one, and so is a file that was closed
            self.lost += 1

    def recent(self, most: int) -> list[str]:
        return list(self._recent)[-most:]
