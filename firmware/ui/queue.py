"""The one way in: everything that happens to a till waits in this queue for the one coroutine that reads it."""

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Queue:
    """First in, first out, and room for what was taken too early. One reader; anyone in the loop may put."""

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._filled = asyncio.Event()

    def put(self, item: "Any") -> None:
        """Add at the end. Never waits."""
        self._items.append(item)
        self._filled.set()

    def put_back(self, item: "Any") -> None:
        """The reader took it too early: it is the next again."""
        self._items.insert(0, item)
        self._filled.set()

    async def get(self, within_ms: int | None = None) -> "Any":
        """The next item; None when none has come in time. What is there already is taken even when no time is left."""
        while not self._items:
            if within_ms is not None and within_ms <= 0:
                return None
            self._filled.clear()
            if within_ms is None:
                await self._filled.wait()
            elif not await self._in_time(within_ms):
                return self._items.pop(0) if self._items else None
        return self._items.pop(0)

    async def _in_time(self, ms: int) -> bool:
        """Wait for the event, not for the item: a wait that is cut off then loses nothing."""
        try:
            await asyncio.wait_for(self._filled.wait(), ms / 1000)
        except asyncio.TimeoutError:
            return False
        return True
