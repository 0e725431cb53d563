"""Collectors as processes behind a real mosquitto: they share a stream, one is killed, and several brokers are as good as one."""

import asyncio
import subprocess
import sys

import pytest

from firmware.sync import wire
from fleet.authority import Authority
from fleet.clerk import Clerk
from fleet.collector import Collector
from fleet.connect import connect
from fleet.ledger import Ledger
from sim.broker import Broker, Session
from sim.clock import run
from sim.loopback import free_port
from sim.packets import PUBACK
from tests.bench.ingest_load import Till, drive
from tests.fleet.till import TILL, head, met, published, sales
from tests.sync.processes import ROOT, Process, need

TILLS, BATCHES, SIZE = 12, 6, 5


class Mortal(Process):
    def __init__(self, *args):
        super().__init__()
        self.args = [sys.executable, "-m", "tests.fleet.mortal", *map(str, args)]


@pytest.fixture
def port():
    need("mosquitto")
    broker = Process("broker", "--port", free_port(), "--engine", "mosquitto")
    broker.up()
    yield int(broker.args[-3])
    broker.end()


def load():
    return [Till(number, BATCHES, SIZE) for number in range(TILLS)]


def booked(where):
    """(rows, rows of which there are two, alarms)."""
    ledger = Ledger(where)
    rows = [(terminal, record["seq"]) for terminal, record in ledger.records()]
    alarms = ledger.alarms()
    ledger.close()
    return len(rows), len(rows) - len(set(rows)), alarms


def test_one_of_two_is_killed_between_commit_and_ack(where, port):
    staying = Process("collect", "--broker", f"127.0.0.1:{port}", "--db", where)
    dying = Mortal(port, where, "late", 2)
    try:
        for process in (staying, dying):
            process.up()
        asyncio.run(drive(port, load(), 60))
        assert dying.process.wait(20) == -9, "it was not killed, and proves nothing"
    finally:
        staying.end()
        dying.end()
    assert booked(where) == (TILLS * BATCHES * SIZE, 0, [])


def test_the_control_tells_before_it_commits_and_is_caught(tmp_path, port):
    db = tmp_path / "ledger.db"
    dying = Mortal(port, db, "early", 2)
    staying = Process("collect", "--broker", f"127.0.0.1:{port}", "--db", db)
    told = []
    try:
        dying.up()

        async def story():
            driving = asyncio.create_task(drive(port, load(), 60, told.append))
            await asyncio.to_thread(dying.process.wait, 20)
            await asyncio.to_thread(staying.up)
            await driving

        with pytest.raises(AssertionError, match="gap"):
            asyncio.run(story())
    finally:
        staying.end()
        dying.end()


def test_several_brokers_are_as_good_as_one(tmp_path, port):
    other = Process("broker", "--port", free_port(), "--engine", "mosquitto")
    other.up()
    ports = (port, int(other.args[-3]))
    brokers = [word for each in ports for word in ("--broker", f"127.0.0.1:{each}")]
    db = tmp_path / "ledger.db"
    collectors = [Process("collect", *brokers, "--db", db) for _ in range(2)]
    try:
        for collector in collectors:
            assert collector.up().startswith("collecting from 127.0.0.1:")
            assert collector.process.stdout.readline().startswith("collecting from 127.0.0.1:")

        async def story():
            tills = load()
            await asyncio.gather(drive(ports[0], tills[::2], 60), drive(ports[1], tills[1::2], 60))

        asyncio.run(story())
    finally:
        for process in (*collectors, other):
            process.end()
    assert booked(db) == (TILLS * BATCHES * SIZE, 0, [])


