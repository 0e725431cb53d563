"""A stall and its fleet in one virtual-time loop, all of it real but the wires: journals, courier, paho over the bench's
line, the bench's broker, collector, ledger. What may go wrong is a knob."""

import asyncio

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sync.courier import Courier
from fleet.collector import Collector
from fleet.ledger import Ledger
from hal import keystore
from hal.brokers import Broker as Address
from hal.mqtt import MqttLink
from hal.random import seeded
from hal.tls import Nobody
from sim.broker import Broker
from sim.clock import BenchClock
from sim.net import Net
from tests.core.memory_store import MemoryStore, QuietLog

TILL = "BARROW-0001"
AT_S = 1795271526
SEGMENT = 65536


def sale(no, at):
    """The body of a sale of one to three coffees."""
    total = 350 * (1 + no % 3)
    line = {"code": "11", "names": {"en": "Coffee", "zh": "咖啡"}, "price": 350, "qty": 1000 * (1 + no % 3), "rate": "standard"}
    net = total - total // 6
    return {
        "at": at, "off": 0, "trusted": True, "cur": "GBP", "lines": [line | {"total": total}], "total": total, "rounding": 0,
        "tax": [{"rate": "standard", "bp": 2000, "mode": "included", "net": net, "tax": total // 6}],
        "legs": [{"tender": "cash", "amount": total, "given": total, "change": 0}], "receipt": "auto",
    }  # fmt: skip


class Fleet:
    """Broker, ledger and a collector that can be killed. collector: the class, so that a control can bring a bad one."""

    def __init__(self, collector=Collector):
        self.broker = Broker()
        self.ledger = Ledger(":memory:")
        self.kind = collector
        self.log = []
        self.running = None

    async def dial(self, host="", port=0):
        return self.broker.connect()

    def up(self):
        self.collector = self.kind(self.ledger, lambda: AT_S, self.log.append)
        self.running = asyncio.create_task(self.collector.run(self.dial))

    def kill(self):
        """As kill -9: nothing more is said."""
        if self.running:
            self.running.cancel()
        self.running = None

    def booked(self):
        """The ledger's payloads, in order."""
        asked = "SELECT payload FROM frames WHERE terminal = ? ORDER BY seq"
        return [payload for (payload,) in self.ledger.db.execute(asked, (TILL,))]


class Life:
    """A till from power on to its cut."""

    def __init__(self, stall, courier):
        self.terminal, self.version, self.log = TILL, "0.1.0", stall.log
        self.clock, self.random = BenchClock(asyncio.get_running_loop(), AT_S, 0), seeded(stall.seed)
        self.keystore = stall.keystore
        self.link = MqttLink(stall.net, stall.brokers, stall.identity, self.clock, self.log)
        self.rollup, self.desk = Rollup(), Desk()
        self.journal = Journal(stall.store, "main", self.rollup, self.log, SEGMENT)
        self.desk_journal = Journal(stall.store, "desk", self.desk, self.log, SEGMENT)
        self.courier = courier(self, self.journal, self.rollup, self.desk_journal, self.desk, lambda: None)

    async def boot(self):
        await self.journal.recover()
        await self.desk_journal.recover()
        self.link.start(lambda event: self.courier.moved(), self.courier.on_message)
        self.running = asyncio.create_task(self.courier.run())


class Stall:
    """A till whose store outlives its power. courier: the class, so that a control can bring a bad one."""

    def __init__(self, fleet, line="wifi", seed=1, courier=Courier):
        self.fleet, self.seed, self.kind = fleet, seed, courier
        self.net = Net(line, fleet.dial)
        self.brokers, self.identity = (Address("broker", 1883),), Nobody()
        self.store, self.log = MemoryStore(), QuietLog()
        self.sold = 0
        self.keystore = keystore.seeded(seed, TILL)

    async def power_on(self):
        self.life = Life(self, self.kind)
        await self.life.boot()
        await asyncio.sleep(0.001)

    async def power_cut(self):
        while not self.life.running.done():  # before Python 3.12 wait_for may swallow one cancellation
            self.life.running.cancel()
            await asyncio.sleep(0)
        self.life.link.drop()
        self.store.cut()

    async def sell(self, count=1):
        for _ in range(count):
            life = self.life
            await life.journal.append("sale", life.rollup.next_no, sale(life.rollup.next_no, life.clock.utc_s()))
            self.sold += 1
            life.courier.wake()
            await life.journal.append("print", life.rollup.next_no - 1, {"copy": 0, "done": True})

    @property
    def queued(self):
        return self.life.courier.queued()


async def lost(stall):
    """Records that the till counts as acknowledged, and that the ledger does not hold as they were journaled."""
    told = await stall.life.journal.payloads(1, stall.life.desk.acked["to"], 1 << 30) if stall.life.desk.acked["to"] else []
    held = set(stall.fleet.booked())
    return [payload for payload in told if payload not in held]


async def arrived(stall, within_s=900):
    """Wait until nothing is queued; then every record is in the ledger once, in order, byte for byte."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while stall.queued and loop.time() < end:  # noqa: ASYNC110  # in virtual time, and what ends it is to be proven
        await asyncio.sleep(1)
    assert not stall.queued, (stall.queued, stall.log.lines[-5:], stall.fleet.log[-5:])
    to = stall.life.desk.acked["to"]
    assert stall.fleet.booked()[:to] == await stall.life.journal.payloads(1, to, 1 << 30)
    assert len(list(stall.fleet.ledger.records("sale"))) == stall.life.rollup.sales == stall.sold
    assert stall.fleet.ledger.quarantined() == [] and not stall.life.courier.fork
    assert stall.fleet.broker.violations == []
