"""The line over the OS's own interfaces: calls that fail, and the kernel's news."""

import asyncio
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hal.ip_line import IpLine
from hal.ip_watch import LinuxInterfaces
from hal.ports.faults import LinkDown
from sim.loopback import free_port

ROOT = Path(__file__).parents[2]


class Watch:
    """An OS whose interfaces a test can move."""

    def __init__(self):
        self.now, self.bytes = "wifi", 500
        self.ours, self.kernels = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ours.setblocking(False)

    def name(self):
        return self.now

    def news(self):
        return self.ours

    def read_news(self):
        self.ours.recv(100)

    def bars(self):
        return 2

    def carried(self):
        return self.bytes

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


def test_the_radio_is_heard_as_strong_as_the_kernel_says(tmp_path):
    head = "Inter-| sta-|   Quality        |   Discarded\n face | tus | link level noise |  nwid\n"
    said = tmp_path / "wireless"
    watch = LinuxInterfaces(said, tmp_path)
    assert watch.bars() == 4, "a wire, or a kernel that does not tell"
    for level, bars in ((-40, 4), (-56, 3), (-67, 3), (-70, 2), (-90, 1)):
        said.write_text(f"{head} wlan0: 0000   54.  {level}.  -256        0      0\n wlan1: 0000 10. -95. -256 0\n")
        assert watch.bars() == bars
    said.write_text("\0 nonsense \xff")
    assert watch.bars() == 4


def test_bars_move_the_line_and_an_os_s_modem_is_counted():
    async def story():
        watch, seen = Watch(), []
        it = IpLine(watch=watch)
        it.start(lambda: seen.append(it.bars))
        it.heed(it.read())
        it.heed(it.read())
        assert seen == [2] and it.spent() == 0
        watch.move("4g")
        watch.bytes = 2500
        assert it.spent() == 2000
        watch.bytes = 40  # pulled out, and plugged in again
        assert it.spent() == 2040

    asyncio.run(story())


def test_what_a_modem_s_interface_carried_is_in_sys(tmp_path):
    for name in ("wwan0", "usb1", "wlan0"):
        folder = tmp_path / name / "statistics"
        folder.mkdir(parents=True)
        (folder / "rx_bytes").write_text("1000\n")
        (folder / "tx_bytes").write_text("24\n")
    assert LinuxInterfaces(tmp_path / "none", tmp_path).carried() == 2048


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
