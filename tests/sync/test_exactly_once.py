"""Every sale once, whatever dies: the whole stack in virtual time, seeded; and two bad stacks that the same check catches."""

import asyncio
import copy
import random
import sqlite3

import pytest

from firmware.journal.codec import chain
from firmware.sync import wire
from firmware.sync.courier import Courier
from fleet.clerk import Clerk
from fleet.collector import Collector
from sim.clock import run
from tests.sync.stack import Fleet, Stall, arrived, lost


class FlakyClerk(Clerk):
    """fate(answers) says what becomes of the answers to a batch: a list of what is published now."""

    fate = staticmethod(lambda answers: answers)

    def _batch(self, *letter):
        return self.fate(super()._batch(*letter))


class Flaky(Collector):
    mind = FlakyClerk


async def begun(**setup):
    fleet = Fleet(setup.pop("collector", Flaky))
    fleet.up()
    stall = Stall(fleet, **setup)
    await stall.power_on()
    return fleet, stall


def test_lost_acks():
    async def story():
        fleet, stall = await begun()
        dice = random.Random(5)
        fleet.collector.clerk.fate = lambda answers: answers if dice.random() < 0.3 else []
        for _ in range(30):
            await stall.sell(dice.randrange(1, 5))
            await asyncio.sleep(dice.randrange(30))
        await arrived(stall, 20_000)

    run(story())


def test_doubled_and_reordered_acks():
    async def story():
        fleet, stall = await begun()
        dice, kept = random.Random(6), []

        def fate(answers):
            kept.extend(answers)
            return dice.sample(kept, k=min(len(kept), dice.randrange(6))) + (answers if dice.random() < 0.5 else [])

        fleet.collector.clerk.fate = fate
        for _ in range(60):
            await stall.sell()
            await asyncio.sleep(dice.randrange(20))
        await arrived(stall, 20_000)

    run(story())


def test_doubled_and_reordered_batches():
    async def story():
        fleet, stall = await begun()
        batches, dice = [], random.Random(7)
        handle = fleet.collector.clerk.handle

        def shuffled(messages):
            for topic, payload in messages:
                if topic.endswith(wire.UP_BATCH):
                    batches.append((topic, payload))
                    handle(dice.sample(batches, k=min(3, len(batches))))
            return handle(messages)

        fleet.collector.clerk.handle = shuffled
        for _ in range(40):
            await stall.sell(2)
            await asyncio.sleep(1)
        await arrived(stall)

    run(story())


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_collector_killed_around_its_commit(after_commit):
    async def story():
        fleet, stall = await begun()

        class Dying(Collector):
            async def _handled(self, messages):
                batch = any(topic.endswith(wire.UP_BATCH) for topic, _ in messages)
                answers = await super()._handled(messages) if after_commit or not batch else []
                if batch:
                    fleet.kill()
                    await asyncio.sleep(1)  # where it ends
                return answers

        for _ in range(10):
            fleet.kill()
            fleet.kind = Dying
            fleet.up()
            await asyncio.sleep(1)
            await stall.sell(3)
            await asyncio.sleep(5)
            assert stall.queued == 3 and await lost(stall) == []
            fleet.kind = Collector
            fleet.up()
            await asyncio.sleep(1)
            assert stall.queued == 0, "a collector that came back was kept waiting"
        await arrived(stall)

    run(story())


def test_broker_restarts():
    async def story():
        fleet, stall = await begun()
        for i in range(12):
            await stall.sell(2)
            fleet.broker.down()
            await stall.sell(2)
            await asyncio.sleep(7 * i)
            fleet.broker.up()
            await asyncio.sleep(100)
            assert stall.queued == 0, stall.log.lines[-5:]
        await arrived(stall)

    run(story())


def test_a_ledger_whose_disk_fails_for_a_while():
    async def story():
        fleet, stall = await begun()
        fleet.ledger.db.execute("PRAGMA query_only = ON")
        await stall.sell(5)
        await asyncio.sleep(60)
        assert stall.queued == 5
        fleet.ledger.db.execute("PRAGMA query_only = OFF")
        await arrived(stall)

    run(story())


def test_a_card_from_last_week_is_a_fork_and_the_ledger_stays_whole():
    async def story():
        fleet, stall = await begun()
        await stall.sell(5)
        await asyncio.sleep(1)
        card = copy.deepcopy(stall.store.synced)
        await stall.sell(5)
        await asyncio.sleep(1)
        held = fleet.booked()
        await stall.power_cut()
        stall.store.synced = card
        await stall.power_on()
        await stall.sell(9)  # selling goes on, under numbers that the ledger knows otherwise
        await asyncio.sleep(600)
        assert stall.life.courier.fork and stall.life.courier.online and stall.queued == 9
        assert fleet.booked() == held

    run(story())


