"""One file of the journal: frames one behind another from offset 0, zeros after the last. Knows bytes, no seq's meaning.

One frame is one write and one sync, and the next is written only after that sync. So after a power cut nothing sound can
stand behind an unsound frame: where it does, the medium is at fault, and nobody may cut there (reliability.md, 0.3)."""

from firmware.journal.codec import FORMAT, SECTOR, frame_bytes, read_head, unpack
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal.codec import Frame, Head
    from firmware.journal.scan import Scan
    from hal.ports.board import Store

PAGE = bytes(8 * SECTOR)


class Window:
    """A stretch of one file in memory. ahead: bytes to read at once; the buffer grows only for a frame that is longer."""

    def __init__(self, store: "Store", name: str, buf: bytearray, ahead: int):
        self._store = store
        self._name = name
        self._buf = buf
        self._ahead = min(ahead, len(buf))
        self._start = 0
        self._held = 0

    async def at(self, offset: int, size: int) -> memoryview:
        """`size` bytes from offset, fewer at the end of the file; good until the next call."""
        if offset < self._start or offset + size > self._start + self._held:
            if size > len(self._buf):
                self._buf = bytearray(size)
            self._start = offset
            self._held = 0  # while the read is under way, and if it fails, nothing is held
            want = memoryview(self._buf)[: max(size, self._ahead)]
            self._held = await self._store.read_into(self._name, offset, want)
        first = offset - self._start
        return memoryview(self._buf)[first : min(first + size, self._held)]

    async def rest(self, offset: int, size: int) -> memoryview:
        """`size` bytes from offset and all that is held behind them; fewer at the end of the file."""
        await self.at(offset, size)
        return memoryview(self._buf)[offset - self._start : self._held]

    def forget(self) -> None:
        """The file was written to: read it again."""
        self._held = 0


def name_of(prefix: str, number: int) -> str:
    """Like main-00000001.seg."""
    return f"{prefix}-{number:08d}.seg"


def numbers_of(prefix: str, names: "list[str]") -> "list[int]":
    """The segments of one journal among a store's files, ascending."""
    start = prefix + "-"
    ends = [name[len(start) : -4] for name in names if name.startswith(start) and name.endswith(".seg")]
    return sorted([int(end) for end in ends if end.isdigit()])


class Tail:
    """What lies behind the last sound frame. size: bytes to the last one that is not zero; head: what it says it was.
    behind: offset and seq of the first sound frame in it, with which it is no torn tail; None in all honest cases."""

    def __init__(self, size: int, head: "Head | None", behind: "tuple[int, int] | None"):
        self.size = size
        self.head = head
        self.behind = behind


class Segment:
    """A file of `size` bytes. end: where the next frame goes."""

    def __init__(self, store: "Store", name: str, number: int, size: int, end: int):
        self._store = store
        self.name = name
        self.number = number
        self.size = size
        self.end = end

    @property
    def left(self) -> int:
        """Bytes that frames can still take."""
        return self.size - self.end

    async def write(self, frame: bytes) -> None:
        """One write, one sync. Durable when it returns; after a fault nothing is known, and `end` stands where it was."""
        await self._store.write(self.name, self.end, frame)
        await self._store.sync(self.name)
        self.end += len(frame)

    async def frame_at(self, window: Window, offset: int) -> "Frame | None":
        """The frame at offset, if it is sound by itself."""
        head = read_head(await window.at(offset, SECTOR))
        if head is None or offset + frame_bytes(head.length) > self.size:
            return None
        return unpack(await window.at(offset, frame_bytes(head.length)))

    async def scan(self, window: Window, scan: "Scan") -> None:
        """Let scan go as far as it can from its offset on."""
        need, more = SECTOR, True
        while more and scan.offset + need <= self.size:
            before = scan.offset
            view = await window.rest(before, need)
            more = scan.take(view)
            need = SECTOR
            if more and scan.offset == before:  # the frame is longer than what was held
                head = read_head(view)
                if head is None or frame_bytes(head.length) <= len(view):
                    return
                need = frame_bytes(head.length)

    async def tail(self, window: Window) -> Tail:
        """Look at all from `end` on, where no sound frame starts. Raises JournalDamaged where a frame of a later format
        stands: this till cannot read it, and must not cut it."""
        last = offset = self.end
        head = read_head(await window.at(offset, SECTOR))
        page = bytearray(len(PAGE))  # no garbage, whose collection takes MicroPython longer than all the rest
        while offset < self.size:
            data = await window.at(offset, min(len(PAGE), self.size - offset))
            if len(data) < len(page):
                page = bytearray(len(PAGE))
            page[: len(data)] = data
            if page != PAGE:
                last, behind = await self._last_written(window, offset, offset + len(data), last)
                if behind is not None:
                    return Tail(last - self.end, head, behind)
            offset += len(PAGE)
        return Tail(last - self.end, head, None)

    async def _whole(self, window: Window, offset: int, head: "Head") -> bool:
        """Is a frame of a format that we do not know there, and sound? Else its head is torn, or rotten."""
        size = frame_bytes(head.length)
        return offset + size <= self.size and unpack(await window.at(offset, size), 0, head.form) is not None

    async def _last_written(self, window: Window, offset: int, stop: int, last: int) -> "tuple[int, tuple[int, int] | None]":
        """The end of the last sector from offset to stop that is not zero, else last; and the first sound frame there."""
        while offset < stop:
            sector = await window.at(offset, SECTOR)
            if bytes(sector) != PAGE[: len(sector)]:
                last = offset + len(sector)
                head = read_head(sector)
                if head is not None and head.form != FORMAT and await self._whole(window, offset, head):
                    raise JournalDamaged(f"{self.name}: offset {offset}: format {head.form}, this till reads {FORMAT}")
                if head is not None and await self.frame_at(window, offset) is not None:
                    return last, (offset, head.seq)
            offset += SECTOR
        return last, None

    def torn(self, tail: Tail, what: str) -> Tail:
        """The tail, if it is one that a power cut leaves. Raises JournalDamaged where a sound frame stands behind."""
        if tail.behind is not None:
            found = f"offset {tail.behind[0]}: seq {tail.behind[1]}"
            raise JournalDamaged(f"{self.name}: offset {self.end}: {what}: not sound, and behind it {found} is")
        return tail

    async def wipe(self, size: int) -> None:
        """Zeros over `size` bytes behind `end`: what was cut is never found again."""
        for offset in range(self.end, self.end + size, len(PAGE)):
            await self._store.write(self.name, offset, PAGE[: self.end + size - offset])
        await self._store.sync(self.name)

    async def find(self, window: Window, seq: int) -> int:
        """Where frame `seq` starts, or would have to, by halves: every frame starts a sector and says its seq.

        Only a sound frame is believed: one that was torn, and settled in the next segment, may say any seq."""
        checkpoint = read_head(await window.at(0, SECTOR))
        low = frame_bytes(checkpoint.length) if checkpoint else 0
        high = self.end
        while low < high:
            middle = (low + high) // (2 * SECTOR) * SECTOR
            offset, frame = await self._next_frame(window, middle, high)
            if frame is None or frame.seq > seq:
                high = middle
            elif frame.seq == seq:
                return offset
            else:
                low = offset + frame.size
        return low

    async def _next_frame(self, window: Window, offset: int, stop: int) -> "tuple[int, Frame | None]":
        while offset < stop:
            frame = await self.frame_at(window, offset)
            if frame is not None:
                return offset, frame
            offset += SECTOR
        return stop, None
