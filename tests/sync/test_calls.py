"""Whom a till calls, and how often: several brokers, brokers that know no MQTT 5, and a fleet that is down for everybody."""

import asyncio
import contextlib
import json
import socket

import pytest

from hal.brokers import SPREAD_MS, Broker
from hal.mqtt import MqttLink
from hal.ports.faults import LinkDown
from hal.tls import Nobody
from sim.broker import Broker as Bench
from sim.clock import BenchClock, run
from sim.loopback import free_port
from sim.net import Net
from tests.core.memory_store import QuietLog
from tests.sync.air import DN, ST, TILL, Air
from tests.sync.processes import Process

THREE = tuple(Broker(f"mq{n}", 1883) for n in (1, 2, 3))
WELCOME = bytes.fromhex("2003000000" + "900400010000")  # CONNACK and SUBACK of MQTT 5
BUSY = bytes.fromhex("2003008900")
OLD = bytes.fromhex("20020001")


class Fleet:
    """A till and its brokers, each as `manners` has it: a bench broker, bytes that it answers with, or a fault."""

    def __init__(self, manners, brokers=THREE, terminal=TILL):
        self.terminal = terminal
        self.manners = dict(zip(brokers, manners, strict=True))
        self.calls, self.ends = [], []
        self.net, self.log = Net("wifi", self.far), QuietLog()
        loop = asyncio.get_running_loop()
        self.link = MqttLink(self.net, brokers, Nobody(), BenchClock(loop, 0, 0), self.log)
        self.link.start(lambda event: None, lambda topic, payload: None)

    async def far(self, host, port):
        broker = next(broker for broker in self.manners if broker.host == host)
        self.calls.append(broker)
        manner = self.manners[broker]
        if isinstance(manner, Bench):
            return manner.connect()
        if isinstance(manner, Exception):
            raise manner
        near, far = socket.socketpair()
        near.setblocking(False)
        self.ends.append(far)
        far.send(manner)
        if manner in (OLD, b""):
            far.close()
        return near

    async def connect(self):
        """The brokers that were called for it."""
        self.calls.clear()
        await self.link.connect(self.terminal, DN, ST, b"gone", 60)
        return list(self.calls)

    async def refused(self):
        self.calls.clear()
        with pytest.raises(LinkDown) as told:
            await self.link.connect(self.terminal, DN, ST, b"gone", 60)
        return str(told.value)


def story(tell):
    def test():
        run(tell())

    test.__name__, test.__doc__ = tell.__name__, tell.__doc__
    return test


@story
async def test_a_broker_of_3_1_1_costs_one_call_more_once():
    fleet = Fleet([Bench()], THREE[:1])
    assert len(await fleet.connect()) == 2 and fleet.net.reports == [(True, "")]
    for _ in range(3):
        await fleet.link.disconnect()
        assert len(await fleet.connect()) == 1
    assert fleet.manners[THREE[0]].violations == []


@pytest.mark.parametrize("answer", [OLD, b"", bytes.fromhex("20020000"), bytes.fromhex("20020005"), b"\xff"])
def test_whatever_an_old_broker_does_to_mqtt_5_it_is_asked_for_3_1_1(answer):
    async def tell():
        fleet = Fleet([answer], THREE[:1])
        told = await fleet.refused()
        assert len(fleet.calls) == 2 and told and fleet.link.state == "line"
        fleet.manners[THREE[0]] = Bench()
        await fleet.connect()
        assert fleet.link.session.protocol == 4

    run(tell())


@story
async def test_one_that_knows_mqtt_5_is_not_taken_for_an_old_one_when_it_hangs_up():
    fleet = Fleet([WELCOME], THREE[:1])
    await fleet.connect()
    assert fleet.link.session.protocol == 5
    fleet.link.drop()
    fleet.manners[THREE[0]] = b""
    await fleet.refused()
    assert len(fleet.calls) == 1
    fleet.manners[THREE[0]] = WELCOME
    await fleet.connect()
    assert fleet.link.session.protocol == 5


