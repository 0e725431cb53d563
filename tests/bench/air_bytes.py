"""What a sale weighs on the air: every byte that the modem carries for it, both ways, TLS and MQTT included.

A till's real records, by its courier, hal/mqtt.py, hal/tls.py and hal/modem.py, through the virtual modem to a real mosquitto
with certificates on both sides, and a real collector that commits to a file. The peer sends each sale as a message of JSON,
as most people write it: paho in its thread, QoS 1, through the same modem to the same broker; no ledger answers it, and its
slips' records stay at home. Counted is the payload of TCP; what TCP and IP add is the network's own."""

import asyncio
import json
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from fleet import sign
from tests.bench.air_stand import HOST, Behind, until
from tests.bench.figure import Figure
from tests.sync.air import ACL, ENGINE, TILL, Certified, Mosquitto
from tests.sync.certificates import Authority
from tests.sync.processes import Process

LONE, BATCHES, BATCH = 20, 5, 20
SALES = LONE + BATCHES * BATCH
BATCH_LIMIT, LONE_LIMIT = 80, 450
BOOT_S = 0.05  # how long the modem takes for anything is of no interest here
COLLECTOR = "collector-bench"
MORE_ACL = f"user {COLLECTOR}\ntopic readwrite barrow/#\npattern write shops/%u/sales\n"


class Fleet:
    """mosquitto and collector, as processes, with certificates for all."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        self.files = (authority.file, *authority.till(TILL))
        self.broker = Mosquitto(folder, authority)
        (folder / "acl").write_text(MORE_ACL + ACL)
        cert, key = authority.till(COLLECTOR)
        tls = ("--ca", authority.file, "--cert", cert, "--key", key)
        self.collector = Process("collect", "--broker", f"{HOST}:{self.broker.port}", *tls, "--db", folder / "ledger.db")
        self.key = sign.kept(sign.beside(folder / "ledger.db"))

    def __enter__(self) -> "Fleet":
        self.broker.__enter__()
        self.collector.up()
        return self

    def __exit__(self, *told: object) -> None:
        self.collector.end()
        self.broker.__exit__(*told)

    async def dial(self, host: str, port: int) -> socket.socket:
        """The modem's air ends on this machine."""
        far = socket.create_connection((host, port))
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return far

    def till(self, maker: str) -> Behind:
        stall = Behind(self, self.dial, Certified(*self.files), maker, self.broker.port, self.key.public)
        chip = stall.chip
        chip.boot_s = chip.register_s = BOOT_S
        chip.answer_s = (0, 0)
        chip.wire.baud = 0
        return stall


async def ours(fleet: Fleet, maker: str, records: "list[dict]") -> "dict[str, float]":
    stall = fleet.till(maker)
    try:
        await stall.power_on()
        found = {"full": stall.carried}
        sales, lone = iter(split(records)), []
        for _ in range(LONE):
            first, *rest = next(sales)
            lone.append(await stall.cost([first]))
            await stall.journal(*rest)  # the slip's: it goes up with the next sale
        twenties = [await stall.cost([record for _ in range(BATCH) for record in next(sales)]) for _ in range(BATCHES)]
        before = stall.carried
        stall.life.link._hang_up("the bench hangs up")
        stall.life.courier.retry()
        await stall.welcomed()
        return found | {
            "lone": sum(lone) / LONE,
            "lone_most": max(lone),
            "twenty": sum(twenties) / BATCHES / BATCH,
            "twenty_most": max(twenties) / BATCH,
            "resumed": stall.carried - before,
        }
    finally:
        stall.close()


def split(records: "list[dict]") -> "list[list[dict]]":
    """Sale by sale, each with what follows it."""
    found: list[list[dict]] = []
    for record in records:
        if record["kind"] == "sale":
            found.append([])
        found[-1].append(record)
    return found


async def naive(fleet: Fleet, maker: str, records: "list[dict]") -> float:
    """Bytes a sale of the peer, after its connect."""
    stall = fleet.till(maker)
    stall.net.start(lambda: None)
    await until(lambda: stall.net.state == "line")
    lane = Lane(stall, fleet.broker.port)
    server = await asyncio.start_server(lane.carry, HOST, 0)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, TILL)
    try:
        client.tls_set(*map(str, fleet.files))
        client.connect_async(HOST, server.sockets[0].getsockname()[1])
        client.loop_start()
        await until(client.is_connected)
        sales = [record for record in records if record["kind"] == "sale"]
        before = stall.carried
        for record in sales:
            told = client.publish(f"shops/{TILL}/sales", json.dumps(record), 1)
            await until(told.is_published)
        return (stall.carried - before) / len(sales)
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
        server.close()
        await asyncio.wait(lane.tasks)
        stall.close()


class Lane:
    """The peer's way through the modem: it knows of TCP only."""

    def __init__(self, stall: Behind, port: int) -> None:
        self.stall = stall
        self.port = port
        self.tasks: set[asyncio.Task] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either end closes it."""
        far_reader, far_writer = await asyncio.open_connection(sock=await self.stall.net.dial(HOST, self.port))
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            self.tasks.add(asyncio.create_task(self.one(source, sink)))

    async def one(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()


def figures(maker: str, seen: "dict[str, float]", peer: float) -> "list[Figure]":
    said = "" if maker == "quectel" else f"_{maker}"
    json_said = "naive JSON, paho, QoS 1"
    return [
        Figure(f"air.bytes_per_sale{said}", seen["twenty"], "B", BATCH_LIMIT, json_said, round(peer)),
        Figure(f"air.bytes_per_sale_most{said}", seen["twenty_most"], "B", BATCH_LIMIT),
        Figure(f"air.bytes_lone_sale{said}", seen["lone"], "B", LONE_LIMIT, json_said, round(peer)),
        Figure(f"air.bytes_lone_sale_most{said}", seen["lone_most"], "B", LONE_LIMIT),
        Figure(f"air.bytes_connect_resumed{said}", seen["resumed"], "B", None, "a full handshake", seen["full"]),
    ]


def measure(records: "list[dict]") -> "list[Figure]":
    """records: of SALES sales."""
    if not ENGINE:
        print("mosquitto is not here: no byte of the air is counted", file=sys.stderr)
        return []
    found = []
    for maker in ("quectel", "simcom"):
        with tempfile.TemporaryDirectory() as folder, Fleet(Path(folder)) as fleet:
            seen = asyncio.run(ours(fleet, maker, records))
            peer = asyncio.run(naive(fleet, maker, records))
            found += figures(maker, seen, peer)
    return found
