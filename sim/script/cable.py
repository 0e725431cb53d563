"""What a script does to the till's cables, and to what hangs on them."""

from sim.cables import DEVICES
from sim.fittings import PARTS
from sim.script.knobs import up
from sim.script.pace import Pace
from sim.script.tokens import Words
from sim.world import World


class Cable:
    """cable keypad · scanner · panel · printer · modem · stick out · in"""

    def __init__(self, words: Words) -> None:
        self.device = words.one_of(DEVICES, "a device")
        self.plugged = words.one_of(("out", "in"), "`out` or `in`") == "in"

    async def run(self, world: World, pace: Pace) -> None:
        world.set_cable(self.device, self.plugged)


class Bounce:
    """bounce TIME : from now on the keypad's contacts chatter for so long after each edge; 0ms is a new keypad"""

    def __init__(self, words: Words) -> None:
        self.ms = words.time_ms()

    async def run(self, world: World, pace: Pace) -> None:
        world.set_bounce(self.ms)


class Fit:
    """fit panel · keypad · scanner · printer KIND : off, another one in its place, and on again as after `power on`"""

    def __init__(self, words: Words) -> None:
        self.part = words.one_of(tuple(PARTS), "a part")
        self.kind = words.one_of(PARTS[self.part], f"the {self.part}")

    async def run(self, world: World, pace: Pace) -> None:
        world.fit(self.part, self.kind)
        if world.powered:
            await up(world, pace)
