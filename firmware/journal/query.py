"""Questions to the journal: one sale by its number, and the newest sales that fit.

A number is found by halves; a search streams segments from the newest back, with one buffer. It reads what is durable and
disturbs no writer; it never sees a frame that is not acknowledged, and never takes rot for the end: what rotted on one copy
is healed from the other, and what no copy has is damage, and raised."""

import json

from firmware.journal.codec import SECTOR, frame_bytes, read_head
from firmware.journal.walk import SALE, Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    import array
    from collections.abc import Callable
    from typing import Any

    from firmware.journal.segment import Segment, Window
    from firmware.journal.shelf import Shelf

    Record = dict[str, Any]

STREAM_BYTES = 1 << 16
LOOKUP_BYTES = 1 << 12
CLOCK_S = 86_400  # a clock that was wrong by more is set by hand, and its sales before that are not trusted
LIMIT = 100  # sales that one search gives at most


class Want:
    """What a sale must be. amount: its total, minor units. since, until: UTC seconds, the first counts and the last does
    not. tender, cashier: names. None asks nothing."""

    def __init__(
        self,
        amount: "int | None" = None,
        since: "int | None" = None,
        until: "int | None" = None,
        tender: "str | None" = None,
        cashier: "str | None" = None,
    ):
        self.amount = amount
        self.since = since
        self.until = until
        self.tender = tender
        self.cashier = cashier

    def may(self, payload: bytes) -> bool:
        """Can it be one of these? Asked of the bytes, which costs a tenth of reading the record: canonical JSON writes a
        number in one way only."""
        if self.amount is not None:
            told = b'"total":' + str(self.amount).encode()
            return told + b"," in payload or told + b"}" in payload
        return True

    def fits(self, sale: "Record") -> bool:
        """Is it one of these?"""
        if self.amount is not None and sale.get("total") != self.amount:
            return False
        if self.since is not None and sale.get("at", 0) < self.since:
            return False
        if self.until is not None and sale.get("at", 0) >= self.until:
            return False
        if self.tender is not None and all(leg.get("tender") != self.tender for leg in sale.get("legs", ())):
            return False
        return self.cashier is None or sale.get("cashier", "") == self.cashier


