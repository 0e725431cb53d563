"""Two tills of one identity, and tills with an old disk: one past is booked, somebody is alarmed, and both stalls sell on.

The whole stack in virtual time. A till that is told holds back what it has; it loses none of it."""

import asyncio
import copy

import pytest

from firmware.sync import wire
from fleet.clerk import Clerk
from fleet.collector import Collector
from hal import keystore
from sim.clock import run
from tests.sync.stack import TILL, Fleet, Stall, arrived


async def begun(collector=Collector, line="wifi"):
    fleet = Fleet(collector)
    fleet.up()
    stall = Stall(fleet, line)
    await stall.power_on()
    return fleet, stall


def card_of(stall):
    """What a copy of its disk would hold."""
    return copy.deepcopy(stall.store.synced)


async def twin(stall, card, line="wifi", keys=None):
    """A second till, from a copied card: the same name and, unless told otherwise, the same key."""
    other = Stall(stall.fleet, line, stall.seed)
    other.store.synced = copy.deepcopy(card)
    other.keystore = keys or stall.keystore
    await other.power_on()
    return other


def alarms(fleet):
    return [(kind, seq) for _, kind, seq, *_ in fleet.ledger.alarms()]


async def quiet(stall):
    """Its line is gone: the broker gives a name to one session at a time."""
    stall.net.set("off")
    await asyncio.sleep(1)


async def settled(s=600):
    await asyncio.sleep(s)


def test_two_tills_of_one_identity():
    async def story():
        fleet, stall = await begun()
        await stall.sell(3)
        await settled(5)
        card = card_of(stall)
        await stall.sell(2)
        await settled(5)
        held = fleet.booked()
        await quiet(stall)
        other = await twin(stall, card, "off")
        await other.sell(4)  # numbers that the first has sold already, and more of them
        other.net.set("wifi")
        await settled()
        assert other.life.courier.fork and other.queued == 4 and other.life.journal.seq == 14
        assert fleet.booked() == held and alarms(fleet) == [("fork", 10)]
        await other.sell(2)
        assert other.life.courier.fork and other.queued == 6, "it sells on"
        await quiet(other)
        await stall.sell(2)
        stall.net.set("wifi")
        await settled()
        assert not stall.life.courier.fork
        await arrived(stall)
        assert alarms(fleet) == [("fork", 10)]

    run(story())


def test_a_twin_that_never_listens_is_found_by_its_batch():
    """One that was made to send all the same: its record is kept apart, and nothing of it is booked."""

    async def story():
        fleet, stall = await begun()
        await stall.sell(3)
        await settled(5)
        held = fleet.booked()
        other = Stall(fleet, "off")
        await other.power_on()
        await other.sell(1)
        await other.life.journal.append("no_sale", 0, {"reason": ""})
        lines = await other.life.journal.payloads(1, 100, 1 << 20)
        text = wire.pack_batch(TILL, 1, bytes(32), lines, stall.keystore.sign)
        payload = bytes([1]) + other.life.link.deflate(text, wire.DICTIONARY)
        [(_, answer)] = fleet.collector.handle(wire.topic(TILL, wire.UP_BATCH), payload)
        assert wire.read_ack(answer)["err"] == "fork"
        assert fleet.booked() == held and alarms(fleet)[0][0] == "fork"
        assert [reason for _, _, reason in fleet.ledger.quarantined()] == ["fork"]

    run(story())


@pytest.mark.parametrize("sold_meanwhile", [0, 2, 9])
def test_a_restored_old_disk_is_told_and_sells_on(sold_meanwhile):
    async def story():
        fleet, stall = await begun()
        await stall.sell(5)
        await settled(5)
        card = card_of(stall)
        await stall.sell(4)
        await settled(5)
        held = fleet.booked()
        await stall.power_cut()
        stall.store.synced = card
        stall.net.set("off")
        await stall.power_on()
        await stall.sell(sold_meanwhile)
        stall.net.set("wifi")
        await settled()
        assert stall.life.courier.fork and stall.life.courier.online and stall.queued == sold_meanwhile
        assert fleet.booked() == held, "a past that was rolled back was booked"
        assert alarms(fleet) == [{0: ("rollback", 10), 2: ("fork", 14), 9: ("fork", 18)}[sold_meanwhile]]
        assert [line for line in stall.log.lines if "ALARM" in line] and [line for line in fleet.log if "ALARM fork" in line]
        await stall.sell(3)
        assert stall.queued == sold_meanwhile + 3

    run(story())


def test_the_right_disk_put_back_ends_it():
    async def story():
        stall = (await begun())[1]
        await stall.sell(5)
        await settled(5)
        old = card_of(stall)
        await stall.sell(4)
        await settled(5)
        await stall.power_cut()
        new, stall.store.synced = stall.store.synced, old
        await stall.power_on()
        await settled(60)
        assert stall.life.courier.fork
        await stall.power_cut()
        stall.store.synced = new
        await stall.power_on()
        await stall.sell(2)
        await settled(60)
        await arrived(stall)

    run(story())


def test_another_till_under_this_name_books_nothing():
    """It has the name and even the disk, and not the key."""

    async def story():
        fleet, stall = await begun()
        await stall.sell(3)
        await settled(5)
        card, held = card_of(stall), fleet.booked()
        await quiet(stall)
        thief = await twin(stall, card, keys=keystore.seeded(99, TILL))
        await thief.sell(3)
        await settled()
        assert thief.life.courier.trouble == "key" and thief.queued == 3
        assert fleet.booked() == held and alarms(fleet) == [("key", 0)]
        await quiet(thief)
        await stall.sell(1)
        stall.net.set("wifi")
        await arrived(stall)

    run(story())


def test_the_check_bites():
    """The control: a fleet that takes every past for the right one is caught by the same story."""

    class Credulous(Clerk):
        def _hello(self, booking, terminal, hello, sealed):
            return self._welcome(terminal, booking.heads[terminal])

    class Trusting(Collector):
        mind = Credulous

    async def story():
        fleet, stall = await begun(Trusting)
        await stall.sell(5)
        await settled(5)
        card = card_of(stall)
        await stall.sell(4)
        await settled(5)
        await stall.power_cut()
        stall.store.synced = card
        await stall.power_on()
        await settled()
        assert alarms(fleet) == []

    run(story())
