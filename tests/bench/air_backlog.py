"""A thousand sales that waited, over 1 Mbit/s and 80 ms there and back, at 115,200 baud on the modem's port, while the stall
sells on: how long until the ledger has them, and whether a sale takes longer meanwhile.

In virtual time, with TLS and certificates on both sides before the bench's own broker (MQTT 3.1.1), on a whole till with
disks that take 2 ms a write and 10 ms a sync. The clock starts when the cell is there: the modem has to register (1 s), open
its data connection and call. Of a sale it is the time from the last key to the screen that says so; what the processor of a
Pi needs beside it is not in here."""

import asyncio
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import NamedTuple

from firmware.journal.codec import GENESIS, canonical
from firmware.sync import wire
from fleet.ledger import Ledger
from hal import keystore
from hal.brokers import Broker
from hal.mqtt import MqttLink
from sim.clock import VirtualLoop
from sim.ends import InLoop
from sim.golden import Golden
from sim.script.knobs import PowerOn
from sim.script.pace import Virtual
from sim.setup import Setup
from sim.world import World
from tests.bench.air_stand import BAUD, HOST, TLS_PORT, Door, again, filled
from tests.bench.bench_world import Bench
from tests.bench.figure import Figure
from tests.sync.air import TILL, Certified
from tests.sync.certificates import Authority

SALES, LIMIT_S = 1000, 30
SEEDS = (1, 2, 3)  # of what is sold meanwhile
RATE, LATENCY_MS = 1_000_000, 80
WRITE_MS, SYNC_MS = 2, 10
FIRST_MS = 2 * 2 * (WRITE_MS + SYNC_MS)  # of the courier's own, to two disks: what is acknowledged, and the fleet's word for it
WARM, CALM = 10, 40  # sales without a backlog, before and after


class Seen(NamedTuple):
    """took_s: until the ledger had what waited. busy, calm: ms of each sale meanwhile, and after. carried: bytes on the air."""

    took_s: float
    busy: "list[float]"
    calm: "list[float]"
    carried: int


class Secure(InLoop):
    """Broker and fleet in the loop, behind TLS."""

    def __init__(self, ledger: Ledger, authority: Authority) -> None:
        super().__init__(ledger)
        self.door = Door(authority, super().dial)

    async def dial(self, host: str, port: int) -> socket:
        return await self.door(host, port)


class Stall:
    """A stall that sells, and how long each sale took: the last key, and "paid" on the screen (ms)."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.world = bench.world
        self.chance = random.Random(seed)

    async def sell(self) -> float:
        """Items, cash, and the next customer."""
        for _ in range(self.chance.randint(1, 3)):
            await self.key(self.chance.choice(("F1", "F2", "F3")))
        await self.key("CASH")
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.world.press("OK")
        await self.bench.until(lambda: self.world.frame.id == "paid")
        took = (loop.time() - began) * 1000
        await self.bench.pace.sleep(30)
        self.world.release("OK")
        await self.bench.pace.sleep(70)
        await self.key("OK")
        return took

    async def key(self, name: str) -> None:
        self.world.press(name)
        await self.bench.pace.sleep(30)
        self.world.release(name)
        await self.bench.pace.sleep(70)


async def story(bench: Bench, sales: int, seed: int) -> Seen:
    world, stall, loop = bench.world, Stall(bench, seed), asyncio.get_running_loop()
    assert world.queued() == sales
    world.set_disk("slow", WRITE_MS, SYNC_MS)
    for _ in range(WARM):  # the modem is up, and looks for a cell
        await stall.sell()
    assert world.rig.links.modem.powered and world.rig.modem.where.startswith("searching")
    world.set_link("4g", LATENCY_MS, 0, RATE)
    began, busy = loop.time(), []
    while world.books.read().desk.acked["sales"] < sales:
        busy.append(await stall.sell())
    took = loop.time() - began
    modem = world.rig.links.modem
    carried = modem.air_up + modem.air_down
    await bench.until(lambda: not world.queued())
    warm = WARM + len(busy)
    calm = [await stall.sell() for _ in range(CALM)]
    await bench.until(lambda: not world.queued())
    numbers = [row["no"] for _, row in world.ends.ledger().records("sale")]
    assert sorted(numbers) == list(range(1, sales + warm + CALM + 1)), "each once"
    assert world.ends.ledger().quarantined() == []
    return Seen(took, busy, calm, carried)


def p99(values: "list[float]") -> float:
    """Of less than a hundred, the longest."""
    return sorted(values)[-(-len(values) * 99 // 100) - 1]


def backlog(records: "list[dict]", maker: str = "quectel", seed: int = 1) -> Seen:
    """Of a till that boots with these records in its journal, none of them sent."""
    sales = sum(record["kind"] == "sale" for record in records)

    async def main() -> Seen:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        with tempfile.TemporaryDirectory() as folder:
            last_s = await filled(Path(folder), records, seed)
            authority = Authority(Path(folder))
            ends = Secure(Ledger(Path(":memory:")), authority)
            at = datetime.fromtimestamp(last_s + 3600, UTC).replace(tzinfo=None)
            world = World(Setup(link="off", disk=Path(folder), at=at, seed=seed), ends, Golden(Path("/nonexistent")), echo=None)
            solder(world, maker, authority)
            await ends.start()
            bench = Bench(world, Virtual(loop))
            try:
                await PowerOn().run(world, bench.pace)
                return await story(bench, sales, seed)
            finally:
                await world.close()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


def solder(world: World, maker: str, authority: Authority) -> None:
    """A modem of this maker, and a certificate."""
    rig = world.rig
    rig.far, rig.identity = (Broker(HOST, TLS_PORT, True),), Certified(authority.file, *authority.till(TILL))
    rig.solder = rig.solder._replace(modem=rig.solder.modem._replace(set=maker))
    rig.links.modem.maker = maker  # nobody feeds it yet


def pack_ms(records: "list[dict]") -> float:
    """What one batch of a hundred records asks of the processor: deflate and a signature. The median of ten."""
    keys, took = keystore.seeded(1, TILL), []
    lines = [canonical(record) for record in records[: wire.MAX_RECORDS]]
    for _ in range(10):
        began = time.perf_counter()
        wire.packed(TILL, 1, GENESIS, lines, keys.sign, partial(MqttLink.deflate, None))
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def figures(maker: str, seen: "list[Seen]") -> "list[Figure]":
    said = "" if maker == "quectel" else f"_{maker}"
    busy, calm = (p99([ms for each in seen for ms in getattr(each, name)]) for name in ("busy", "calm"))
    bare = round(seen[0].carried * 10 / BAUD, 1)
    return [
        Figure(f"air.backlog_1000{said}_s", max(each.took_s for each in seen), "s", LIMIT_S, "its bytes on the bare port", bare),
        Figure(f"air.sale_during_backlog{said}_p99_ms", busy, "ms", round(calm + FIRST_MS), "without a backlog", round(calm, 1)),
    ]


def measure(records: "list[dict]") -> "list[Figure]":
    thousand = again(records, SALES)
    found = figures("quectel", [backlog(thousand, "quectel", seed) for seed in SEEDS])
    found += figures("simcom", [backlog(thousand, "simcom")])
    return [*found, Figure("air.batch_of_100_pack_ms", pack_ms(thousand), "ms")]
