"""The operator's hands: edges of keys become acts. A key acts when it goes down; only where a hold means something else
on the present screen does it act when it is let go, or as a hold once it has been down for HOLD_MS."""

from hal.ports.board import Sound
from hal.ports.keys import Key, Scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ui.queue import Queue
    from hal.ports.board import Clock

HOLD_MS = 800  # script.md: a hold lasts 1.2 s, a press 60 ms
SCANNED = "scan"


class Changed:
    """Posted by anyone whose doings a waiting screen may show: the courier, the printer."""


class Act:
    """name: a key's name, "hold:" and a key's name, or SCANNED. text: what was scanned."""

    def __init__(self, name: str, text: str = ""):
        self.name = name
        self.text = text


class Hands:
    """Reads the input queue, which no one else reads."""

    def __init__(self, queue: "Queue", clock: "Clock", sound: Sound):
        self._queue = queue
        self._clock = clock
        self._sound = sound
        self._down: Key | None = None  # pressed, and not yet known to be a press or a hold

    async def next(self, holds: "tuple[str, ...]", until_ms: int | None) -> "Act | None":
        """The next act. None when until_ms (clock.now_ms) has come or something else has changed: time to draw again.

        holds: the keys that mean something when held. Edges carry the time of the hand, so a slow store between the
        hand and here makes no hold of a press."""
        while True:
            item = await self._queue.get(self._patience(until_ms))
            if isinstance(item, Key):
                act = self._edge(item, holds)
            elif isinstance(item, Scan):
                act = self._scan(item)
            elif item is None and self._down is not None and self._held_for(self._clock.now_ms()) >= HOLD_MS:
                act = self._decide(True, holds)
            else:
                return None
            if act is not None:
                return act

    def _patience(self, until_ms: int | None) -> int | None:
        now = self._clock.now_ms()
        waits = [] if until_ms is None else [until_ms - now]
        if self._down is not None:
            waits.append(self._down.ms + HOLD_MS - now)
        return min(waits) if waits else None

    def _held_for(self, ms: int) -> int:
        return ms - self._down.ms if self._down is not None else 0

    def _edge(self, key: Key, holds: "tuple[str, ...]") -> "Act | None":
        if not key.down:
            if self._down is None or self._down.name != key.name:
                return None  # let go of a key that has acted
            return self._decide(self._held_for(key.ms) >= HOLD_MS, holds)
        if self._down is not None:
            # the next key is down before this one is up: fast fingers, not a hold. The next is read on the next screen
            self._queue.put_back(key)
            return self._decide(False, holds)
        self._sound.tone(Sound.KEY)
        if key.name in holds:
            self._down = key
            return None
        return Act(key.name)

    def _scan(self, scan: Scan) -> "Act | None":
        if self._down is not None:
            self._queue.put_back(scan)
            return self._decide(False, ())
        return Act(SCANNED, scan.text)

    def _decide(self, held: bool, holds: "tuple[str, ...]") -> "Act | None":
        name = self._down.name if self._down is not None else ""
        self._down = None
        return Act(f"hold:{name}" if held and name in holds else name)
