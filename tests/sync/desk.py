"""A whole till on the bench and its fleet, with real keys, for stories that a script cannot tell."""

import asyncio
import json
from pathlib import Path

from fleet.ledger import Ledger
from sim.clock import VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden
from sim.script.hands import Keys
from sim.script.pace import Virtual
from sim.script.tokens import Words
from sim.setup import Setup
from sim.world import World

PRICES = json.loads((Path(__file__).parents[2] / "config/profiles/market/catalogue.json").read_bytes())
TILL = "BARROW-0001"


def catalogue(coffee, padding=0):
    """The market's, with another price for a coffee. padding: bytes more, so that it takes several pieces."""
    items = [dict(item, price=coffee) if item["code"] == "11" else item for item in PRICES["items"]]
    body = json.dumps({"items": items}, ensure_ascii=False, separators=(",", ":")).encode()
    return body[:-1] + b" " * padding + b"}"


class Desk:
    """between(messages): what becomes of what the fleet sends, as a broker may have it."""

    def __init__(self, between=None):
        self.loop = asyncio.get_running_loop()
        self.ends = InLoop(Ledger(Path(":memory:")))
        self.world = World(Setup(), self.ends, Golden(Path("/nowhere")), None)
        self.pace = Virtual(self.loop)
        self.between = between

    async def up(self):
        await self.ends.start()
        if self.between is not None:
            honest, between = self.ends.collector.clerk.handle, self.between
            self.ends.collector.clerk.handle = lambda messages: [between(told) for told in honest(messages)]
        await self.boot()

    async def boot(self):
        await self.world.power_on()
        assert await self.pace.until(lambda: self.world.frame.id not in ("off", "boot") or self.world.crashed, 60_000)
        assert self.world.crashed is None, repr(self.world.crashed)

    async def keys(self, names):
        await Keys(Words("", 1, names)).run(self.world, self.pace)

    async def pass_s(self, seconds):
        await self.pace.sleep(seconds * 1000)

    async def until(self, condition, seconds=600):
        assert await self.pace.until(condition, seconds * 1000), [str(event) for event in self.world.events.kept][-25:]

    def push(self, kind, body, **when):
        self.world.push(kind, body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode(), **when)

    def records(self, kind):
        return [record for record in self.world.books.read().records if record["kind"] == kind]

    def used(self):
        """(kind, version) of each document record, oldest first."""
        return [(record["doc"], record["version"]) for record in self.records("document")]

    def ledger(self, sql, *row):
        return self.ends.books.db.execute(sql, row).fetchall()

    async def coffee(self):
        """The price of a coffee, as the till rings it up."""
        await self.until(lambda: self.world.frame.id == "idle")
        await self.keys("F1")
        total = self.world.frame.fields["total"]
        await self.keys("BACK")
        return total

    def said(self, text):
        return [event.text for event in self.world.events.kept if text in event.text]


def play(story, **setup):
    """Run a story of a desk in virtual time."""

    async def whole():
        desk = Desk(**setup)
        await desk.up()
        try:
            return await story(desk)
        finally:
            await desk.world.close()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(whole())
