"""A till that sells while hands pull its cables and put them back, in virtual time: what the tests of that share."""

import asyncio
import random
from pathlib import Path

from fleet.ledger import Ledger
from hal.events import RETRY_S
from sim.clock import VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden
from sim.setup import Setup
from sim.world import World
from tests.contract.nodes import keypad_chip, scanner_chip

TIMES = 100
PRICE = 850
HEADER = ["Harbour Street Market", "Stall 3"]
BODY = ("Item ", "TOTAL ", "Cash ", "incl. VAT 20% ", "Thank you", "SIM ", "Proof ")


class Stall:
    """A till that sells, and the hands at it."""

    def __init__(self, world, seed=1):
        self.world = world
        self.dice = random.Random(seed)
        self.totals = []  # of what was sold
        self.seen = 0  # slips that slips_are_whole() has looked at

    @property
    def sold(self):
        """How many sales there were."""
        return len(self.totals)

    async def rest(self, ms):
        await asyncio.sleep(ms / 1000)
        await asyncio.get_running_loop().settle()

    async def press(self, *names):
        for name in names:
            self.world.press(name)
            await self.rest(60)
            self.world.release(name)
            await self.rest(60)

    async def sell(self):
        """8.50 in cash; the screen says so, key by key."""
        await self.press("8", "5", "0")
        assert self.world.fields().get("value") == "8.50", (self.world.frame.id, self.world.fields())
        await self.pay(PRICE)

    async def pay(self, total):
        """What is in hand, in cash."""
        await self.press("CASH", "OK")
        self.totals.append(total)
        assert self.world.frame.id == "paid" and int(self.world.fields()["no"]) == self.sold, self.world.fields()
        await self.press("OK")

    def sales(self):
        return [record for record in self.world.books.read().records if record["kind"] == "sale"]

    def printed(self):
        """Numbers of the sales whose slips the till calls done."""
        return [each["no"] for each in self.world.books.read().records if each["kind"] == "print" and each["done"]]

    async def slips(self):
        """All come out, one by one, each within 20 s."""
        for _ in range(20 * (self.sold - len(self.printed())) + 1):
            if len(self.printed()) == self.sold:
                break
            await self.rest(1000)
        assert self.printed() == list(range(1, self.sold + 1))

    async def pull(self, device):
        """At some moment of the next third of a second."""
        await self.rest(self.dice.randrange(300))
        self.world.set_cable(device, False)

    async def put(self, device):
        self.world.set_cable(device, True)
        await self.rest(1000 * RETRY_S + 50)


def slips_are_whole(stall):
    """Every slip that is called done is on the paper, all its lines in order; some twice, where it went on after a pull."""
    lines = [line.strip() for line in stall.world.printer.text()]
    done = stall.printed()
    cut = [no for no in done[stall.seen :] if not whole(lines, no, stall.totals[no - 1])]
    assert not cut, (cut, lines[-30:])
    stall.seen = len(done)


def whole(lines, no, total):
    begins = [at for at, line in enumerate(lines) if line.endswith(f"No {no:04d}") and lines[at - 2 : at] == HEADER]
    ends = [at for at, line in enumerate(lines) if f"/{no}/{total}/" in line]
    if not begins or not ends:
        return False
    rest = iter(lines[begins[0] : ends[-1]])
    return all(any(line.startswith(word) for line in rest) for word in BODY)


async def nothing(stall):
    """Nothing more to see."""


def at_stall(story, times, then=nothing, prepare=lambda world: None, **fitted):
    """Run story(stall) `times` times at one till, in virtual time, and then once; all that it sold is in its journal.

    prepare(world): before it boots. fitted: of sim/setup.py."""

    async def main(nowhere):
        ends = InLoop(Ledger(nowhere), 1)
        await ends.start()
        world = World(Setup(**{"link": "both"} | fitted), ends, Golden(nowhere, False), echo=None)
        try:
            world.rig.keypad = keypad_chip(world.rig.keypad.keymap, world.clock.loop)
            if "scanner" not in fitted:
                world.rig.scanner = scanner_chip(world.clock.loop)
            world.rig.cables.keypad, world.rig.cables.scanner = world.rig.keypad, world.rig.scanner
            prepare(world)
            await world.power_on()
            stall = Stall(world)
            await stall.rest(2000)
            for _ in range(times):
                await story(stall)
                assert world.crashed is None
            await then(stall)
            sales = stall.sales()
            assert [sale["no"] for sale in sales] == list(range(1, stall.sold + 1)) and stall.sold >= times
            assert [sale["total"] for sale in sales] == stall.totals
        finally:
            await world.close()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main(Path(":memory:")))
