"""A life on a bad line: everything between a till's journal and the ledger goes wrong, by a seed, and nothing may be lost.

The proxies strike at bytes, the meddling broker at messages; lines, brokers, collectors, databases, power and clocks fail
as they do elsewhere. Virtual time, the whole stack real: journals, courier, paho, collector, ledger."""

import asyncio
import random

from firmware.sync import wire
from fleet.collector import Collector
from sim.broker import Broker
from sim.net import Net
from tests.crash.campaign import ALTERED, DOUBLED, LOST, Wrong
from tests.sync.proxy import Proxy
from tests.sync.stack import Fleet, Stall, lost

CALM_S = 40_000  # what must arrive once the trouble is over, has; patience grows to 300 s and more
CLONES_S = 2000  # two that take each other's session in turn get no further with more
WEEK_S = 7 * 86_400
TROUBLES = ("line", "power", "collector", "broker", "ledger", "clock", "away", "none", "none")
LATE_S = (0.01, 1, 20, 400)


class Meddler(Broker):
    """A broker that loses, doubles and delays what it was given to pass on, and so reorders it.

    dying: called when an answer is due and the collector dies with it, between its COMMIT and its word."""

    def __init__(self, chance: random.Random, dying):
        super().__init__()
        self.chance = chance
        self.dying = dying
        self.calm = False
        self.late = set()

    def publish(self, topic, payload, qos, retain):
        for delay in [0] if self.calm or retain else self._fate(topic):
            if not delay:
                super().publish(topic, payload, qos, retain)
                continue
            task = asyncio.get_running_loop().create_task(self._later(delay, topic, payload, qos))
            self.late.add(task)
            task.add_done_callback(self.late.discard)

    async def _later(self, delay, *message):
        await asyncio.sleep(delay)
        if self.running:
            super().publish(*message, False)

    def _fate(self, topic):
        """The delays after which it is delivered, none for never."""
        roll = self.chance.random()
        if roll < 0.05 and topic.endswith(wire.DN_ACK):
            self.dying()
            return []
        if roll < 0.15:
            return []
        if roll < 0.30:
            return [0, self.chance.choice(LATE_S)]
        if roll < 0.40:
            return [self.chance.choice(LATE_S)]
        return [0]


class BadFleet(Fleet):
    """Its broker meddles, its collector calls through a proxy."""

    def __init__(self, chance, collector=Collector):
        super().__init__(collector)
        self.broker = Meddler(chance, self.kill)
        self.proxy = Proxy(super().dial, chance)

    async def dial(self, host="", port=0):
        return await self.proxy.dial()

    async def behind(self, host="", port=0):
        """The broker itself, for who has a proxy of his own."""
        return self.broker.connect()


class Trouble:
    """One fleet, some stalls, and what happens to them. setup: what Stall takes, for a control."""

    def __init__(self, seed, stalls=1, collector=Collector, **setup):
        self.chance = random.Random(seed)
        self.fleet = BadFleet(self.chance, collector)
        self.stalls = [Stall(self.fleet, seed=seed, **setup) for _ in range(stalls)]
        self.proxies = []
        for stall in self.stalls:
            proxy = Proxy(self.fleet.behind, self.chance)
            stall.net = Net("wifi", lambda host, port, proxy=proxy: proxy.dial())
            self.proxies.append(proxy)

    async def begin(self):
        self.fleet.up()
        for stall in self.stalls:
            await stall.power_on()

    async def strike(self, stall):
        """One trouble, for a while, while the stall sells on. What was acknowledged and is not there is LOST."""
        chance, fleet = self.chance, self.fleet
        what = chance.choice(TROUBLES)
        if what == "line":
            stall.net.set("off")
        elif what == "power":
            await stall.power_cut()
            await stall.power_on()
        elif what == "collector":
            fleet.kill()
        elif what == "broker":
            fleet.broker.down()
        elif what == "ledger":
            fleet.ledger.db.execute("PRAGMA query_only = ON")
        elif what == "clock":
            stall.life.clock.shift(chance.choice((-86_400, -3600, 3600, 86_400)))
        elif what == "away":
            stall.net.set("off")
            for _ in range(chance.randrange(20)):
                await stall.sell()
                await asyncio.sleep(WEEK_S / 20 * chance.random())
        await stall.sell(chance.randrange(4))
        await asyncio.sleep(chance.choice((0, 0.3, 5, 60, 500)))
        await self.look()
        fleet.ledger.db.execute("PRAGMA query_only = OFF")
        stall.net.set("wifi")
        fleet.broker.up()
        if not fleet.running or fleet.running.done():
            fleet.up()
        await stall.sell(chance.randrange(3))
        await asyncio.sleep(chance.choice((0, 0.3, 5, 90)))
        await self.look()

    async def look(self):
        for stall in self.stalls:
            gone = await lost(stall)
            if gone:
                raise Wrong(LOST, f"{len(gone)} records that the till counts as acknowledged are not in the ledger")

    async def calm(self):
        """Every trouble ends, and what is on its way arrives."""
        fleet, loop = self.fleet, asyncio.get_running_loop()
        fleet.broker.calm = fleet.proxy.calm = True
        for proxy in self.proxies:
            proxy.calm = True
        if not fleet.running or fleet.running.done():
            fleet.up()
        end = loop.time() + (CALM_S if len(self.stalls) == 1 else CLONES_S)
        while any(stall.queued and not stall.life.courier.fork for stall in self.stalls) and loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(5)

    async def end(self):
        """Everything stops. A task is told until it has heard: before Python 3.12 wait_for may swallow one cancellation."""
        for stall in self.stalls:
            await stall.power_cut()
        for proxy in [*self.proxies, self.fleet.proxy]:
            proxy.close()
        while self.fleet.running and not self.fleet.running.done():
            self.fleet.running.cancel()
            await asyncio.sleep(0)


