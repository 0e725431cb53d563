"""The journey over real sockets and real processes: a till, a broker, a collector, each killed with -9 and none missed."""

import asyncio
import json
import random
import socket
import sqlite3
import subprocess
import sys

import pytest

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sync.courier import Courier
from hal import keystore
from hal.brokers import Broker
from hal.clock import SystemClock
from hal.ip_line import IpLine
from hal.mqtt import MqttLink
from hal.random import system
from hal.tls import Nobody
from sim.loopback import free_port
from tests.core.memory_store import MemoryStore, QuietLog
from tests.sync.processes import ROOT, Process, need
from tests.sync.proxy import Proxy
from tests.sync.stack import TILL, sale

DEADLINE_S = 40
RESETS = 2
ENGINES = ("amqtt", "mosquitto")


class Till:
    """A courier on a real link, with journals in memory."""

    terminal, version = TILL, "0.1.0"

    def __init__(self, port):
        loop = asyncio.get_running_loop()
        self.keystore = keystore.seeded(1, TILL)
        self.log, self.random, self.clock = QuietLog(), system(), SystemClock(loop.time, lambda: 1795271526, 0)
        self.link = MqttLink(IpLine(loopback=True), (Broker("127.0.0.1", port),), Nobody(), self.clock, self.log)
        self.rollup, self.desk, store = Rollup(), Desk(), MemoryStore()
        self.journal = Journal(store, "main", self.rollup, self.log, 1 << 16)
        self.desk_journal = Journal(store, "desk", self.desk, self.log, 1 << 16)
        self.news = asyncio.Event()
        self.courier = Courier(self, self.journal, self.rollup, self.desk_journal, self.desk, self.news.set)

    async def on(self):
        await self.journal.recover()
        await self.desk_journal.recover()
        self.link.start(self.moved, self.courier.on_message)
        self.running = asyncio.create_task(self.courier.run())

    def moved(self, event):
        self.courier.moved()
        self.news.set()

    async def sell(self, count=1):
        for _ in range(count):
            await self.journal.append("sale", self.rollup.next_no, sale(self.rollup.next_no, 1795271526))
            self.courier.wake()

    async def until(self, true):
        """Wait for the next news until this holds."""

        async def held():
            while not true():
                self.news.clear()
                await self.news.wait()

        try:
            await asyncio.wait_for(held(), DEADLINE_S)
        except asyncio.TimeoutError:
            raise AssertionError(f"not within {DEADLINE_S} s: {self.log.lines[-8:]}") from None

    async def arrived(self):
        await self.until(lambda: self.courier.queued() == 0)

    async def off(self):
        self.running.cancel()
        await self.link.disconnect()


class Fleet:
    """Broker and collector as processes, and their ledger."""

    def __init__(self, engine, folder):
        if engine == "mosquitto":
            need(engine)
        self.port, self.db = free_port(), folder / "ledger.db"
        self.broker = Process("broker", "--port", self.port, "--engine", engine)
        self.collector = Process("collect", "--broker", f"127.0.0.1:{self.port}", "--db", self.db)

    def booked(self):
        db = sqlite3.connect(self.db)
        try:
            return [payload for (payload,) in db.execute("SELECT payload FROM frames ORDER BY seq")]
        finally:
            db.close()


@pytest.fixture(params=ENGINES)
def fleet(request, tmp_path):
    fleet = Fleet(request.param, tmp_path)
    yield fleet
    fleet.collector.end()
    fleet.broker.end()


def test_everything_once_whoever_is_killed(fleet, tmp_path):
    async def story():
        assert fleet.broker.up() == f"broker on 127.0.0.1:{fleet.port}"
        assert fleet.collector.up() == f"collecting from 127.0.0.1:{fleet.port} into {fleet.db}"
        till = Till(fleet.port)
        await till.on()
        await till.sell()
        await till.arrived()
        fleet.collector.kill()
        await till.sell(150)
        fleet.collector.up()
        await till.arrived()  # a collector that is back is served at once
        fleet.broker.kill()
        await till.until(lambda: not till.courier.online)
        await till.sell(30)
        fleet.broker.up()
        await till.arrived()
        await till.sell(250)
        fleet.collector.kill()  # in the middle of it
        fleet.broker.kill()
        fleet.broker.up()
        fleet.collector.up()
        await till.arrived()
        assert fleet.booked() == await till.journal.payloads(1, 10_000, 1 << 30)
        assert till.rollup.sales == 431 and not till.courier.fork
        await till.off()

    asyncio.run(story())


def test_real_connections_that_are_split_and_reset_lose_nothing(tmp_path):
    """TCP through the kernel, with RST in the middle of batches and acks; the broker's and the till's own sockets."""
    fleet = Fleet("mosquitto", tmp_path)

    async def story():
        fleet.broker.up()
        fleet.collector.up()

        async def far():
            sock = socket.socket()
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", fleet.port))
            return sock

        proxy = Proxy(far, random.Random(7), ("reset",))
        till = Till(await proxy.serve())
        await till.on()
        while proxy.struck["reset"] < RESETS:
            await till.sell(20)
            await till.arrived()
        proxy.calm = True
        await till.arrived()
        assert fleet.booked() == await till.journal.payloads(1, 10_000, 1 << 30)
        assert not till.courier.trouble
        await till.off()
        proxy.close()

    try:
        asyncio.run(story())
    finally:
        fleet.collector.end()
        fleet.broker.end()


def test_the_till_starts_first_and_the_rest_follows(fleet, tmp_path):
    async def story():
        till = Till(fleet.port)
        await till.on()
        await till.sell(3)
        fleet.broker.up()
        await till.until(lambda: till.courier.online)
        assert till.courier.queued() == 3
        fleet.collector.up()
        await till.arrived()
        assert len(fleet.booked()) == 3
        await till.off()

    asyncio.run(story())


def test_the_sales_command_reads_while_the_collector_writes(tmp_path):
    fleet = Fleet("amqtt", tmp_path)

    async def story():
        fleet.broker.up()
        fleet.collector.up()
        till = Till(fleet.port)
        await till.on()
        await till.sell(2)
        await till.arrived()
        command = [sys.executable, "-m", "fleet", "sales", "--json", "--db", str(fleet.db)]
        done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=30)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(row["terminal"], row["no"], row["total"], row["currency"]) for row in rows] == [
            (TILL, 1, "7.00", "GBP"), (TILL, 2, "10.50", "GBP")
        ]  # fmt: skip
        await till.off()

    try:
        asyncio.run(story())
    finally:
        fleet.collector.end()
        fleet.broker.end()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_taken_port_is_said_in_words_and_is_exit_5(engine):
    if engine == "mosquitto":
        need(engine)
    first = Process("broker", "--port", free_port(), "--engine", engine)
    first.up()
    try:
        done = subprocess.run(first.args, cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert done.returncode == 5 and "Address already in use" in done.stderr.replace("address", "Address")
        assert "Traceback" not in done.stderr
    finally:
        first.end()


def test_both_end_in_order_when_they_are_told_to(tmp_path):
    fleet = Fleet("amqtt", tmp_path)
    fleet.broker.up()
    fleet.collector.up()
    assert fleet.collector.end() == 0
    assert fleet.broker.end() == 0
