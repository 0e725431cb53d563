"""hal's MQTT link on the bench's line and broker, in virtual time: every way in which a session can begin, idle and end."""

import asyncio
import logging
import socket

import pytest

from hal.brokers import Broker as Address
from hal.mqtt import MqttLink
from hal.mqtt_client import V311, Session
from hal.ports.faults import LinkDown
from hal.tls import Nobody
from sim.broker import Broker
from sim.clock import BenchClock, run
from sim.net import Net
from tests.core.memory_store import QuietLog

DN, ST = "barrow/v1/BARROW-0001/dn/#", "barrow/v1/BARROW-0001/st"

ONE = (Address("broker", 1883),)


class Desk:
    """A link with all that it stands on."""

    def __init__(self, line="wifi", dial=None):
        self.broker = Broker()
        self.net = Net(line, dial or self.dial)
        self.log = QuietLog()
        self.link = MqttLink(self.net, ONE, Nobody(), BenchClock(asyncio.get_running_loop(), 0, 0), self.log)
        self.states, self.mail = [], []
        self.link.start(lambda event: self.states.append(self.link.state), lambda *message: self.mail.append(message))

    async def dial(self, host, port):
        return self.broker.connect()

    async def connect(self, keepalive_s=60):
        await self.link.connect("BARROW-0001", DN, ST, b"gone", keepalive_s)

    async def refused(self):
        """What connect's LinkDown says."""
        with pytest.raises(LinkDown) as told:
            await self.connect()
        return str(told.value)


def story(tell):
    """The test, in virtual time."""

    def test():
        run(tell())

    test.__name__, test.__doc__ = tell.__name__, tell.__doc__
    return test


async def later(seconds=0.001):
    await asyncio.sleep(seconds)


@story
async def test_states_as_they_come():
    desk = Desk("off")
    assert (desk.link.state, desk.link.name, desk.link.bars) == ("off", "off", 0)
    assert await desk.refused() == "no line"
    desk.net.set("wifi")
    assert (desk.link.state, desk.link.name, desk.link.bars) == ("line", "wifi", 4)
    await desk.connect()
    assert desk.link.state == "online"
    desk.net.set("off")
    assert desk.states == ["line", "online", "off"]
    with pytest.raises(LinkDown):
        await desk.link.publish("x", b"", 1, False)
    assert desk.broker.violations == []


@story
async def test_a_broker_that_is_down():
    desk = Desk()
    desk.broker.down()
    assert "the broker is down" in await desk.refused()
    assert desk.link.state == "line"


@story
async def test_a_broker_that_takes_the_call_and_says_nothing():
    ends = []

    async def mute(host, port):
        near, far = socket.socketpair()
        ends.append(far)
        return near

    desk, loop = Desk(dial=mute), asyncio.get_running_loop()
    began = loop.time()
    assert "no answer" in await desk.refused()
    assert loop.time() - began == pytest.approx(3 + 20) and desk.link.state == "line"  # MQTT 5, then 3.1.1
    assert desk.net.reports[-1] == (False, "broker:1883: no answer from the broker")


@story
async def test_a_call_that_is_never_taken():
    async def never(host, port):
        await asyncio.sleep(10_000)

    desk, loop = Desk(dial=never), asyncio.get_running_loop()
    began = loop.time()
    assert "did not take the call" in await desk.refused()
    assert loop.time() - began == pytest.approx(30)


@story
async def test_a_line_that_goes_away_during_the_call():
    async def never(host, port):
        await asyncio.sleep(10_000)

    desk, loop = Desk(dial=never), asyncio.get_running_loop()
    began = loop.time()
    loop.call_later(3, desk.net.set, "off")
    assert await desk.refused() == "the line went away during the call"
    assert loop.time() - began == pytest.approx(3) and desk.link.state == "off"


@pytest.mark.parametrize("answer", ["20020005", "20020001", "3003", "ffffffffff", "2003000000", "90", ""])
def test_a_broker_that_refuses_or_speaks_nonsense(answer):
    async def tell():
        async def strange(host, port):
            near, far = socket.socketpair()
            far.send(bytes.fromhex(answer))
            far.shutdown(socket.SHUT_WR)
            desk.far = far
            return near

        desk = Desk(dial=strange)
        assert await desk.refused()
        assert desk.link.state == "line" and desk.link.session is None

    logging.disable(logging.ERROR)
    try:
        run(tell())
    finally:
        logging.disable(logging.NOTSET)


@story
async def test_messages_come_and_go():
    desk = Desk()
    await desk.connect()
    desk.broker.publish("barrow/v1/BARROW-0001/dn/ack", b"\x00\xff" * 40_000, 1, False)
    desk.broker.publish("barrow/v1/BARROW-0002/dn/ack", b"not ours", 1, False)
    await later()
    assert desk.mail == [("barrow/v1/BARROW-0001/dn/ack", b"\x00\xff" * 40_000)]
    await desk.link.publish(ST, b"here", 1, True)
    await later()
    assert desk.broker.retained == {ST: (b"here", 1)}


