"""A till behind its modem, with TLS all the way, in virtual time: what a sale weighs on the air, a backlog under which the stall
sells on, and a carrier that is lost every two seconds. `make bench` has the same at full length, and a real mosquitto."""

import asyncio
from functools import partial

import pytest

from fleet import sign
from fleet.collector import Collector
from sim.clock import run
from tests.bench.air_backlog import FIRST_MS, backlog
from tests.bench.air_stand import Behind, Door, until
from tests.bench.air_weeks import weeks
from tests.sync.air import TILL, Certified
from tests.sync.certificates import Authority
from tests.sync.stack import Fleet
from tests.sync.test_weight import DAIRY, MARKET, records

MAKERS = ("quectel", "simcom")


def journal(goods, sales):
    """Each sale, and its slip's record."""
    return [*records(goods, sales + 1)][1:-1]


def behind(folder, story, maker="quectel"):
    """story(stall, door) of a till whose modem has a cell."""

    async def main():
        key = sign.seeded(1)
        fleet, authority = Fleet(partial(Collector, sign=key.sign)), Authority(folder)
        door = Door(authority, fleet.dial)
        stall = Behind(fleet, door, Certified(authority.file, *authority.till(TILL)), maker, key=key.public)
        stall.chip.latency = 0.04
        fleet.up()
        try:
            await story(stall, door)
            assert not fleet.broker.violations and not fleet.ledger.quarantined() and not stall.chip.errors
        finally:
            stall.close()

    run(main())


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("goods", [MARKET, DAIRY], ids=["a stall of the dictionary", "a stall that it does not know"])
def test_what_a_sale_weighs_at_the_modem(tmp_path, maker, goods):
    async def story(stall, door):
        await stall.power_on()
        sold = journal(goods, 44)
        for at in range(0, 8, 2):
            assert await stall.cost(sold[at : at + 1]) <= 450
            await stall.journal(sold[at + 1])  # its slip's record travels with the next sale
        for at in range(8, 88, 40):
            assert await stall.cost(sold[at : at + 40]) <= 80 * 20
        assert len(list(stall.fleet.ledger.records("sale"))) == 44

    behind(tmp_path, story, maker)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_stall_sells_on_over_a_backlog(maker):
    seen = backlog(journal(MARKET, 200), maker)
    assert seen.took_s <= 7, "200 sales, of which a cell that has to be found and two calls take 3 s"
    assert max(seen.busy) <= max(seen.calm) + FIRST_MS


@pytest.mark.parametrize("maker", MAKERS)
def test_a_carrier_that_is_lost_every_two_seconds(maker):
    seen = weeks(journal(MARKET, 1000), maker)
    assert seen.wrong == 0
    assert seen.drops >= 3 and seen.resumed >= seen.drops


def test_a_carrier_that_stays_too_short_for_a_whole_batch():
    seen = weeks(journal(MARKET, 400), stays_s=0.86)
    assert seen.wrong == 0 and seen.drops >= 3, "halves of halves got through"


def test_a_call_that_its_line_cut_short_forgets_nothing_of_the_broker(tmp_path):
    async def story(stall, door):
        async def cell():
            """Gone, and here again."""
            stall.chip.drop()
            await until(lambda: stall.net.state == "off")
            stall.chip.restore()
            await until(lambda: stall.net.state == "line")

        await stall.wake()
        await until(lambda: asked_again(stall))
        await cell()  # in the middle of the second call
        await until(lambda: stall.life.courier.online)
        assert len(asked_again(stall)) == 1, "that this broker lacks MQTT 5 was known"
        calls, resumed = door.calls, door.resumed
        for _ in range(5):
            await cell()
            await asyncio.sleep(0.3)
            assert not stall.life.courier.online, "the call is under way"
        await until(lambda: stall.life.courier.online)
        assert door.calls > calls and door.calls - calls == door.resumed - resumed

    behind(tmp_path, story)


def asked_again(stall):
    return [line for line in stall.log.lines if "once more with MQTT 3.1.1" in line]
