"""A till's link to a real mosquitto: mutual TLS, access by certificate, MQTT 5 and what it tells, and no loop held up."""

import asyncio
import json
import signal
import subprocess
import sys

import pytest

from hal import mqtt_client
from hal.brokers import Broker
from hal.ports.faults import LinkDown
from tests.sync.air import ST, TILL, UP, Air, Certified, Mosquitto
from tests.sync.certificates import DAY, Authority
from tests.sync.processes import ROOT, need


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def broker(ours, tmp_path_factory):
    need("mosquitto")
    with Mosquitto(tmp_path_factory.mktemp("broker"), ours) as running:
        yield running


@pytest.fixture(scope="module")
def till(ours):
    return (ours.file, *ours.till(TILL))


def test_birth_and_will_reach_whoever_listens(broker, till):
    async def story():
        watcher, seller = Air([broker.broker], Certified(*till)), Air([broker.broker], Certified(*till))
        await watcher.link.connect("BARROW-WATCH", ST, f"barrow/v1/{TILL}/up/x", b"", 60)
        await seller.connect()
        await seller.link.publish(ST, b'{"on":1}', 1, True)
        await watcher.until(lambda: (ST, b'{"on":1}') in watcher.mail)
        seller.link.drop()  # the power is gone: no goodbye
        await watcher.until(lambda: watcher.mail[-1] == (ST, b'{"on":0}'))
        await seller.connect()
        await seller.link.publish(ST, b'{"on":1}', 1, True)
        await watcher.until(lambda: watcher.mail[-1] == (ST, b'{"on":1}'))
        await seller.link.disconnect()  # in order: the will is forgotten
        await watcher.link.publish(ST, b"last", 1, False)
        await watcher.until(lambda: len(watcher.mail) > 3)
        assert [payload for _, payload in watcher.mail] == [b'{"on":1}', b'{"on":0}', b'{"on":1}', b"last"]
        await watcher.link.disconnect()

    asyncio.run(story())


def test_what_the_broker_does_not_let_through_is_said_in_words(broker, till):
    async def story():
        air = Air([broker.broker], Certified(*till))
        await air.connect()
        await air.link.publish("barrow/v1/BARROW-0002/up/batch", b"not ours", 1, False)
        await air.until(lambda: air.said("refused"))
        assert air.said("the broker refused what was sent to barrow/v1/BARROW-0002/up/batch: Not authorized")
        await air.link.publish(UP, b"ours", 1, False)
        await air.until(lambda: not air.link.session.unanswered)
        assert len(air.said("refused")) == 1 and air.link.state == "online"
        await air.link.disconnect()

    asyncio.run(story())


def test_a_resumed_session_costs_about_half_of_the_bytes(broker, till):
    async def story():
        air, costs = Air([broker.broker], Certified(*till)), []
        for _ in range(3):
            costs.append(sum(await air.connect()))
            assert air.link.session.sock.resumed == (len(costs) > 1)
            await air.link.disconnect()
        full, *resumed = costs
        assert 3000 < full < 4500 and all(cost < 0.6 * full for cost in resumed), costs

    asyncio.run(story())


def test_a_broker_that_forgot_the_session_gets_a_whole_handshake(ours, till, tmp_path):
    need("mosquitto")

    async def story():
        engine = Mosquitto(tmp_path, ours)
        air = Air([engine.broker], Certified(*till))
        for _ in range(2):
            with engine:
                await air.connect()
                assert not air.link.session.sock.resumed
            await air.until(lambda: air.link.state == "line")

    asyncio.run(story())


def test_a_new_identity_does_not_use_the_tickets_of_the_old_one(broker, ours, till):
    async def story():
        air = Air([broker.broker], Certified(*till))
        await air.connect()
        await air.link.disconnect()
        air.link.caller.identity = Certified(ours.file, *ours.till("BARROW-0009"))
        await air.connect()
        assert not air.link.session.sock.resumed
        await air.link.disconnect()

    asyncio.run(story())


def refusal(broker, *files):
    async def story():
        air = Air([broker], Certified(*files))
        with pytest.raises(LinkDown) as told:
            await air.connect()
        assert air.link.state == "line" and air.link.session is None and not air.line.reports[-1][0]
        return str(told.value)

    return asyncio.run(story())


def test_who_is_not_let_in_is_told_why(broker, ours, till, tmp_path):
    stranger = Authority(tmp_path, "stranger")
    assert "does not know the CA of this till's certificate" in refusal(broker.broker, ours.file, *stranger.till(TILL))
    assert "asks for a certificate, and this till has none" in refusal(broker.broker, ours.file)
    assert "this till's certificate has expired" in refusal(broker.broker, ours.file, *ours.till("OLD", -2 * DAY, -DAY))
    assert "of another CA than the fleet's" in refusal(broker.broker, stranger.file, *till[1:])
    assert "for another host" in refusal(Broker("localhost", broker.port, True), *till)


def test_a_revoked_till_is_told_so(ours, till, tmp_path):
    need("mosquitto")
    with Mosquitto(tmp_path, ours, f"crlfile {ours.revoke(till[1])}") as strict:
        assert "says that this till's certificate is revoked" in refusal(strict.broker, *till)