@story
async def test_a_megabyte_goes_through_a_small_pipe():
    desk = Desk()
    await desk.connect()
    desk.link.session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    await desk.link.publish(ST, b"x" * 1_000_000, 1, True)
    await later()
    assert desk.broker.retained == {ST: (b"x" * 1_000_000, 1)}


@story
async def test_goodbye_forgets_the_will_and_a_cut_does_not():
    desk = Desk()
    await desk.connect()
    await desk.link.disconnect()
    await later()
    assert desk.link.state == "line" and desk.broker.retained == {}
    await desk.connect()
    desk.link.drop()
    await later()
    assert desk.broker.retained == {ST: (b"gone", 1)} and desk.states == ["line", "online", "line", "online"]


@story
async def test_an_idle_session_pings_and_lives():
    desk = Desk()
    await desk.connect(60)
    await asyncio.sleep(86_400)
    assert desk.link.state == "online" and desk.broker.violations == []


@story
async def test_an_idle_session_wakes_up_at_most_eight_times_a_minute():
    desk, woken = Desk(), []
    for name in ("_readable", "_writable", "_tick"):
        counted(name, woken)
    try:
        await desk.connect(60)
        woken.clear()
        await asyncio.sleep(6000)
        assert 100 <= len(woken) <= 8 * 100, len(woken)
    finally:
        for name in ("_readable", "_writable", "_tick"):
            setattr(Session, name, getattr(Session, name).wrapped)


def counted(name, woken):
    """Session.name, which now notes each call."""
    method = getattr(Session, name)

    def noted(self):
        woken.append(name)
        method(self)

    noted.wrapped = method
    setattr(Session, name, noted)


@story
async def test_a_dead_line_is_noticed_by_the_keepalive():
    desk, loop = Desk(), asyncio.get_running_loop()
    await desk.connect(60)
    desk.net.drop()  # black: no reset, no end of file
    for relay in asyncio.all_tasks() - {asyncio.current_task()}:
        relay.cancel()
    began = loop.time()
    await desk.link.session.over.wait()
    assert loop.time() - began <= 121 and desk.link.state == "line"


@story
async def test_a_missing_puback_ends_the_session():
    ends = []

    async def half(host, port):
        near, far = socket.socketpair()
        far.setblocking(False)
        far.send(bytes.fromhex("200200009003000100"))  # CONNACK and SUBACK, then silence
        ends.append(far)
        return near

    desk, loop = Desk(dial=half), asyncio.get_running_loop()
    await desk.connect()
    await desk.link.publish("a", b"b", 1, False)
    began = loop.time()
    await desk.link.session.over.wait()
    assert loop.time() - began == pytest.approx(20) and desk.link.state == "line"
    assert [line for line in desk.log.lines if "no PUBACK" in line]


class OneRecord(socket.socket):
    """A socket as TLS makes it: what came in one record is taken off the wire at once, and handed out piece by piece."""

    held = b""

    def recv(self, size, flags=0):
        if not self.held:
            self.held = super().recv(65536, flags)
        data, self.held = self.held[:size], self.held[size:]
        return data

    def pending(self):
        return len(self.held)


@story
async def test_many_packets_in_one_tls_record_all_arrive():
    record = bytes.fromhex("200200009003000100") + b"".join(b"\x30\x05\x00\x03a/b" for _ in range(50))
    ends = []

    async def sealed():
        near, far = socket.socketpair()
        far.send(record)
        ends.append(far)
        return OneRecord(near.family, near.type, near.proto, near.detach())

    mail = []
    sock = await sealed()
    sock.setblocking(False)
    session = Session(sock, V311, "BARROW-0001", lambda *message: mail.append(message), print, print)
    await session.open(DN, ST, b"", 60)
    await later()
    assert len(mail) == 50
    session.drop("done")


@story
async def test_a_topic_that_is_not_utf_8_is_no_crash():
    desk = Desk()
    await desk.connect()
    [session] = desk.broker.sessions.values()
    session.outgoing += b"\x30\x05\x00\x02\xff\xfeX"
    session.writable()
    await later()
    assert desk.mail == [("(not UTF-8)", b"X")] and desk.link.state == "online"


def test_deflate_is_raw_and_uses_the_dictionary():
    import zlib

    async def tell():
        link = Desk().link
        data = b"a sale of two buns and a coffee" * 3
        packed = link.deflate(data, data)
        assert len(packed) < 10 < len(link.deflate(data, b"none"))
        assert zlib.decompressobj(-15, data).decompress(packed) == data

    run(tell())
