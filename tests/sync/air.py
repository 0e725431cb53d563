"""A mosquitto for a test, and a till's link to it over a line that counts, cuts, and can be slow."""

import asyncio
import re
import shutil
import socket
import subprocess
import threading
import time

from hal import tls
from hal.brokers import Broker
from hal.clock import SystemClock
from hal.ip_line import IpLine
from hal.mqtt import MqttLink
from sim.loopback import free_port
from sim.net import Net
from tests.core.memory_store import QuietLog
from tests.sync.processes import READY_S

ENGINE = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
TILL = "BARROW-0001"
UP, DN, ST = (f"barrow/v1/{TILL}/{tail}" for tail in ("up/batch", "dn/#", "st"))
ACL = "pattern write barrow/v1/%u/up/#\npattern readwrite barrow/v1/%u/st\npattern read barrow/v1/%u/dn/#\n"


class Mosquitto:
    """A real broker on loopback. authority: with TLS, for the tills that it certified; None, plain and open to all.

    more: further lines of its configuration."""

    def __init__(self, folder, authority=None, more=""):
        self.port, self.log = free_port(), folder / "mosquitto.log"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "set_tcp_nodelay true",
            f"log_dest file {self.log}",
            "log_type all",
            "user root",
            more,
        ]
        if authority:
            certificate, key = authority.server()
            (folder / "acl").write_text(ACL)
            lines += [f"cafile {authority.file}", f"certfile {certificate}", f"keyfile {key}", "require_certificate true"]
            lines += ["use_identity_as_username true", f"acl_file {folder}/acl"]
        else:
            lines += ["allow_anonymous true"]
        self.config = folder / "mosquitto.conf"
        self.config.write_text("\n".join(lines) + "\n")
        self.broker = Broker("127.0.0.1", self.port, authority is not None)

    def __enter__(self):
        self.process = subprocess.Popen([ENGINE, "-c", self.config], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        end = time.monotonic() + READY_S
        while not self._takes_calls():
            assert self.process.poll() is None and time.monotonic() < end, self.process.communicate()
            threading.Event().wait(0.01)
        return self

    def _takes_calls(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *told):
        self.process.kill()
        self.process.communicate()

    def saw(self, pattern):
        """Its log lines with this in them."""
        return [line for line in self.log.read_text().splitlines() if re.search(pattern, line)]


class Wire(Net):
    """The bench's line, over real sockets. up, down: bytes. slow_s: each 200 bytes take so long. dark: nothing arrives."""

    def __init__(self):
        super().__init__("wifi", self.reach)
        self.line = IpLine(loopback=True)
        self.up = self.down = 0
        self.slow_s = 0
        self.dark = False

    async def reach(self, host, port):
        far = await self.line.dial(host, port)
        near, end = socket.socketpair()
        near.setblocking(False)
        end.setblocking(False)
        self.running = asyncio.create_task(self._both(near, far))
        return end

    async def _both(self, near, far):
        loop = asyncio.get_running_loop()
        up, down = asyncio.create_task(self._one(near, far, "up")), asyncio.create_task(self._one(far, near, "down"))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (near, far):
                loop.remove_reader(end)  # now, and not when the tasks hear of it: the number may be another's by then
                loop.remove_writer(end)
                end.close()
            up.cancel()
            down.cancel()

    async def _one(self, source, sink, name):
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(source, 200 if self.slow_s else 65536):
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            setattr(self, name, getattr(self, name) + len(data))
            if not self.dark:
                await loop.sock_sendall(sink, data)


class Certified:
    """An identity from files."""

    def __init__(self, authority, *files):
        self.made = tls.context(authority.read_bytes(), *files)

    def context(self):
        return self.made


class Air:
    """A till's link."""

    def __init__(self, brokers, identity=None, line=None):
        loop = asyncio.get_running_loop()
        self.line, self.log, self.mail, self.news = line or Wire(), QuietLog(), [], asyncio.Event()
        clock = SystemClock(loop.time, lambda: 1795271526, 0)
        self.link = MqttLink(self.line, tuple(brokers), identity or tls.Nobody(), clock, self.log)
        self.link.start(lambda event: self.news.set(), self._heard)

    def _heard(self, topic, payload):
        self.mail.append((topic, payload))
        self.news.set()

    async def connect(self, keepalive_s=60):
        """What it costs, in bytes: (up, down)."""
        up, down = self.line.up, self.line.down
        await self.link.connect(TILL, DN, ST, b'{"on":0}', keepalive_s)
        return self.line.up - up, self.line.down - down

    async def until(self, true, within_s=20):
        """Wait for the next news until this holds; what is not news is looked at every 20 ms."""
        async with asyncio.timeout(within_s):
            while not true():
                self.news.clear()
                await asyncio.wait((asyncio.ensure_future(self.news.wait()),), timeout=0.02)

    def said(self, text):
        return [line for line in self.log.lines if text in line]
