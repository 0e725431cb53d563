"""A till's journals and its courier on a far end that loses, doubles and forgets, in the dialect."""

import asyncio

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sync import wire
from firmware.sync.courier import Courier
from tests.core import vtime
from tests.core.devices import Keys
from tests.core.far_end import TILL, FarEnd
from tests.core.memory_store import MemoryStore, QuietLog

SEGMENT = 8192


class Board:
    """As much of a board as a courier sees."""

    terminal, version = TILL, "0.1.0"

    def __init__(self, link, jitter, fleet):
        self.link, self.clock, self.log, self.random = link, self, QuietLog(), self
        self.jitter, self.keystore = jitter, Keys(fleet=fleet)

    def now_ms(self):
        return vtime.now_ms()

    def utc_s(self):
        return 1795271520 + vtime.now_ms() // 1000

    def trusted(self):
        return True

    def below(self, n):
        return min(self.jitter, n - 1)


class Stall:
    """A till's journals and its courier. jitter: what below() answers; 30 makes every wait exactly as long as it is named.
    fleet: the public key that it knows the fleet by."""

    def __init__(self, far=None, store=None, jitter=30, fleet=b""):
        self.far, self.store, self.fleet = far or FarEnd(), store or MemoryStore(), fleet
        self.board = Board(self.far, jitter, fleet)
        self.rollup, self.desk = Rollup(), Desk()
        self.journal = Journal(self.store, "main", self.rollup, self.board.log, SEGMENT)
        self.desk_journal = Journal(self.store, "desk", self.desk, self.board.log, SEGMENT)
        self.changes = 0

    async def boot(self, line="line"):
        await self.journal.recover()
        await self.desk_journal.recover()
        self.courier = Courier(self.board, self.journal, self.rollup, self.desk_journal, self.desk, self.changed)
        self.far.start(lambda event: self.courier.moved(), self.courier.on_message)
        self.running = asyncio.create_task(self.courier.run())
        if line != "off":
            self.far.move(line)
        await vtime.sleep_ms(1)
        return self

    def changed(self):
        self.changes += 1

    async def sell(self, count=1, wake=True):
        for _ in range(count):
            no = self.rollup.next_no
            await self.journal.append("sale", no, {"receipt": "auto", "total": 350})
        if wake:
            self.courier.wake()
            await vtime.sleep_ms(1)

    async def print_slip(self):
        await self.journal.append("print", self.rollup.next_no - 1, {"copy": 0, "done": True})
        await vtime.sleep_ms(1)

    async def power_cut(self):
        """The same store and far end, in a till that boots anew."""
        self.running.cancel()
        self.store.cut()
        self.far.state = "off"
        return await Stall(self.far, self.store, self.board.jitter, self.fleet).boot()

    def down(self, tail, payload):
        """The fleet says this, now."""
        self.courier.on_message(wire.topic(TILL, tail), payload)

    async def whole(self):
        """Every record once, in order, byte for byte, and nothing waits."""
        assert self.far.booked == await self.journal.payloads(1, 10000, 1 << 30)
        assert self.courier.queued() == 0 and self.desk.acked["to"] == self.journal.seq, self.desk.acked
        assert bytes.fromhex(self.desk.acked["h"]) == self.journal.head and not self.courier.fork
