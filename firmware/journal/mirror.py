"""Two copies of one journal's files as one store: what sync has made durable is durable on both.

The second copy is written after the first is synced, so at no instant are both half-written. A copy that fails is left out
until the journal is recovered, and the till goes on with the other; the first gets one more chance, because the journal
settles a doubt in a fresh segment. Bringing two copies back together is mend.py's."""

from hal.ports.board import Store
from hal.ports.faults import StoreBroken, StoreFull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.ports.board import Log
    from hal.ports.faults import Fault

NAMES = ("the first copy", "the second copy")


class Mirror(Store):
    """first, second: the two places. lost: which copy is out of use until the next recovery and why, "" when none is.
    moved: called when that changes."""

    def __init__(self, first: Store, second: Store, log: "Log", moved: "Callable[[], None]" = lambda: None):
        self.lost = ""
        self._both = (first, second)
        self._used = [True, True]
        self._log = log
        self.moved = moved
        self._doubted = False  # the first copy has failed, and no sync of it was good since
        self._waiting: dict[str, list[tuple[int, bytes]]] = {}  # name -> writes that the second copy has not had yet

    @property
    def copies(self) -> "list[Store]":
        """Those in use, the first one first."""
        return [copy for copy, used in zip(self._both, self._used) if used]

    def join(self) -> None:
        """Both copies are in use again: whoever calls this brings them together before anything else."""
        was = self.lost
        self.lost = ""
        self._used = [True, True]
        self._doubted = False
        self._waiting.clear()
        if was:
            self.moved()

    def lose(self, copy: Store, fault: "Fault") -> None:
        """Go on without this copy. Raises the fault when it is the last."""
        if len(self.copies) < 2:
            raise fault
        place = 0 if copy is self._both[0] else 1
        self._used[place] = False
        self.lost = f"{NAMES[place]}: {fault}"
        self._log.say("jrn", f"ALARM: {NAMES[place]} of the journal is out of use until the next boot: {fault}")
        self.moved()

    async def names(self) -> "list[str]":
        """Files that every copy in use has."""
        copies = self.copies
        found = await copies[0].names()
        others = await copies[-1].names()
        return [name for name in found if name in others]

    async def size(self, name: str) -> int:
        return await self.copies[0].size(name)

    async def create(self, name: str, size: int) -> None:
        for copy in self.copies:
            try:
                if name not in await copy.names():
                    await copy.create(name, size)
            except StoreFull as fault:
                if copy is self._both[0] or len(self.copies) < 2:
                    raise
                self.lose(copy, fault)
            except StoreBroken as fault:
                self._failed(copy, fault)

    async def read_into(self, name: str, offset: int, buf: "bytearray | memoryview") -> int:
        """From the first copy in use that can be read."""
        copies = self.copies
        for copy in copies[:-1]:
            try:
                return await copy.read_into(name, offset, buf)
            except StoreBroken as fault:
                self._log.say("jrn", f"{name}: offset {offset}: read from the second copy: {fault}")
        return await copies[-1].read_into(name, offset, buf)

    async def write(self, name: str, offset: int, data: bytes) -> None:
        first = self._both[0]
        if self._used[0]:
            try:
                await first.write(name, offset, data)
            except (StoreBroken, StoreFull) as fault:
                self._failed(first, fault)
        if self._used[1]:
            self._waiting.setdefault(name, []).append((offset, data))

    async def sync(self, name: str) -> None:
        writes = self._waiting.pop(name, [])  # after a fault they are nobody's: the journal writes them elsewhere
        first, second = self._both
        if self._used[0]:
            try:
                await first.sync(name)
                self._doubted = False
            except (StoreBroken, StoreFull) as fault:
                self._failed(first, fault)
        if self._used[1]:
            try:
                for offset, data in writes:
                    await second.write(name, offset, data)
                await second.sync(name)
            except (StoreBroken, StoreFull) as fault:
                self.lose(second, fault)

    async def remove(self, name: str) -> None:
        for copy in self.copies:
            await copy.remove(name)

    def _failed(self, copy: Store, fault: "Fault") -> None:
        """The second copy is lost at once. The first one's fault is a doubt that the journal settles, and then it is lost."""
        if copy is self._both[0] and not self._doubted:
            self._doubted = True
            self._waiting.clear()
            raise fault
        self.lose(copy, fault)
