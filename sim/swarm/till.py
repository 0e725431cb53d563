"""One light till: what a till is without its panel, its keys and its printer. Everything that makes a sale safe is real."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

from firmware.config import Settings
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sale import legs, record
from firmware.sale.cart import Cart
from firmware.sync.courier import Courier
from hal import keystore
from hal.brokers import Broker
from hal.clock import SystemClock
from hal.ip_line import IpLine
from hal.mqtt import MqttLink
from hal.ports import board as ports
from hal.random import seeded
from hal.store import FileStore, OsDisk
from hal.version import VERSION
from hal.worker import Worker

SEGMENT = 256 * 1024  # bytes: 200 tills of 4 MiB would be a disk full of zeros
GOODS_MAX = 4


class Nobody:
    """An identity that has no certificate: the swarm calls brokers without TLS."""

    def context(self) -> None:
        return None


class Till:
    """name: its terminal. acked(first, last): sales with these numbers were just acknowledged."""

    def __init__(
        self,
        name: str,
        seed: int,
        folder: Path,
        brokers: tuple[Broker, ...],
        settings: Settings,
        worker: Worker,
        log: ports.Log,
        acked: "Callable[[Till, int, int], None]",
    ) -> None:
        loop = asyncio.get_running_loop()
        self.name = name
        self.settings = settings
        self.acked = acked
        self.chance = random.Random(seed)
        self.goods = sorted(settings.catalogue.items.values(), key=lambda item: item.code)
        clock = SystemClock(loop.time, time.time, settings.offset_s)
        clock.heed(clock.read())
        keys = keystore.seeded(seed, name)
        link = MqttLink(IpLine(loopback=True), brokers, Nobody(), clock, log)
        store = FileStore(OsDisk(folder / name), worker, log)
        nothing = (ports.Screen(), ports.Keys(), ports.Scanner(), ports.Printer(), ports.Drawer(), ports.Sound(), ports.Light())
        self.board = ports.Board(
            name, VERSION, clock, ports.Files(), store, *nothing, link, ports.Power(), log, seeded(seed), keys
        )
        self.rollup, self.desk = Rollup(settings.first_no), Desk()
        self.journal = Journal(store, "main", self.rollup, log, SEGMENT, keys)
        self.desk_journal = Journal(store, "desk", self.desk, log, SEGMENT, keys)
        self.courier = Courier(self.board, self.journal, self.rollup, self.desk_journal, self.desk, self._changed)
        self.known = 0  # sales that were acknowledged when we last looked

    async def boot(self) -> None:
        """From here on it calls the fleet."""
        await self.journal.recover()
        await self.desk_journal.recover()
        self.board.link.start(lambda event: self.courier.moved(), self.courier.on_message)
        self.running = asyncio.create_task(self.courier.run(), name=self.name)

    async def sell(self) -> int:
        """One sale of a few things from the catalogue, paid in cash: the receipt's number, once it is on the disk."""
        cart = Cart(self.settings.taxes, self.settings.open_rate)
        for item in self.chance.choices(self.goods, k=self.chance.randint(1, GOODS_MAX)):
            cart.add_item(item)
        cart.legs.append(legs.cash(cart.due(), self.settings.cash_step, legs.cash_due(cart.due(), self.settings.cash_step)))
        no = self.rollup.next_no
        await self.journal.append("sale", no, record.sale(cart, self.settings, no, self.board.clock))
        self.courier.wake()
        return no

    async def payloads(self) -> list[bytes]:
        """All that it ever journaled, in order."""
        return await self.journal.payloads(1, 1 << 30, 1 << 40)

    async def stop(self) -> None:
        """Without a word to the broker, as when the power goes."""
        while not self.running.done():
            self.running.cancel()
            await asyncio.sleep(0)
        assert isinstance(self.board.link, MqttLink)
        self.board.link.drop()

    def _changed(self) -> None:
        before, self.known = self.known, self.rollup.sales - self.courier.queued()
        if self.known > before:
            self.acked(self, before, self.known)