async def judge(stall):
    """One honest stall, once all is calm: every record there once, in order, byte for byte; nobody was accused."""
    fleet, life = stall.fleet, stall.life
    if stall.queued:
        raise Wrong(LOST, f"{stall.queued} sales are not at the fleet {CALM_S} s after the last trouble: {stall.log.lines[-3:]}")
    to = life.desk.acked["to"]
    told, held = await life.journal.payloads(1, to, 1 << 40), fleet.booked()
    if held[:to] != told:
        raise Wrong(LOST if len(held) < to else ALTERED, "the ledger's records are not the journal's")
    numbers = [row["no"] for _, row in fleet.ledger.records("sale")]
    if len(set(numbers)) != len(numbers):
        raise Wrong(DOUBLED, f"{len(numbers) - len(set(numbers))} sales are in the ledger twice")
    if len(numbers) != stall.sold:
        raise Wrong(LOST, f"{stall.sold} were sold and {len(numbers)} are in the ledger")
    accused = [row[1] for row in fleet.ledger.alarms()]
    if accused or fleet.ledger.quarantined() or life.courier.trouble or fleet.broker.violations:
        told = accused, fleet.ledger.quarantined()[:2], life.courier.trouble, fleet.broker.violations
        raise Wrong(ALTERED, f"an honest till was accused: {told}")


async def bad_life(seed, sales, spoil=lambda ledger: None, **setup):
    """A stall until it has sold so much. Raises Wrong; gives how much it sold, and the trouble. spoil: a control's own."""
    trouble = Trouble(seed, **setup)
    (stall,) = trouble.stalls
    await trouble.begin()
    try:
        while stall.sold < sales:
            await trouble.strike(stall)
        await trouble.calm()
        spoil(trouble.fleet.ledger)
        await judge(stall)
    finally:
        await trouble.end()
    return stall.sold, trouble


async def one_key_twice(seed, sales):
    """Two machines with one till's key and name, both on the line: a clone. Each sells; the ledger keeps one past, whole, of
    what it acknowledged nothing is gone, and somebody is told."""
    trouble = Trouble(seed, 2)
    await trouble.begin()
    try:
        while sum(stall.sold for stall in trouble.stalls) < sales:
            await trouble.strike(trouble.chance.choice(trouble.stalls))
        for stall in trouble.stalls:
            await stall.sell()
        await trouble.calm()
        await trouble.look()
        await judge_clones(trouble)
    finally:
        await trouble.end()
    return sum(stall.sold for stall in trouble.stalls), trouble


async def judge_clones(trouble):
    """One past, whole, and an alarm."""
    kinds = {row[1] for row in trouble.fleet.ledger.alarms()}
    if not kinds & {"fork", "rollback", "clone"}:
        raise Wrong(ALTERED, f"two tills with one key sold, and nobody was told: {kinds}")
    held = trouble.fleet.booked()
    journals = [await stall.life.journal.payloads(1, 1 << 30, 1 << 40) for stall in trouble.stalls]
    if not any(held == journal[: len(held)] for journal in journals):
        raise Wrong(ALTERED, "the ledger mixes the pasts of two tills")
    numbers = [row["no"] for _, row in trouble.fleet.ledger.records("sale")]
    if len(set(numbers)) != len(numbers):
        raise Wrong(DOUBLED, "a sale's number is in the ledger twice")