def test_a_ledger_restored_from_a_backup_gets_back_what_it_lost():
    async def story():
        fleet, stall = await begun()
        await stall.sell(40)
        await asyncio.sleep(1)
        backup = sqlite3.connect(":memory:", isolation_level=None)
        fleet.ledger.db.raw.backup(backup)
        await stall.sell(130)
        await asyncio.sleep(1)
        assert stall.queued == 0
        fleet.kill()
        fleet.ledger.db.raw = backup
        fleet.up()
        await asyncio.sleep(1)
        await arrived(stall, 1)

    run(story())


def test_a_broker_that_takes_little_at_once_gets_more_messages():
    async def story():
        _, stall = await begun()
        stall.life.link.largest = 400
        await stall.sell(130)
        await arrived(stall)
        sizes = [int(line.split()[-2]) for line in stall.log.lines if "sending" in line]
        assert len(sizes) > 6 and 100 < max(sizes) <= 400

    run(story())


async def chaos(seed, **setup):
    """A hard day: each minute or so something dies, and sales go on. Gives what was ever acknowledged and not there."""
    fleet, stall = await begun(seed=seed, **setup)
    dice, missing = random.Random(seed), []
    for _ in range(40):
        await stall.sell(dice.randrange(4))
        what = dice.choice(("line", "broker", "collector", "power", "nothing", "acks"))
        if what == "line":
            stall.net.set("off")
        elif what == "broker":
            fleet.broker.down()
        elif what == "collector":
            fleet.kill()
        elif what == "power":
            await stall.power_cut()
            await stall.power_on()
        elif what == "acks" and isinstance(fleet.collector, Flaky):
            fleet.collector.clerk.fate = lambda answers: []
        await stall.sell(dice.randrange(3))
        await asyncio.sleep(dice.choice((0, 0.2, 3, 40, 400)))
        missing += await lost(stall)
        stall.net.set("wifi")
        fleet.broker.up()
        fleet.collector.clerk.fate = lambda answers: answers
        if not fleet.running:
            fleet.up()
        await asyncio.sleep(dice.choice((0, 0.2, 3, 90)))
        missing += await lost(stall)
    return fleet, stall, missing


@pytest.mark.parametrize("seed", range(25))
def test_a_hard_day(seed):
    async def story():
        _, stall, missing = await chaos(seed)
        assert missing == []
        await arrived(stall)
        assert stall.sold > 50

    run(story())


class EarlyClerk(Clerk):
    """The control: books a batch when the next one comes, and acknowledges it at once, as a write-behind cache would."""

    pending = None

    def _batch(self, booking, terminal, sheet, genuine):
        if self.pending:
            booking.take(self.pending)
        self.pending = sheet
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(sheet.batch.last, sheet.batch.head))]


class AcksTooEarly(Collector):
    mind = EarlyClerk


class TrustsPuback(Courier):
    """The control: what the broker took is taken for booked."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.journal = parts[1]
        self.send, self._outbox.batch = self._outbox.batch, self.send_and_trust

    async def send_and_trust(self):
        first, h = self._standing.to + 1, self._standing.h
        lines = await self.journal.payloads(first, wire.MAX_RECORDS, wire.BATCH_BYTES)
        await self.send()
        for line in lines:
            h = chain(h, line)
        await self._standing.settle(first + len(lines) - 1, h)


def test_the_check_catches_a_collector_that_acknowledges_before_its_commit():
    async def story():
        fleet, stall = await begun(collector=AcksTooEarly)
        await stall.sell(2)
        await asyncio.sleep(1)
        fleet.kill()
        assert stall.queued == 0 and await lost(stall), "the check missed a loss"

    run(story())


def test_the_check_catches_a_courier_that_trusts_the_brokers_puback():
    async def story():
        fleet, stall = await begun(courier=TrustsPuback)
        await stall.sell(2)
        await asyncio.sleep(1)
        assert await lost(stall) == [] and stall.queued == 0
        fleet.kill()
        await stall.sell(2)
        await asyncio.sleep(20)
        assert stall.queued == 0 and await lost(stall), "the check missed a loss"

    run(story())


def test_the_check_catches_both_in_a_hard_day():
    for setup in ({"courier": TrustsPuback}, {"collector": AcksTooEarly}):
        caught = 0
        for seed in range(6):

            async def story(seed=seed, setup=setup):
                _, _, missing = await chaos(seed, **setup)
                return bool(missing)

            caught += run(story())
        assert caught, setup
