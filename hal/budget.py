"""What the metered line may carry in a day and in a month, counted across boots.

The store holds the count in two slots that are written in turn, each with its CRC: a cut in the middle of one leaves the
other. What is written runs a STEP ahead of what was carried, and is written again before that is used up: after a cut
the count may be a STEP too high, and is not too low. Day and month are those of the place; a clock that nobody vouches
for starts no new one."""

import asyncio
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from hal.ports.board import Clock, Log, Store
from hal.ports.faults import Fault

FILE = "metered.seg"
SLOT, SLOTS = 512, 2
STEP = 16_384  # bytes carried for one write
NEAR_PERCENT = 80
FORM = struct.Struct("<4sIIIQQI")  # magic, number of the write, day, month, bytes of the day, of the month, allowed day
MAGIC = b"BRWM"


class Limits(NamedTuple):
    """Bytes, both ways; 0 is no limit."""

    day: int
    month: int


class Budget:
    """moved() is called when `closed` or `near` is not what it was."""

    def __init__(self, limits: Limits, store: Store, clock: Clock, log: Log) -> None:
        self.limits = limits
        self.store = store
        self.clock = clock
        self.log = log
        self.moved: Callable[[], None] = lambda: None
        self.loaded = False
        self.writes = 0
        self.day = self.month = 0  # as of(): numbers that only grow
        self.today = self.this_month = 0  # bytes
        self.kept = 0  # bytes of the month that the store knows of
        self.allowed = 0  # the day for which the operator allowed more
        self.seen = 0  # of the line's own count
        self.was = (False, True)
        self.writing: asyncio.Task[None] | None = None

    # ---- what others ask

    @property
    def percent(self) -> int:
        """Of the limit that is nearer."""
        parts = [(self.today, self.limits.day), (self.this_month, self.limits.month)]
        return max(used * 100 // limit if limit else 0 for used, limit in parts)

    @property
    def near(self) -> bool:
        return self.percent >= NEAR_PERCENT

    @property
    def closed(self) -> bool:
        """May the line carry nothing more? Also as long as it is not known what it has carried."""
        return not self.loaded or (self.percent >= 100 and self.allowed != self.day)

    def allow(self) -> None:
        """The operator lets it carry on, until midnight."""
        self._turn()
        self.allowed = self.day
        self.log.say("net", "4g: more data is allowed until midnight")
        self._keep()
        self._look()

    def count(self, total: int) -> None:
        """total: what the line has carried since it was started."""
        fresh, self.seen = total - self.seen, total
        self._turn()
        self.today += fresh
        self.this_month += fresh
        if self.this_month > self.kept - STEP // 2:
            self._keep()
        self._look()

    # ---- days

    def _turn(self) -> None:
        """A new day or month begins at nought. A clock that went back leaves the count, and gives it the earlier name."""
        if not self.clock.trusted():
            return
        day, month = of(self.clock)
        if day > self.day:
            self.today = 0
        if month > self.month:
            self.this_month = self.kept = 0
        self.day, self.month = day, month

    def _look(self) -> None:
        now = (self.near, self.closed)
        if now != self.was:
            self.was = now
            self.moved()

    # ---- the store

    async def load(self) -> None:
        """What earlier boots have carried. A store that cannot say so is logged, and counts as nothing."""
        try:
            buf = bytearray(SLOT * SLOTS)
            if FILE in await self.store.names():
                await self.store.read_into(FILE, 0, buf)
        except Fault as fault:
            self.log.say("net", f"4g: what was carried before is not known: {fault}")
        else:
            self._read(buf)
        self.loaded = True
        self._turn()
        self._look()

    def _read(self, buf: bytearray) -> None:
        found = [read_slot(bytes(buf[at : at + SLOT])) for at in range(0, len(buf), SLOT)]
        if sound := [slot for slot in found if slot]:
            self.writes, self.day, self.month, self.today, self.this_month, self.allowed = max(sound)
            self.kept = self.this_month

    def _keep(self) -> None:
        """Soon; what is carried while a write is under way makes the next one."""
        if self.writing is None or self.writing.done():
            self.writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        self.kept = self.this_month + STEP
        self.writes += 1
        today = self.today + STEP
        head = FORM.pack(MAGIC, self.writes, self.day, self.month, today, self.kept, self.allowed)
        slot = self.writes % SLOTS
        try:
            if FILE not in await self.store.names():
                await self.store.create(FILE, SLOT * SLOTS)
            await self.store.write(FILE, slot * SLOT, head + zlib.crc32(head).to_bytes(4, "little"))
            await self.store.sync(FILE)
        except Fault as fault:
            self.log.say("net", f"4g: what is carried cannot be kept: {fault}")


def read_slot(slot: bytes) -> tuple[int, int, int, int, int, int] | None:
    """Number of the write, day, month, bytes of each, allowed day; None when it is not sound."""
    head, told = slot[: FORM.size], slot[FORM.size : FORM.size + 4]
    if zlib.crc32(head).to_bytes(4, "little") != told or head[:4] != MAGIC:
        return None
    _, writes, day, month, today, this_month, allowed = FORM.unpack(head)
    return writes, day, month, today, this_month, allowed


def of(clock: Clock) -> tuple[int, int]:
    """The place's day and month as numbers that grow by one."""
    now = datetime.fromtimestamp(clock.utc_s() + clock.offset_s(), UTC)
    return now.toordinal(), now.year * 12 + now.month
