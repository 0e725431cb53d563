"""The line over the OS's own interfaces: calls that fail, and the kernel's news."""

import asyncio
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hal.ip_line import IpLine
from hal.ports.faults import LinkDown
from sim.loopback import free_port

ROOT = Path(__file__).parents[2]


class Watch:
    """An OS whose interfaces a test can move."""

    def __init__(self):
        self.now = "wifi"
        self.ours, self.kernels = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ours.setblocking(False)

    def name(self):
        return self.now

    def news(self):
        return self.ours

    def read_news(self):
        self.ours.recv(100)

    def move(self, name):
        self.now = name
        self.kernels.send(b"news")


def test_news_of_the_interfaces_moves_the_line_and_noise_does_not():
    async def story():
        watch, seen = Watch(), []
        it = IpLine(watch=watch)
        it.start(lambda: seen.append((it.state, it.name, it.bars, it.cost)))
        for name in ("wifi", "off", "off", "4g", "wifi"):
            watch.move(name)
            await asyncio.sleep(0.01)
        assert seen == [("off", "off", 0, 0), ("line", "4g", 4, 1), ("line", "wifi", 4, 0)]

    asyncio.run(story())


def test_a_call_that_is_taken():
    async def story():
        taken = asyncio.Event()
        server = await asyncio.start_server(lambda reader, writer: taken.set(), "127.0.0.1", 0)
        sock = await IpLine(loopback=True).dial("127.0.0.1", server.sockets[0].getsockname()[1])
        await asyncio.wait_for(taken.wait(), 10)
        assert not sock.getblocking() and sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        sock.close()
        server.close()

    asyncio.run(story())


@pytest.mark.parametrize(("host", "why"), [("127.0.0.1", "Connection refused"), ("no..name", "no name that DNS could know")])
def test_a_call_that_is_not_taken_says_why(host, why):
    async def story():
        with pytest.raises(LinkDown) as told:
            await IpLine(loopback=True).dial(host, free_port())
        assert str(told.value) == why

    asyncio.run(story())


IN_A_NETWORK_OF_ITS_OWN = """
import asyncio, subprocess, sys
from hal.ip_watch import LinuxInterfaces

def ip(*words):
    subprocess.run(("ip", *words), check=True)

async def main():
    watch, news = LinuxInterfaces(), asyncio.Event()
    asyncio.get_running_loop().add_reader(watch.news(), lambda: (watch.read_news(), news.set()))
    async def until(name):
        while watch.name() != name:
            news.clear()
            await asyncio.wait_for(news.wait(), 10)
        print(name)
    await until("off")
    ip("link", "set", "lo", "up")
    ip("link", "add", "wlan7", "type", "veth", "peer", "name", "far7")
    ip("link", "set", "far7", "up")
    ip("link", "set", "wlan7", "up")
    assert watch.name() == "off", "up, and without an address"
    ip("addr", "add", "192.0.2.9/24", "dev", "wlan7")
    await until("wifi")
    ip("link", "add", "wwan7", "type", "veth", "peer", "name", "far8")
    ip("link", "set", "far8", "up")
    ip("link", "set", "wwan7", "up")
    ip("addr", "add", "198.51.100.9/24", "dev", "wwan7")
    assert watch.name() == "wifi"
    ip("link", "set", "far7", "down")
    await until("4g")
    ip("addr", "flush", "dev", "wwan7")
    await until("off")

asyncio.run(main())
"""


def own_network():
    """Can we have a network namespace with a pair of wires in it?"""
    if sys.platform != "linux" or not shutil.which("unshare") or not shutil.which("ip"):
        return False
    tried = "ip link add v0 type veth peer name v1"
    return subprocess.run(["unshare", "-rn", "sh", "-c", tried], capture_output=True).returncode == 0


@pytest.mark.skipif(not own_network(), reason="no network namespace with veth here")
def test_the_kernels_own_news():
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", IN_A_NETWORK_OF_ITS_OWN], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["off", "wifi", "4g", "off"], done.stdout + done.stderr
