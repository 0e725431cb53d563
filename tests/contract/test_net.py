"""The bench's Wi-Fi keeps the time that it says: latency, rate, and 200 ms for each lost packet; and whom a call reaches."""

import asyncio
import socket

import pytest

from hal.knock import Portal, Silent, knock
from hal.ports.faults import LinkDown
from sim.broker import Broker
from sim.clock import run
from sim.net import CAPTIVE, HOLE, Net
from sim.net_wire import LOST_S, PACKET, Quality


async def called(net, size):
    """Seconds for the call, and for so many bytes to arrive at the far end after it."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    sock = await net.dial("broker", 1883)
    dialled = loop.time() - began
    far = net.ends.pop()
    sending = asyncio.create_task(loop.sock_sendall(sock, bytes(size)))
    got = 0
    while got < size:
        got += len(await loop.sock_recv(far, 65536))
    await sending
    took = loop.time() - began - dialled
    sock.close()
    far.close()
    return dialled, took


def over(quality, size):
    async def story():
        async def far(host, port):
            near, end = socket.socketpair()
            end.setblocking(False)
            net.ends.append(end)
            return near

        net = Net("wifi", far)
        net.ends = []
        net.quality = quality
        try:
            return await called(net, size)
        finally:
            net.close()

    return run(story())


@pytest.mark.parametrize(
    ("quality", "size", "dialled_s", "took_s"),
    [
        (Quality(), 100_000, 0, 0),
        (Quality(latency_s=0.08), 1000, 0.08, 0.04),
        (Quality(latency_s=0.08, rate=1_000_000), 125_000, 0.08, 1.04),
        (Quality(rate=100_000), 12_500, 0, 1.0),
    ],
)
def test_latency_and_rate(quality, size, dialled_s, took_s):
    assert over(quality, size) == pytest.approx((dialled_s, took_s), abs=0.001)


def test_a_lost_packet_costs_200_ms_and_no_byte():
    _, took = over(Quality(loss=2, rate=10_000_000), 100 * PACKET)
    stalls = took / LOST_S
    assert 0.5 <= stalls <= 6, f"2 % of 100 packets are lost, in {took} s"


@pytest.mark.parametrize(("manners", "fault"), [(CAPTIVE, Portal), (HOLE, Silent)])
def test_a_knock_tells_a_login_page_from_silence(manners, fault):
    async def story():
        net = Net("wifi", None)
        net.behave(manners)
        with pytest.raises(fault):
            await knock(await net.dial("broker", 1883))
        net.close()

    run(story())


def test_a_knock_at_a_broker_disturbs_nobody():
    async def story():
        broker = Broker()

        async def far(host, port):
            return broker.connect()

        net = Net("wifi", far)
        await knock(await net.dial("broker", 1883))
        assert broker.violations == [] and broker.sessions == {} and broker.fresh == []
        net.close()

    run(story())


def test_a_line_that_is_off_dials_nobody_and_a_cut_tells_the_far_end_nothing():
    async def story():
        broker = Broker()

        async def far(host, port):
            return broker.connect()

        net = Net("wifi", far)
        loop = asyncio.get_running_loop()
        sock = await net.dial("broker", 1883)
        await loop.sock_sendall(sock, b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04till")
        assert (await loop.sock_recv(sock, 9))[0] == 0x20
        net.set("off")
        await asyncio.sleep(60)
        assert list(broker.sessions) == ["till"], "the broker cannot know yet"
        assert await loop.sock_recv(sock, 9) == b""
        with pytest.raises(LinkDown, match="no line"):
            await net.dial("broker", 1883)
        net.close()
        sock.close()

    run(story())
