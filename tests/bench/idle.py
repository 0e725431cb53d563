"""Idle: the real process `python -m hal run` on this machine, with no device on its cables, as strace and /proc see it.

A wake-up is an epoll_wait of the loop that returns. The feeds of the watchdog, one each ten seconds, are counted apart: they are
the price of being watched. "Down" is a network of its own in which nothing is up; "up" is an idle session with a broker here."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sim.loopback import free_port
from tests.bench.figure import Figure

ROOT = Path(__file__).parents[2]
SETTLED_S, SECONDS = 60, 60  # by then nothing is looked for every second any more; how long is counted
ZERO_2 = 12  # a Pi Zero 2 W is so many times slower (research/hardware.md: 10 to 15)
WOKEN = r"epoll_p?wait\(.*, [1-9-][0-9]*\) += [0-9]"  # a look without waiting (timeout 0) is no wake-up
TICK = os.sysconf("SC_CLK_TCK")


class Till:
    """A till of its own folder, as systemd would start it."""

    def __init__(self, folder: Path, port: int, alone: bool) -> None:
        shutil.copytree(ROOT / "config", folder / "config")
        self.edit(
            folder, "board.json", lambda board: board.pop("modem") and board.update(store={"folder": str(folder), "mirror": ""})
        )
        self.edit(folder, "brokers.json", lambda far: far.update(brokers=[{"host": "127.0.0.1", "port": port, "tls": False}]))
        if alone:  # not only this machine is dialled, so that the line follows its interfaces
            self.edit(folder, "brokers.json", lambda far: far["brokers"][0].update(host="broker.invalid"))
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.systemd.bind(str(folder / "notify"))
        self.systemd.setblocking(False)
        environ = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "20000000"}
        command = [sys.executable, "-m", "hal", "run", "--config", str(folder / "config")]
        self.log = (folder / "log").open("w")
        self.trace = folder / "trace"
        network = ["unshare", "--net"] if alone else []
        self.process = subprocess.Popen([*network, *command], cwd=ROOT, env=environ, stderr=self.log)

    @staticmethod
    def edit(folder: Path, name: str, change) -> None:
        path = folder / "config" / name
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

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

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.systemd.close()
        self.log.close()


def broker(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    return subprocess.Popen(
        ["mosquitto", "-c", str(folder / "mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def measure() -> "list[Figure]":
    if not all(map(shutil.which, ("strace", "mosquitto", "unshare"))) or os.geteuid():
        print("idle: needs strace, mosquitto, unshare and root; left out", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, tempfile.TemporaryDirectory() as far:
        port = free_port()
        pipe = broker(Path(far), port)
        down, up = Till(Path(one), port, True), Till(Path(two), port, False)
        try:
            with ThreadPoolExecutor(2) as pool:
                (down_woken, *_), (up_woken, cpu, rss) = pool.map(Till.counted, (down, up))
        finally:
            down.end()
            up.end()
            pipe.terminate()
            pipe.wait(10)
    return [
        Figure("idle.wakeups_per_minute_down", down_woken, "", 2),
        Figure("idle.wakeups_per_minute_up", up_woken, "", 8),
        Figure("idle.cpu_percent", cpu, "%", 0.5, f"Pi Zero 2, estimated x{ZERO_2}", round(cpu * ZERO_2, 3)),
        Figure("boot.rss_mib", rss, "MiB"),
    ]
