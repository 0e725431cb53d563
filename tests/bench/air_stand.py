"""What the figures of the air share: sales off a real till's journal, TLS before the bench's broker, and a till that stands
behind a virtual modem."""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from hal import keystore, modem_set
from hal.board_file import Modem as Settings
from hal.brokers import Broker
from hal.modem import ModemLine
from hal.store import FileStore
from sim.chips.disk import BenchWorker, Disk
from sim.chips.modem import Modem
from sim.clock import BenchClock
from sim.setup import CONFIG, Setup
from tests.bench.bench_world import Bench, with_till
from tests.core.memory_store import QuietLog
from tests.sync.certificates import Authority
from tests.sync.stack import AT_S, TILL, Stall

BAUD = 115_200
HOST = "127.0.0.1"
TLS_PORT = 8883
GOODS = (("F1",), ("F2",), ("F3",), ("1", "2", "PLU"), ("2", "TIMES", "1", "1", "PLU"), ("3", "TIMES", "1", "4", "PLU"))
PAID = (("CASH", "OK"), ("CASH", "F1"), ("CASH", "2", "0", "0", "0", "OK"))  # exact, with the note that is offered, with 20
BETWEEN_MS = 20_000  # a customer and the next; the slip is out by then


def sold(count: int, seed: int = 1) -> "list[dict]":
    """The journal of a till of the market on which so many sales were made by its keys, one to three lines each."""
    chance = random.Random(seed)

    async def work(bench: Bench) -> "list[dict]":
        for _ in range(count):
            await sale(bench, chance)
            await bench.pace.sleep(chance.randint(BETWEEN_MS // 2, BETWEEN_MS * 2))
        records = bench.world.books.read().records
        assert sum(record["kind"] == "sale" for record in records) == count
        return list(records)

    return with_till(work, Setup(link="off"))


async def sale(bench: Bench, chance: random.Random) -> None:
    """Ring up, take cash, and be ready for the next."""
    for _ in range(chance.randint(1, 3)):
        await bench.keys(*chance.choice(GOODS))
    await bench.keys(*chance.choice(PAID))
    assert bench.world.frame.id == "paid", bench.world.frame
    await bench.keys("OK")


def again(records: "list[dict]", sales: int) -> "list[dict]":
    """So many sales: these, over and over, each time later. The batch of a hundred records that deflate sees has none twice."""
    found: list[dict] = []
    later_s = records[-2]["at"] - records[0]["at"] + BETWEEN_MS // 1000
    for round_ in range(sales):
        for record in records:
            if record["kind"] == "sale":
                if not sales:
                    return found
                sales -= 1
                record = record | {"at": record["at"] + round_ * later_s}
            found.append(record)
    return found


async def filled(folder: Path, records: "list[dict]", seed: int) -> int:
    """A disk on which a till has journaled them; the time of the last sale, s."""
    disk, log, rollup = Disk(folder), QuietLog(), Rollup()
    store, keys = FileStore(disk, BenchWorker(disk, lambda: None), log), keystore.seeded(seed, TILL)
    journal = Journal(store, "main", rollup, log, keystore=keys)
    await journal.recover()
    await fill(journal, rollup, records)
    return rollup.last_sale["at"]


async def fill(journal: Journal, rollup: Rollup, records: "list[dict]") -> None:
    """As the till journaled them, with numbers that go on from here."""
    for record in records:
        rest = {name: value for name, value in record.items() if name not in ("kind", "no", "seq")}
        await journal.append(record["kind"], rollup.next_no - (record["kind"] != "sale"), rest)


class Door:
    """TLS with certificates on both sides before a broker that has none, all in the loop. Takes a modem's calls."""

    def __init__(self, authority: Authority, dial: Callable[[str, int], "asyncio.Future[socket.socket]"]) -> None:
        self.dial = dial
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.server(HOST))
        self.context.load_verify_locations(authority.file)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.tasks: set[asyncio.Task] = set()
        self.resumed = self.calls = 0

    async def __call__(self, host: str, port: int) -> socket.socket:
        plain = await self.dial(host, port)
        till, near = socket.socketpair()
        till.setblocking(False)
        near.setblocking(False)
        self._do(self._serve(near, plain))
        return till

    def _do(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, near: socket.socket, plain: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        inner_reader, inner = await asyncio.open_connection(sock=plain)
        try:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, near, ssl=self.context)
        except OSError:  # the call was cut before its hands were shaken
            inner.transport.abort()
            return
        self.calls += 1
        self.resumed += transport.get_extra_info("ssl_object").session_reused
        outer = asyncio.StreamWriter(transport, protocol, reader, loop)
        for source, sink in ((reader, inner), (inner_reader, outer)):
            self._do(self._carry(source, sink, outer, inner))

    async def _carry(self, source, sink, *both) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        for end in both:
            end.transport.abort()


class Behind(Stall):
    """A till whose only line is a modem. chip: the modem."""

    def __init__(self, fleet, far, identity, maker="quectel", port=TLS_PORT, key=b"") -> None:
        super().__init__(fleet)
        loop = asyncio.get_running_loop()
        self.chip = Modem(loop, far, maker, BAUD)
        settings = Settings("", BAUD, maker, "internet", "", None, True)
        commands = modem_set.load(CONFIG, maker)
        self.net = ModemLine(self.chip.take_host, commands, settings, None, BenchClock(loop, AT_S, 0), self.log)
        self.brokers, self.identity = (Broker(HOST, port, True),), identity
        self.keystore = keystore.seeded(self.seed, TILL, key)

    @property
    def carried(self) -> int:
        """Bytes on the air, both ways, TLS and all above it."""
        return self.chip.air_up + self.chip.air_down

    async def journal(self, *records: dict) -> None:
        """As the till journaled them. What the fleet should know at once is not said here."""
        await fill(self.life.journal, self.life.rollup, records)
        self.sold += sum(record["kind"] == "sale" for record in records)

    async def wake(self) -> None:
        """As it boots, and waits for nobody."""
        await super().power_on()

    async def power_on(self) -> None:
        """Returns when the fleet has welcomed it, and all that this took has been carried."""
        await self.wake()
        heard, self.tails = self.life.link.on_message, []

        def told(topic: str, payload: bytes) -> None:
            self.tails.append(topic.split("/", 3)[3])
            heard(topic, payload)

        self.life.link.on_message = told
        await self.welcomed()

    async def welcomed(self) -> None:
        """The next welcome is here."""
        self.tails.clear()
        await until(lambda: "dn/welcome" in self.tails and self.quiet)

    @property
    def quiet(self) -> bool:
        """Everything in the journal is acknowledged, or nobody rang for it yet, and no PUBACK is due."""
        session = self.life.link.session
        return session is not None and not session.unanswered

    async def cost(self, records: "list[dict]") -> int:
        """Bytes of what these records cause, both ways, from the ring to the last answer."""
        before = self.carried
        await self.journal(*records)
        self.life.courier.wake()
        await until(lambda: self.life.desk.acked["to"] == self.life.journal.seq and self.quiet)
        return self.carried - before

    def close(self) -> None:
        self.net.drop()
        self.chip.close()


async def until(true: Callable[[], bool], limit_s: float = 60) -> None:
    """Look every 5 ms."""
    async with asyncio.timeout(limit_s):
        while not true():  # noqa: ASYNC110 (it is looked at from outside, as a meter is)
            await asyncio.sleep(0.005)