def test_a_resumed_session_does_not_outlive_a_revocation(ours, till, tmp_path):
    need("mosquitto")

    async def story(engine):
        air = Air([engine.broker], Certified(*till))
        for _ in range(2):
            await air.connect()
            await air.link.disconnect()
        ours.revoke(till[1])
        engine.process.send_signal(signal.SIGHUP)
        with pytest.raises(LinkDown, match="revoked"):
            async with asyncio.timeout(20):
                while True:  # until it has read its files again
                    await air.connect()
                    await air.link.disconnect()

    with Mosquitto(tmp_path, ours, f"crlfile {ours.revoke()}") as engine:
        asyncio.run(story(engine))


@pytest.mark.parametrize("tls", [True, False])
def test_a_captive_portal_is_no_broker(till, tls):
    """It answers every call, whatever is said, with its page."""

    async def story():
        async def page(reader, writer):
            await reader.read(1000)
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(page, "127.0.0.1", 0)
        air = Air([Broker("127.0.0.1", server.sockets[0].getsockname()[1], tls)], Certified(*till))
        with pytest.raises(LinkDown) as told:
            await air.connect()
        assert ("captive portal" if tls else "hung up on the greeting") in str(told.value)
        assert air.line.reports[-1][0] is False and len(air.line.reports) == 1
        server.close()

    asyncio.run(story())


def test_a_half_open_line_is_noticed_within_its_deadline(broker, till, monkeypatch):
    monkeypatch.setattr(mqtt_client, "UNANSWERED_S", 0.5)

    async def story():
        air, loop = Air([broker.broker], Certified(*till)), asyncio.get_running_loop()
        await air.connect()
        air.line.dark = True
        began = loop.time()
        await air.link.publish(UP, b"x", 1, False)
        await air.until(lambda: air.link.state == "line")
        assert 0.5 <= loop.time() - began < 5 and air.line.reports[-1] == (False, "no PUBACK for 0.5 s")
        air.line.dark = False
        await air.connect()
        await air.link.disconnect()

    asyncio.run(story())


def test_from_its_second_message_on_a_topic_travels_as_a_number(broker, till):
    async def story():
        air, costs = Air([broker.broker], Certified(*till)), []
        await air.connect()
        for _ in range(4):
            before = air.line.up
            await air.link.publish(UP, bytes(100), 1, False)
            await air.until(lambda: not air.link.session.unanswered)
            costs.append(air.line.up - before)
        assert costs[1] == costs[0] + 3 and costs[2] == costs[3] == costs[0] - len(UP) + 2, costs
        assert len(broker.saw(f"Received PUBLISH from {TILL} .*'{UP}'")) >= 4
        await air.link.disconnect()

    asyncio.run(story())


def test_limits_that_the_broker_names_are_kept(tmp_path):
    need("mosquitto")

    async def story(engine):
        air = Air([engine.broker])
        await air.connect(keepalive_s=600)
        assert air.link.session.keepalive_s == 90 and 1800 < air.link.largest < 2000
        with pytest.raises(LinkDown, match="the broker takes 2000 B"):
            await air.link.publish(UP, bytes(2000), 1, False)
        await air.link.publish(UP, bytes(1900), 1, False)
        await air.until(lambda: not air.link.session.unanswered)
        assert air.link.state == "online"
        air.link.session.largest = 0  # as if it had not said so
        await air.link.publish(UP, bytes(2000), 1, False)
        await air.until(lambda: air.link.state == "line")
        assert air.said("the broker ended the session: Packet too large"), air.log.lines

    with Mosquitto(tmp_path, more="max_packet_size 2000\nmax_keepalive 90") as engine:
        asyncio.run(story(engine))


SLOW = """
import asyncio, json, sys, time
from pathlib import Path
from tests.sync.air import Air, Certified
from hal.brokers import Broker

async def beat(gaps):
    wall, cpu = time.monotonic(), time.thread_time()
    while True:
        await asyncio.sleep(0)
        gaps.append((time.monotonic() - wall, time.thread_time() - cpu))
        wall, cpu = time.monotonic(), time.thread_time()

async def main(port, *files):
    air, gaps = Air([Broker("127.0.0.1", int(port), True)], Certified(*map(Path, files))), []
    air.line.slow_s = 0.04
    beating = asyncio.create_task(beat(gaps))
    began = time.monotonic()
    await air.connect()
    took = time.monotonic() - began
    beating.cancel()
    await air.link.disconnect()
    print(json.dumps({"took": took, "wall": max(gap[0] for gap in gaps), "cpu": max(gap[1] for gap in gaps)}))

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_loop_is_not_held_while_a_call_goes_over_a_slow_line(broker, till):
    """In a process of its own, where paho is not imported yet; 200 bytes take 40 ms."""
    command = [sys.executable, "-c", SLOW, str(broker.port), *map(str, till)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["took"] > 0.5 and told["cpu"] < 0.04 and told["wall"] < 0.3, told