def test_a_collector_calls_by_tls_with_its_certificate(tmp_path):
    need("mosquitto")
    authority = Authority.init(tmp_path / "ca", "Market fleet")
    folder, mine = authority.server(["127.0.0.1"]), authority.collector("collector-1")
    port = free_port(2)
    broker = Process("broker", "--engine", "mosquitto", "--port", port, "--door", port + 1, "--tls", folder)
    paper = ("--ca", authority.folder / "ca.crt", "--cert", mine / "client.crt", "--key", mine / "client.key")
    collector = Process("collect", "--broker", f"127.0.0.1:{port}", "--db", tmp_path / "ledger.db", *paper)
    stranger = Process("collect", "--broker", f"127.0.0.1:{port}", "--db", tmp_path / "x.db", *paper[:2])
    try:
        broker.up()
        assert collector.up().startswith(f"collecting from 127.0.0.1:{port} into")
        stranger.process = subprocess.Popen(stranger.args, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert "no broker" in stranger.process.stderr.readline()
    finally:
        for process in (stranger, collector, broker):
            process.end()


@pytest.mark.parametrize("args", [("--cert", "x"), ("--ca", "/nothing/ca.crt"), ("--ca", __file__)])
def test_certificates_that_are_none_are_said_in_words(tmp_path, args):
    order = [sys.executable, "-m", "fleet", "collect", "--db", str(tmp_path / "ledger.db"), *args]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 5 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_the_broker_is_told_after_the_till_and_both_after_commit(monkeypatch):
    """In one loop: what is on the wire, in its order."""
    seen = []

    class Telling(Clerk):
        def handle(self, messages):
            answers = super().handle(messages)
            seen.extend("committed" for topic, _ in messages if topic.endswith(wire.UP_BATCH))
            return answers

    class Watched(Collector):
        mind = Telling

    packet, publish = Session.packet, Broker.publish

    def watched(self, kind, flags, body):
        if kind == PUBACK:
            seen.append("broker told")
        packet(self, kind, flags, body)

    def published_(self, topic, *rest):
        if topic.endswith(wire.DN_ACK):
            seen.append("till told")
        publish(self, topic, *rest)

    monkeypatch.setattr(Session, "packet", watched)
    monkeypatch.setattr(Broker, "publish", published_)

    async def story():
        broker = Broker()

        async def dial():
            return broker.connect()

        collector = Watched(Ledger(":memory:"), lambda: 1795271526)
        met(collector.ledger)
        running = asyncio.create_task(collector.run(dial))
        await asyncio.sleep(1)
        for first in (1, 4, 7):
            broker.publish(wire.topic(TILL, wire.UP_BATCH), published(sales(3, first), first), 1, False)
        await asyncio.sleep(1)
        assert seen == ["committed"] * 3 + ["till told", "broker told"] * 3
        assert collector.ledger.head(TILL) == (9, head(sales(9))) and broker.violations == []
        running.cancel()

    run(story())


def test_what_the_ledger_holds_is_read_back_by_the_commands(where):
    """terminals and quarantine, of either database."""
    ledger = Ledger(where)
    db = connect(where)
    met(ledger)
    clerk = Clerk(ledger, lambda: 1795271526, print, None)
    clerk.handle([(wire.topic(TILL, wire.UP_BATCH), published([*sales(1), b"\x1b[2J", *sales(1, 3)]))])
    db.close()
    ledger.close()

    def fleet(*args):
        order = [sys.executable, "-m", "fleet", *args, "--db", str(where)]
        done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert "\x1b" not in done.stdout + done.stderr and done.stderr == ""
        return done

    assert fleet("terminals").stdout.splitlines()[1].split()[:4] == [TILL, "2026-11-21", "14:32:06", "3"]
    assert '"queue": 0' in fleet("terminals", "--json").stdout
    assert fleet("quarantine", "list").stdout.splitlines()[1].split()[:3] == [TILL, "2", "4"]
    assert '"reason": "not canonical JSON"' in fleet("quarantine", "list", "--json").stdout
    assert "\\x1b[2J" in fleet("quarantine", "show", TILL, "2").stdout
    assert '"hex": "1b5b324a"' in fleet("quarantine", "show", TILL, "2", "--json").stdout
    assert fleet("quarantine", "show", TILL, "1").returncode == 1
