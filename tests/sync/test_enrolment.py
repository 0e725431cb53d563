"""The whole way with real processes: an authority, mosquitto with TLS and its door, a collector; a till asks, is enrolled
by its code, sells, is revoked and replaced by a spare, and what it had not sent comes in from its card."""

import asyncio
import json
import subprocess
import sys
import time
from functools import partial

import pytest

from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sync import claim, patience, redial
from firmware.sync.claim import Claim
from firmware.sync.courier import Courier
from hal import keystore
from hal.brokers import Broker
from hal.claim_line import door
from hal.clock import SystemClock
from hal.identity import Identity
from hal.ip_line import IpLine
from hal.mqtt import MqttLink
from hal.random import seeded
from hal.store import FileStore, OsDisk
from hal.worker import Inline
from sim.loopback import free_port
from tests.core.memory_store import QuietLog
from tests.sync.processes import ROOT, Process, need
from tests.sync.stack import sale

TILL = "BARROW-0001"
WITHIN_S = 20


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Real time, so that what a till waits for patiently comes soon."""
    monkeypatch.setattr(claim, "WATCHED_MS", 100)
    monkeypatch.setattr(claim, "SHUT_OUT_MS", 300)
    monkeypatch.setattr(claim, "LONGEST_PAUSE_MS", 300)
    monkeypatch.setattr(redial, "LONGEST_PAUSE_MS", 300)
    monkeypatch.setattr(patience, "JITTER_PERCENT", 0)


class Machine:
    """The fleet's, with all its commands."""

    def __init__(self, folder):
        self.ca, self.db = folder / "ca", folder / "ledger.db"
        self.port = free_port(2)
        self.door = self.port + 1
        self.run("ca", "init", "--ca", self.ca)
        broker = self.run("ca", "server", "127.0.0.1", "--ca", self.ca).strip()
        mine = self.run("ca", "collector", "collector-1", "--ca", self.ca).strip()
        tls = ["--ca", f"{mine}/ca.crt", "--cert", f"{mine}/client.crt", "--key", f"{mine}/client.key"]
        self.broker = Process("broker", "--tls", broker, "--port", self.port, "--door", self.door)
        self.collector = Process("collect", "--broker", f"127.0.0.1:{self.port}", "--db", self.db, *tls)

    def up(self):
        self.broker.up()
        self.collector.up()

    def run(self, *args, code=0):
        """python -m fleet ARGS; what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "fleet", *map(str, args)], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def office(self, command, *args, code=0):
        """A command that needs authority and ledger."""
        return self.run(command, TILL, *args, "--ca", self.ca, "--db", self.db, code=code)

    def down(self):
        self.collector.end()
        self.broker.end()


class Till:
    """Real but for its panel and its keys; its journal is on a real disk."""

    def __init__(self, machine, folder):
        loop = asyncio.get_running_loop()
        self.folder, self.terminal, self.version, self.log = folder, TILL, "0.1.0", QuietLog()
        self.clock, self.random = SystemClock(loop.time, time.time, 0), seeded(1)
        self.store = FileStore(OsDisk(folder), Inline(), self.log)
        self.keystore = keystore.kept(folder)
        self.identity = Identity(folder, machine.ca / "ca.crt", TILL, self.keystore.learn)
        line = IpLine(True)
        self.link = MqttLink(line, (Broker("127.0.0.1", machine.port, True),), self.identity, self.clock, self.log)
        self.door = door(line, Broker("127.0.0.1", machine.door, True), machine.ca / "ca.crt", self.clock, self.log)
        self.rollup, self.desk = Rollup(), Desk()
        self.journal = Journal(self.store, "main", self.rollup, self.log, 65536, keystore=self.keystore)
        self.desk_journal = Journal(self.store, "desk", self.desk, self.log, 65536)
        self.courier = Courier(self, self.journal, self.rollup, self.desk_journal, self.desk, lambda: None)
        self.claim = Claim(self, self.identity, self.door, self.journal, lambda: None, self.courier.retry)
        self.claim.watch(True)

    async def boot(self):
        await self.journal.recover()
        await self.desk_journal.recover()
        self.link.start(lambda event: self.moved(), self.courier.on_message)
        self.tasks = [asyncio.create_task(each.run()) for each in (self.courier, self.claim)]
        return self

    def moved(self):
        self.courier.moved()
        self.claim.moved()

    async def sell(self, count):
        for _ in range(count):
            no = self.rollup.next_no
            await self.journal.append("sale", no, sale(no, int(time.time())))
        self.courier.wake()

    async def until(self, true, what):
        end = time.monotonic() + WITHIN_S
        while not true():
            assert time.monotonic() < end, (what, self.claim.state, self.log.lines[-12:])
            await asyncio.sleep(0.02)  # an event of another process, with a deadline

    async def off(self):
        while not all(task.done() for task in self.tasks):  # before Python 3.12 wait_for may swallow one cancellation
            for task in self.tasks:
                task.cancel()
            await asyncio.sleep(0)
        self.link.drop()
        self.door.drop()


async def away(work):
    """A command runs beside the till, not in its place."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


