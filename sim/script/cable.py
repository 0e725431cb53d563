"""What a script does to the till's cables."""

from sim.cables import DEVICES
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
