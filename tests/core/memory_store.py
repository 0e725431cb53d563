"""A store in memory, in the dialect: what both interpreters test the journal on.

Writes wait apart until sync; `cut` forgets them. `calls` says what was asked, in order, once it is set to a list: small
strings that live long would leave MicroPython's heap in pieces too small for a buffer."""

from hal.ports.board import Store
from hal.ports.faults import StoreBroken, StoreFull


class MemoryStore(Store):
    """room: bytes that may be had for new files; None is plenty. fail: {call: fault}, raised once, before it does a thing."""

    def __init__(self, room: "int | None" = None):
        self.synced: dict[str, bytearray] = {}
        self.waiting: dict[str, list[tuple[int, bytes]]] = {}
        self.room = room
        self.fail: dict[str, Exception] = {}
        self.calls: list[str] | None = None

    def _call(self, word: str, name: str) -> None:
        if self.calls is not None:
            self.calls.append(f"{word} {name}")
        if word in self.fail:
            raise self.fail.pop(word)
        if word != "create" and name not in self.synced:
            raise StoreBroken(f"{name}: there is no such file")

    async def names(self) -> "list[str]":
        return sorted(self.synced)

    async def size(self, name: str) -> int:
        return len(self.synced[name])

    async def create(self, name: str, size: int) -> None:
        self._call("create", name)
        if name in self.synced:
            raise StoreBroken(f"{name}: it is there already")
        if self.room is not None:
            if size > self.room:
                raise StoreFull(f"{name}: no room for {size} bytes")
            self.room -= size
        self.synced[name] = bytearray(size)

    async def read_into(self, name: str, offset: int, buf: "bytearray | memoryview") -> int:
        self._call("read", name)
        found = memoryview(self.synced[name])[offset : offset + len(buf)]
        buf[: len(found)] = found
        for at, written in self.waiting.get(name, []):
            first, last = max(at, offset), min(at + len(written), offset + len(found))
            if first < last:
                buf[first - offset : last - offset] = written[first - at : last - at]
        return len(found)

    async def write(self, name: str, offset: int, data: bytes) -> None:
        self._call("write", name)
        if offset + len(data) > len(self.synced[name]):
            raise StoreBroken(f"{name}: a write past its end")
        self.waiting.setdefault(name, []).append((offset, bytes(data)))

    async def sync(self, name: str) -> None:
        self._call("sync", name)
        for at, written in self.waiting.pop(name, []):
            self.synced[name][at : at + len(written)] = written

    async def remove(self, name: str) -> None:
        self._call("remove", name)
        del self.synced[name]
        self.waiting.pop(name, None)

    def cut(self) -> None:
        """The power goes: nothing that waited is there."""
        self.waiting = {}


class QuietLog:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, who: str, text: str) -> None:
        self.lines.append(f"{who} {text}")
