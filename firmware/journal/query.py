"""Questions to the journal: one sale by its number, the newest sales that fit, the figures of a day, a month or a year.

A number is found by halves; a search streams segments from the newest back, with one buffer. Figures come from the rollup
alone: nobody scans years. It reads what is durable and disturbs no writer; it never sees a frame that is not acknowledged."""

import array
import json

from firmware.journal.codec import KINDS, SECTOR, frame_bytes, read_head
from firmware.journal.segment import Segment, Window, name_of, numbers_of
from hal.ports.faults import JournalDamaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.journal.rollup import Rollup
    from hal.ports.board import Store

    Record = dict[str, Any]

SALE = KINDS["sale"]
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


def figures(rollup: "Rollup", period: str) -> "Record":
    """What a day ("2026-11-21"), a month ("2026-11"), a year ("2026") or all time ("") comes to, as totals.blank says it.

    Raises ValueError for any other text."""
    digits = period.replace("-", "0")
    if len(period) not in (0, 4, 7, 10) or any(c not in "0123456789" for c in digits) or period[4:5] not in ("", "-"):
        raise ValueError(f"{period!r} is no day, month or year")
    return rollup.totals.period(period)


class Query:
    """last: the seq of the last durable frame, asked at each question: what is behind it is not there yet."""

    def __init__(self, store: "Store", prefix: str, last: "Callable[[], int]"):
        self._store = store
        self._prefix = prefix
        self._last = last
        self._buf = bytearray(STREAM_BYTES)

    async def by_number(self, no: int) -> "Record | None":
        """The sale with this receipt number, None when there is none. Raises JournalDamaged, StoreBroken."""
        numbers = numbers_of(self._prefix, await self._store.names())
        low, high = 0, len(numbers)
        while high - low > 1:
            middle = (low + high) // 2
            first = await self._first_sale(numbers, middle, high)
            if 0 < first <= no:
                low = middle
            else:
                high = middle
        if not numbers:
            return None
        segment, window = await self._open(numbers[low], LOOKUP_BYTES)
        segment.end = await self._end(segment, window)
        offset = await self._find(segment, window, no)
        return await self._read(segment, window, offset) if offset >= 0 else None

    async def newest(self, want: Want, limit: int = LIMIT, before: int = 0) -> "list[Record]":
        """The newest sales that fit, newest first, `limit` at most; before: only those of a lower seq, to go on from the last
        one given. Raises JournalDamaged, StoreBroken."""
        found: list[Record] = []
        stop = min(before, self._last() + 1) if before else self._last() + 1
        numbers = numbers_of(self._prefix, await self._store.names())
        while numbers and len(found) < min(limit, LIMIT):
            segment, window = await self._open(numbers.pop(), STREAM_BYTES)
            head = read_head(await window.at(0, SECTOR))
            if head is None:
                continue  # made ahead of need
            offsets = await self._sales(segment, window, stop)
            stop = min(stop, head.seq)  # what an older segment says of later ones was in doubt, and is void
            behind = len(offsets)
            while behind and len(found) < min(limit, LIMIT):
                first = behind - 1
                while first and offsets[behind - 1] - offsets[first - 1] < STREAM_BYTES // 2:
                    first -= 1
                fitting = await self._fitting(segment, window, offsets[first:behind], want)
                fitting.reverse()
                found += fitting[: min(limit, LIMIT) - len(found)]
                behind = first
            if want.since is not None and offsets and await self._all_older(segment, window, offsets[0], want.since):
                break
        return found

    async def _all_older(self, segment: Segment, window: Window, offset: int, since: int) -> bool:
        """Whether no segment before this one can have a sale since then: its first was before that by more than a clock is
        ever wrong, and somebody vouched for its time."""
        sale = await self._read(segment, window, offset)
        return bool(sale.get("trusted")) and sale.get("at", 0) < since - CLOCK_S

    async def _fitting(self, segment: Segment, window: Window, offsets: "array.array[int]", want: Want) -> "list[Record]":
        """Those that fit of a few sales that one buffer holds, read forwards."""
        found: list[Record] = []
        for offset in offsets:
            payload = await self._payload(segment, window, offset)
            if want.may(payload):
                sale = json.loads(payload)
                if want.fits(sale):
                    found.append(sale)
        return found

    async def _open(self, number: int, ahead: int) -> "tuple[Segment, Window]":
        name = name_of(self._prefix, number)
        size = await self._store.size(name)
        return Segment(self._store, name, number, size, size), Window(self._store, name, self._buf, ahead)

    async def _read(self, segment: Segment, window: Window, offset: int) -> "Record":
        record: Record = json.loads(await self._payload(segment, window, offset))
        return record

    async def _payload(self, segment: Segment, window: Window, offset: int) -> bytes:
        frame = await segment.frame_at(window, offset)
        if frame is None:
            raise JournalDamaged(f"{segment.name}: offset {offset}: not sound")
        return frame.payload

    async def _sales(self, segment: Segment, window: Window, stop: int) -> "array.array[int]":
        """Where the sales of a segment start, below seq `stop`: 4 bytes each, so 32 KiB at most."""
        offsets = array.array("I")
        offset = 0
        head = read_head(await window.at(0, SECTOR))
        while head is not None and head.seq < stop:
            if head.kind == SALE:
                offsets.append(offset)
            offset += frame_bytes(head.length)
            head = read_head(await window.at(offset, SECTOR)) if offset < segment.size else None
        return offsets

    async def _first_sale(self, numbers: "list[int]", start: int, stop: int) -> int:
        """The number of the first sale in segments start..stop, 0 when there is none."""
        for number in numbers[start:stop]:
            segment, window = await self._open(number, LOOKUP_BYTES)
            offset = 0
            head = read_head(await window.at(0, SECTOR))
            while head is not None and head.seq <= self._last():
                if head.kind == SALE:
                    return head.no
                offset += frame_bytes(head.length)
                head = read_head(await window.at(offset, SECTOR)) if offset < segment.size else None
        return 0

    async def _end(self, segment: Segment, window: Window) -> int:
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

    async def _find(self, segment: Segment, window: Window, no: int) -> int:
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
