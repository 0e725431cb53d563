"""Idle: the real process `python -m hal run` with everything plugged in (tests/bench/stall.py), as strace and /proc see it.

A wake-up is an epoll_wait of the loop that returns. The feeds of the watchdog, one each ten seconds, are counted apart: they are
the price of being watched. Three tills at once: one without a line, whose modem searches for a cell; one with a session over the
OS's network, whose modem stands by; one with a session over the modem. Broker and collector are here, and answer.

What comes once in five minutes falls into no minute that is counted. A look at a modem that carries nothing is counted over an
hour of virtual time. The modem's session is asked by its broker for a ping a minute, and so has one and a look in each minute;
its own keepalive on a line that costs money is five minutes, so a fifth of them is its share."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hal.mqtt import METERED_KEEPALIVE_S
from sim.loopback import free_port
from tests.bench.figure import Figure
from tests.bench.stall import Chips, Stall
from tests.contract.modem_stand import MAKERS, Stand, standing
from tests.contract.nodes import preload_is_here

ROOT = Path(__file__).parents[2]
SETTLED_S, SECONDS = 78, 60  # between two looks for a cell, each twice as long after the last; how long is counted
PING_S = 60  # as the broker asks for
ZERO_2 = 12  # a Pi Zero 2 W is so many times slower (research/hardware.md: 10 to 15)
WOKEN = r"epoll_p?wait\(.*, [1-9-][0-9]*\) += [0-9]"  # a look without waiting (timeout 0) is no wake-up
TICK = os.sysconf("SC_CLK_TCK")
NEEDED = ("strace", "mosquitto", "unshare")


class Till:
    """A till of its own folder, as systemd would start it. alone: in a network in which nothing is up. cell: for its modem."""

    def __init__(self, folder: Path, chips: Chips, port: int, alone: bool, cell: bool) -> None:
        config = folder / "config"
        shutil.copytree(ROOT / "config", config)
        # not only this machine is dialled where it is alone, so that its line follows its interfaces
        broker = {"host": "broker.invalid" if alone else "127.0.0.1", "port": port, "tls": False}
        edit(config / "brokers.json", brokers=[broker])
        edit(config / "board.json", terminal=f"IDLE-{int(alone)}-{int(cell)}", store={"folder": str(folder), "mirror": ""})
        self.stall = Stall(folder, chips, port)
        self.stall.fit(config, cell)
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.systemd.bind(str(folder / "notify"))
        self.systemd.setblocking(False)
        watched = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "20000000"}
        command = [sys.executable, "-m", "hal", "run", "--config", str(config)]
        self.log = (folder / "log").open("w")
        self.trace = folder / "trace"
        network = ["unshare", "--net"] if alone else []
        environ = {**os.environ, **watched, **self.stall.environ()}
        self.process = subprocess.Popen([*network, *command], cwd=ROOT, env=environ, stderr=self.log)

    def feeds(self) -> int:
        """Messages to systemd since the last question."""
        count = 0
        while True:
            try:
                count += self.systemd.recv(4096) == b"WATCHDOG=1"
            except BlockingIOError:
                return count

    def cpu_s(self) -> float:
        ticks = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(ticks[11]) + int(ticks[12])) / TICK

    def rss_mib(self) -> float:
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    def counted(self) -> tuple[float, float, float]:
        """Wake-ups a minute beside the watchdog's, per cent of a CPU, MiB."""
        time.sleep(SETTLED_S)
        self.feeds()
        before = self.cpu_s()
        strace = ["strace", "-f", "-q", "-e", "trace=epoll_wait,epoll_pwait", "-o", str(self.trace), "-p", str(self.process.pid)]
        with subprocess.Popen(strace, stderr=subprocess.DEVNULL) as tracer:
            time.sleep(SECONDS)
            tracer.terminate()
            tracer.wait(10)
        woken = len(re.findall(WOKEN, self.trace.read_text())) - self.feeds()
        return max(0, woken) * 60 / SECONDS, (self.cpu_s() - before) * 100 / SECONDS, self.rss_mib()

    def said(self, words: str) -> bool:
        return words in Path(self.log.name).read_text()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.stall.close()
        self.systemd.close()
        self.log.close()


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@contextmanager
def fleet(folder: Path, port: int) -> "Iterator[None]":
    """A broker and a collector."""
    told = f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nacl_file {folder / 'acl'}\nmax_keepalive {PING_S}\n"
    (folder / "mosquitto.conf").write_text(told)
    # no news of documents: a till without a certificate knows no key of its fleet, and would decline each again and again
    (folder / "acl").write_text("topic readwrite #\ntopic deny barrow/v1/+/dn/notice\n")
    collect = [sys.executable, "-m", "fleet", "collect", "--broker", f"127.0.0.1:{port}", "--db", str(folder / "ledger.db")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    both = [subprocess.Popen(command, **quiet) for command in (["mosquitto", "-c", str(folder / "mosquitto.conf")], collect)]
    try:
        yield
    finally:
        for each in both:
            each.terminate()
            each.wait(10)


def modem_woken(registration: str) -> float:
    """Wake-ups a minute for a modem that carries nothing, the worse of two makers."""
    found: list[float] = []

    async def story(stand: Stand) -> None:
        stand.chip.registration = registration
        stand.start()
        await stand.woken(600)  # until it is asked as rarely as it ever is
        found.append(await stand.woken(3600) / 60)

    for maker in MAKERS:
        standing(maker, story)
    return max(found)


def measure() -> "list[Figure]":
    if not all(map(shutil.which, NEEDED)) or os.geteuid() or not preload_is_here():
        print(f"idle: needs {', '.join(NEEDED)}, umockdev and root; left out", file=sys.stderr)
        return []
    with ExitStack() as stack:
        one, two, three, far = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(4))
        port, chips = free_port(), Chips()
        stack.callback(chips.close)
        stack.enter_context(fleet(far, port))
        tills = []
        for folder, alone, cell in ((one, True, False), (two, False, True), (three, True, True)):
            tills.append(Till(folder, chips, port, alone, cell))
            stack.callback(tills[-1].end)
        pool = stack.enter_context(ThreadPoolExecutor(len(tills)))
        (down, *_), (up, cpu, rss), (over_modem, *_) = pool.map(Till.counted, tills)
        for till, online in zip(tills, (False, True, True), strict=True):
            assert till.said("net online") == online and not till.said("session broke off"), till.log.name
    searching, standing_by = modem_woken("searching"), modem_woken("home")
    modem_minute = down + (over_modem - down) * PING_S / METERED_KEEPALIVE_S
    return [
        Figure("idle.wakeups_per_minute_down", down, "", 2),
        Figure("idle.modem_searching_per_minute", searching, "", 1),
        Figure("idle.wakeups_per_minute_up", up + standing_by, "", 8),
        Figure("idle.wakeups_per_minute_4g", modem_minute, "", 8, "with a ping a minute", over_modem),
        Figure("idle.cpu_percent", cpu, "%", 0.5, f"Pi Zero 2, estimated x{ZERO_2}", round(cpu * ZERO_2, 3)),
        Figure("boot.rss_mib", rss, "MiB"),
    ]