class Query:
    """shelf: of its own. last: the seq of the last durable frame, asked at each question: what is behind it is not there yet."""

    def __init__(self, shelf: "Shelf", last: "Callable[[], int]"):
        self._shelf = shelf
        self._last = last

    async def by_number(self, no: int) -> "Record | None":
        """The sale with this receipt number, None when there is none. Raises JournalDamaged, StoreBroken."""
        numbers, last = list(self._shelf.numbers), self._last()
        if not numbers:
            return None
        # not there, or rot lies on the way to it: only frames that are all sound may say that there is none
        return await self._by_halves(numbers, no) or await self._by_walks(numbers, no, last)

    async def newest(self, want: Want, limit: int = LIMIT, before: int = 0) -> "list[Record]":
        """The newest sales that fit, newest first, `limit` at most; before: only those of a lower seq, to go on from the last
        one given. Raises JournalDamaged, StoreBroken."""
        found: list[Record] = []
        most = min(limit, LIMIT)
        stop = min(before, self._last() + 1) if before else self._last() + 1
        numbers = list(self._shelf.numbers)
        while numbers and len(found) < most:
            number = numbers.pop()
            first = await self._shelf.first_seq(number)
            if first >= stop:
                continue
            walk = await self._walk(number, stop, STREAM_BYTES)
            offsets = await walk.sales()
            stop = first  # what an older segment says of later ones was in doubt, and is void
            behind = len(offsets)
            while behind and len(found) < most:
                start = behind - 1
                while start and offsets[behind - 1] - offsets[start - 1] < STREAM_BYTES // 2:
                    start -= 1
                fitting = await self._fitting(walk, offsets[start:behind], want)
                fitting.reverse()
                found += fitting[: most - len(found)]
                behind = start
            if want.since is not None and offsets and await self._all_older(walk, offsets[0], want.since):
                break
        return found

    async def _walk(self, number: int, until: int, ahead: int) -> Walk:
        return Walk(self._shelf, await self._shelf.open(number), until, ahead)

    async def _all_older(self, walk: Walk, offset: int, since: int) -> bool:
        """Whether no segment before this one can have a sale since then: its first was before that by more than a clock is
        ever wrong, and somebody vouched for its time."""
        payload = await walk.sale(offset)
        sale = json.loads(payload) if payload else {}
        return bool(sale.get("trusted")) and sale.get("at", 0) < since - CLOCK_S

    async def _fitting(self, walk: Walk, offsets: "array.array[int]", want: Want) -> "list[Record]":
        """Those that fit of a few sales that one buffer holds, read forwards."""
        found: list[Record] = []
        for offset in offsets:
            payload = await walk.sale(offset)
            if payload and want.may(payload):
                sale = json.loads(payload)
                if want.fits(sale):
                    found.append(sale)
        return found

    # ---- a number, fast: heads are believed on the way, and what is found must be sound

    async def _by_halves(self, numbers: "list[int]", no: int) -> "Record | None":
        """None says nothing: it may be there."""
        low, high = 0, len(numbers)
        while high - low > 1:
            middle = (low + high) // 2
            first = await self._first_sale(numbers, middle, high)
            if 0 < first <= no:
                low = middle
            else:
                high = middle
        segment, window = await self._open(numbers[low])
        segment.end = await self._end(segment, window)
        offset = await self._find(segment, window, no)
        frame = await segment.frame_at(window, offset) if offset >= 0 else None
        if frame is None or (low + 1 < len(numbers) and frame.seq >= await self._begins(numbers[low + 1])):
            return None
        sale: Record = json.loads(frame.payload)
        return sale

    async def _open(self, number: int) -> "tuple[Segment, Window]":
        segment = await self._shelf.open(number)
        return segment, self._shelf.stream(segment, LOOKUP_BYTES)

    async def _begins(self, number: int) -> int:
        """With which frame a segment begins, as it says: what the one before it says of that frame was in doubt, and is void."""
        _, window = await self._open(number)
        head = read_head(await window.at(0, SECTOR))
        return head.seq if head is not None else 0

    async def _first_sale(self, numbers: "list[int]", start: int, stop: int) -> int:
        """The number of the first sale in segments start..stop, 0 when none is seen."""
        for number in numbers[start:stop]:
            segment, window = await self._open(number)
            offset = 0
            head = read_head(await window.at(0, SECTOR))
            while head is not None and head.seq <= self._last():
                if head.kind == SALE:
                    return head.no
                offset += frame_bytes(head.length)
                head = read_head(await window.at(offset, SECTOR)) if offset < segment.size else None
        return 0

    async def _end(self, segment: "Segment", window: "Window") -> int:
        """Where the zeros begin. Before it every sector is part of a frame, and none of those is all zero."""
        low, high = 0, segment.size // SECTOR
        zeros = bytes(SECTOR)
        if segment.size > LOOKUP_BYTES and bytes(await window.at(segment.size - LOOKUP_BYTES, SECTOR)) != zeros:
            return segment.size  # full, or nearly: what is left is not worth looking for
        while low < high:
            middle = (low + high) // 2
            if bytes(await window.at(middle * SECTOR, SECTOR)) == zeros:
                high = middle
            else:
                low = middle + 1
        return low * SECTOR

    async def _find(self, segment: "Segment", window: "Window", no: int) -> int:
        """Where the sale `no` starts, -1 when it is not there: by halves, since numbers rise from sale to sale."""
        low, high = 0, segment.end
        while low < high:
            middle = (low + high) // (2 * SECTOR) * SECTOR
            offset = middle
            head = None
            while offset < high:
                head = read_head(await window.at(offset, SECTOR))
                if head is not None and head.kind == SALE:
                    break
                offset += frame_bytes(head.length) if head is not None else SECTOR
            if offset >= high or head is None or head.no > no:
                high = middle
            elif head.no == no:
                return offset if head.seq <= self._last() else -1
            else:
                low = offset + frame_bytes(head.length)
        return -1

    # ---- a number, surely: every frame that says where to go is sound, and all of the segment where it ends

    async def _by_walks(self, numbers: "list[int]", no: int, last: int) -> "Record | None":
        low, high = 0, len(numbers)
        while high - low > 1:
            middle = (low + high) // 2
            first = await self._first_sound(numbers, middle, high, last)
            if 0 < first <= no:
                low = middle
            else:
                high = middle
        walk = await self._walk(numbers[low], await self._until(numbers, low, last), STREAM_BYTES)
        offsets = await walk.sales(True)
        start, stop = 0, len(offsets)
        while start < stop:
            middle = (start + stop) // 2
            payload = await walk.sale(offsets[middle])
            sale: Record = json.loads(payload) if payload else {"no": 0}
            if sale["no"] == no:
                return sale
            if sale["no"] > no:
                stop = middle
            else:
                start = middle + 1
        return None

    async def _first_sound(self, numbers: "list[int]", start: int, stop: int, last: int) -> int:
        """The number of the first sale in segments start..stop, 0 when there is none."""
        for i in range(start, stop):
            walk = await self._walk(numbers[i], await self._until(numbers, i, last), LOOKUP_BYTES)
            for offset in await walk.sales(True, 1):
                payload = await walk.sale(offset)
                if payload:
                    no: int = json.loads(payload)["no"]
                    return no
        return 0

    async def _until(self, numbers: "list[int]", i: int, last: int) -> int:
        """The first frame that segment i does not hold. last: the seq of the last one, when the numbers were these."""
        return await self._shelf.first_seq(numbers[i + 1]) if i + 1 < len(numbers) else last + 1