@pytest.fixture
def machine(tmp_path):
    need("mosquitto")
    made = Machine(tmp_path)
    try:
        made.up()
        yield made
    finally:
        made.down()


async def enrolled(machine, folder, command="enrol"):
    """A till from its first boot to its first session."""
    till = await Till(machine, folder).boot()
    await till.until(lambda: till.claim.state == Claim.WAITING, "the fleet hears of it")
    code = "-".join([till.claim.code()[:4], till.claim.code()[4:]]).lower()  # as somebody may type it
    await away(partial(machine.office, command, "--claim", code))
    await till.until(lambda: till.link.state == "online", "it is let in")
    return till


async def sent(till):
    await till.until(lambda: till.courier.queued() == 0, "all is acknowledged")


def test_from_the_code_on_the_screen_to_a_spare_in_the_same_name(machine, tmp_path):
    async def story():
        old = await enrolled(machine, tmp_path / "old")
        await old.sell(5)
        await sent(old)
        assert old.keystore.fleet() and old.identity.held() and old.claim.state == Claim.ENROLLED
        # a code is used once, and a name is given once
        assert "used" in await away(partial(machine.office, "enrol", "--claim", old.claim.code(), code=1))
        # its session ends with its certificate; it sells on, and learns at the door why nobody lets it in
        assert "1 certificate revoked" in await away(partial(machine.office, "revoke"))
        await old.until(lambda: old.link.state != "online", "it is thrown out")
        await old.sell(7)
        await old.until(lambda: old.claim.state == Claim.REFUSED, "it hears that it was revoked")
        assert old.courier.queued() == 7 and old.link.state == "line"
        alarms = await away(partial(machine.run, "alarms", "--json", "--db", machine.db))
        assert [json.loads(line)["alarm"] for line in alarms.splitlines()] == ["revoked"]
        # a spare takes over the name, with receipts of its own
        spare = await enrolled(machine, tmp_path / "spare", "replace")
        await spare.sell(3)
        await sent(spare)
        assert spare.rollup.next_no == 100_004
        await old.until(lambda: old.link.state == "line", "the old one stays out")
        await old.off()
        await spare.off()

    asyncio.run(story())
    # what the old one had not sent comes off its card
    export = [sys.executable, "-m", "hal", "journal", "export", str(tmp_path / "old"), "--format", "jsonl"]
    journal = tmp_path / "old.jsonl"
    journal.write_text(subprocess.run(export, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout)
    told = machine.run("ingest", TILL, journal, "--db", machine.db)
    assert told == "BARROW-0001~1: 7 records booked that had not been sent\n"
    assert "0 records" in machine.run("ingest", TILL, journal, "--db", machine.db)
    sales = [json.loads(line) for line in machine.run("sales", "--json", "--db", machine.db).splitlines()]
    numbers = [(row["terminal"], row["no"]) for row in sales]
    assert numbers == [(TILL, 100_001 + i) for i in range(3)] + [("BARROW-0001~1", i + 1) for i in range(12)]


def test_a_till_that_was_cut_off_while_it_was_enrolled_asks_again(machine, tmp_path):
    """The power goes after the journal has it and before the certificate is kept: the next boot claims, and is told the same."""

    async def story():
        till = await Till(machine, tmp_path / "till").boot()
        await till.until(lambda: till.claim.state == Claim.WAITING, "the fleet hears of it")

        async def cut(certificate, documents):
            raise OSError("the power went")

        till.identity.take = cut
        await away(partial(machine.office, "enrol", "--claim", till.claim.code()))
        await till.until(lambda: till.journal.seq, "the journal has it")
        await till.off()
        again = await Till(machine, tmp_path / "till").boot()
        assert not again.identity.held()
        await again.until(lambda: again.link.state == "online", "it is let in")
        await again.off()

    asyncio.run(story())