@story
async def test_the_next_broker_is_called_when_one_does_not_take_it_and_the_line_is_well():
    fleet = Fleet([WELCOME] * 3)
    first, *_ = await fleet.connect()
    fleet.link.drop()
    fleet.manners[first] = ConnectionRefusedError("refused")
    tried, second = await fleet.connect()
    assert tried == first and second != first
    fleet.link.drop()
    assert await fleet.connect() == [second]  # it is remembered who failed
    assert all(good for good, _ in fleet.net.reports)


@story
async def test_a_line_that_goes_away_is_no_fault_of_a_broker():
    fleet = Fleet([WELCOME] * 3)
    first, *_ = await fleet.connect()
    fleet.net.set("off")
    fleet.net.set("wifi")
    assert await fleet.connect() == [first]


@story
async def test_when_every_broker_refuses_everybody_a_fleet_comes_back_over_five_minutes():
    waits = []
    for who in range(60):
        fleet, loop = Fleet([ConnectionRefusedError("refused"), BUSY, BUSY], THREE, f"BARROW-{who}"), asyncio.get_running_loop()
        told = await fleet.refused()
        assert told.count("mq") == 3 and "Server busy" in told and "refused" in told
        fleet.manners = dict.fromkeys(THREE, WELCOME)
        began = loop.time()
        await fleet.connect()
        waits.append(loop.time() - began)
        await fleet.link.disconnect()
        await fleet.connect()  # and that was that
        assert loop.time() - began - waits[-1] < 2.1
        fleet.link.drop()
    assert min(waits) < 30 and max(waits) > SPREAD_MS / 1000 - 30 and 100 < sum(waits) / len(waits) < 200


@story
async def test_another_line_ends_the_wait():
    fleet, loop = Fleet([BUSY] * 3), asyncio.get_running_loop()
    await fleet.refused()
    fleet.manners = dict.fromkeys(THREE, WELCOME)
    began = loop.time()
    loop.call_later(3, fleet.net.set, "4g")
    await fleet.connect()
    assert loop.time() - began == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    "manners",
    [
        [ConnectionRefusedError("refused")], [BUSY], [LinkDown("no answer in 10 s"), BUSY, BUSY], [OSError("no route")] * 3,
        [WELCOME, BUSY, BUSY],
    ],
)  # fmt: skip
def test_what_may_be_this_stalls_own_trouble_makes_nobody_wait(manners):
    async def tell():
        fleet, loop = Fleet(manners, THREE[: len(manners)]), asyncio.get_running_loop()
        for _ in range(3):
            with contextlib.suppress(LinkDown):
                await fleet.connect()
            fleet.link.drop()
        assert loop.time() < 10 and fleet.link.caller.turns.left_ms() == 0

    run(tell())


@story
async def test_a_till_without_a_certificate_does_not_call_where_one_is_asked_for():
    fleet = Fleet([WELCOME, WELCOME], (Broker("mq1", 8883, True), Broker("mq2", 8883, True)))
    assert "this till has none yet" in await fleet.refused()
    assert fleet.calls == [] and fleet.net.reports == []


@story
async def test_where_bytes_cost_money_the_broker_is_asked_less_often():
    fleet = Fleet([WELCOME], THREE[:1])
    fleet.net.cost = 1
    await fleet.connect()
    assert fleet.link.session.keepalive_s == 300


def test_amqtt_is_taken_for_what_it_is():
    """It leaves a CONNECT of MQTT 5 without an answer, and waits for the rest of what it read into it."""
    broker = Process("broker", "--port", free_port(), "--engine", "amqtt")

    async def tell():
        air = Air([Broker("127.0.0.1", int(broker.args[broker.args.index("--port") + 1]))])
        await air.connect()
        assert air.link.session.protocol == 4 and len(air.said("once more with MQTT 3.1.1")) == 1
        await air.link.publish(ST, json.dumps({"on": 1}).encode(), 1, True)
        await air.until(lambda: not air.link.session.unanswered)
        await air.link.disconnect()
        await air.connect()
        assert len(air.said("once more")) == 1
        await air.link.disconnect()

    try:
        broker.up()
        asyncio.run(tell())
    finally:
        broker.end()
