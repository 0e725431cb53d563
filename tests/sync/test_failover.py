"""Two ways out that come and go at random under a till that sells: each sale is booked once, whatever carried it.

The whole stack of tests/sync/stack.py, with the line manager between. And two bad couriers that the same check catches."""

import asyncio
import random

import pytest

from firmware.journal.codec import chain
from firmware.sync import wire
from firmware.sync.courier import Courier
from hal import modem_set
from hal.board_file import load
from hal.brokers import Broker as Address
from hal.knock import knocker
from hal.lines import Lines
from hal.modem import ModemLine
from hal.tls import Nobody
from sim.chips.modem import Modem
from sim.clock import BenchClock, run
from sim.net import CAPTIVE, HOLE, OPEN, Net
from sim.net_wire import Quality
from sim.setup import CONFIG
from tests.sync.stack import AT_S, Fleet, Stall, arrived, lost
from tests.sync.test_exactly_once import TrustsPuback

BROKERS = (Address("broker", 1883),)
FAR, NEAR = Quality(latency_s=0.3, loss=4, rate=100_000), Quality()


class Two(Stall):
    """A stall with Wi-Fi and a cell. cell(clock, log): the line over it."""

    def __init__(self, fleet, cell, **how):
        super().__init__(fleet, **how)
        clock = BenchClock(asyncio.get_running_loop(), AT_S, 0)
        self.wifi, self.cell = self.net, cell(clock, self.log)
        self.net = Lines([self.wifi, self.cell], clock, self.log, knocker(BROKERS, Nobody()))

    async def close(self):
        await self.power_cut()
        self.net.close()
        self.wifi.close()


def set_cell(net, up):
    net.set("4g" if up else "off")


def strike(dice, stall, set_cell):
    """Something happens to the ways out."""
    wifi = stall.wifi
    fate = dice.randrange(9)
    if fate < 2:
        wifi.set("off" if fate else "wifi")
    elif fate < 5:
        wifi.behave((OPEN, CAPTIVE, HOLE)[fate - 2])
    elif fate < 7:
        set_cell(fate == 5)
    else:
        wifi.quality = FAR if fate == 7 else NEAR


async def campaign(stall, set_cell, sales, seed, look_every=20):
    """So many sales, through whatever comes; in the end all is well again."""
    dice, looks = random.Random(seed), 0
    await stall.power_on()
    while stall.sold < sales:
        await stall.sell(dice.randrange(1, 5))
        strike(dice, stall, set_cell)
        await asyncio.sleep(dice.choice((0, 0.01, 0.3, 2, 9, 40)))
        looks += 1
        if looks % look_every == 0:
            assert await lost(stall) == []
    stall.wifi.behave(OPEN)
    stall.wifi.set("wifi")
    set_cell(True)
    await arrived(stall, 3600)


def over_two_nets(seed, sales, courier=Courier, look_every=20):
    async def story():
        fleet = Fleet()
        fleet.up()
        cell = Net("4g", fleet.dial, cost=1)
        stall = Two(fleet, lambda clock, log: cell, seed=seed, courier=courier)
        try:
            await campaign(stall, lambda up: set_cell(cell, up), sales, seed, look_every)
            said = [f"{line}" for line in stall.log.lines if "carries from here on" in f"{line}"]
            return {name for name in ("wifi", "4g") if any(name in line for line in said)}, len(said)
        finally:
            await stall.close()
            cell.close()

    return run(story())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_500_sales_over_two_lines_that_come_and_go(seed):
    carried, switches = over_two_nets(seed, 500)
    assert carried == {"wifi", "4g"} and switches >= 20, (carried, switches)


def test_300_sales_with_the_modem_and_its_driver_as_the_second_line():
    async def story():
        fleet = Fleet()
        fleet.up()
        soldered = load(CONFIG).modem
        chip = Modem(asyncio.get_running_loop(), fleet.dial, soldered.set, seed=5)
        commands = modem_set.load(CONFIG, soldered.set)
        stall = Two(fleet, lambda clock, log: ModemLine(chip.take_host, commands, soldered, None, clock, log), seed=5)
        try:
            await campaign(stall, lambda up: chip.restore() if up else chip.drop(loud=stall.sold % 2 == 0), 300, 5)
            assert stall.cell.spent() > 10_000 and chip.errors == []
        finally:
            await stall.close()
            stall.cell.drop()
            chip.close()

    run(story())


class TrustsTheSwitch(Courier):
    """The control: what was sent over the line that has just gone is taken for booked on the new one."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.link, self.journal, self.line = parts[0].link, parts[1], "off"
        self.send, self._outbox.batch = self._outbox.batch, self.send_and_note
        self.sent = []

    async def send_and_note(self):
        first = self._standing.to + 1
        self.sent = await self.journal.payloads(first, wire.MAX_RECORDS, wire.BATCH_BYTES)
        self.h, self.last = self._standing.h, first + len(self.sent) - 1
        await self.send()

    def moved(self):
        before, self.line = self.line, self.link.name
        if self.line not in (before, "off") and self.sent and self.last > self._standing.to:
            for line in self.sent:
                self.h = chain(self.h, line)
            self.task = asyncio.create_task(self._standing.settle(self.last, self.h))
            self.sent = []
        super().moved()


@pytest.mark.parametrize("courier", [TrustsPuback, TrustsTheSwitch])
def test_the_check_catches_a_courier_that_trusts_less_than_the_ledgers_word(courier):
    with pytest.raises(AssertionError):
        for seed in range(1, 6):
            over_two_nets(seed, 200, courier, look_every=1)
