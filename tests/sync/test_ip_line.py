"""The line over the OS's own interfaces: what brokers.json may say, calls that fail, and the kernel's news."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hal.ip_line import IpLine
from hal.ports.faults import ConfigFault, LinkDown

ROOT = Path(__file__).parents[2]


def config(folder, brokers):
    (folder / "brokers.json").write_text(json.dumps({"brokers": brokers}))
    return folder


def line(folder, *addresses, watch=None):
    return IpLine(config(folder, [{"host": host, "port": port} for host, port in addresses]), watch)


@pytest.mark.parametrize(
    ("brokers", "key"),
    [
        (None, "brokers"), ([], "brokers"), ({}, "brokers"), (["x"], "brokers.0.host"), ([{"port": 1}], "brokers.0.host"),
        ([{"host": "", "port": 1}], "brokers.0.host"), ([{"host": "a\u202eb", "port": 1}], "brokers.0.host"),
        ([{"host": "a", "port": 1}, {"host": "b"}], "brokers.1.port"), ([{"host": "a", "port": 0}], "brokers.0.port"),
        ([{"host": "a", "port": "1883"}], "brokers.0.port"), ([{"host": "a", "port": True}], "brokers.0.port"),
    ],
)  # fmt: skip
def test_a_wrong_brokers_json_names_the_key(tmp_path, brokers, key):
    with pytest.raises(ConfigFault) as told:
        IpLine(config(tmp_path, brokers))
    assert (told.value.file, told.value.key) == ("brokers.json", key)


def test_a_missing_or_broken_brokers_json_is_said(tmp_path):
    with pytest.raises(ConfigFault, match=r"brokers.json: cannot be read"):
        IpLine(tmp_path)
    (tmp_path / "brokers.json").write_text("{")
    with pytest.raises(ConfigFault, match=r"brokers.json: cannot be read"):
        IpLine(tmp_path)


def test_ours_is_in_order():
    assert IpLine(ROOT / "config").state == "line"


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


def test_news_of_the_interfaces_moves_the_line_and_noise_does_not(tmp_path):
    async def story():
        watch, seen = Watch(), []
        it = line(tmp_path, ("192.0.2.1", 1883), watch=watch)
        it.start(lambda: seen.append((it.state, it.name, it.bars)))
        for name in ("wifi", "off", "off", "4g", "wifi"):
            watch.move(name)
            await asyncio.sleep(0.01)
        assert seen == [("off", "off", 0), ("line", "4g", 4), ("line", "wifi", 4)]

    asyncio.run(story())


def dead_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_first_broker_that_takes_the_call(tmp_path):
    async def story():
        taken = asyncio.Event()
        server = await asyncio.start_server(lambda reader, writer: taken.set(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sock = await line(tmp_path, ("127.0.0.1", dead_port()), ("127.0.0.1", port)).dial()
        await asyncio.wait_for(taken.wait(), 10)
        assert not sock.getblocking() and sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        sock.close()
        server.close()

    asyncio.run(story())


def test_when_nobody_takes_the_call_every_reason_is_given(tmp_path):
    async def story():
        with pytest.raises(LinkDown) as told:
            await line(tmp_path, ("127.0.0.1", dead_port()), ("no..name", 1883), ("127.0.0.1", dead_port())).dial()
        assert str(told.value).count("Connection refused") == 2 and "no..name" in str(told.value)

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
