"""The modem's line at 115,200 baud over 1 Mbit/s and 80 ms there and back: payload a second each way beside what the bare line
could carry (10 bits a byte), and the bytes that AT commands add on the serial line.

In virtual time; the virtual modem takes 3 to 10 ms before each answer."""

import asyncio
import random
import socket

from hal import modem_set
from hal.board_file import Modem as Settings
from hal.modem import ModemLine
from sim.chips.modem import Modem
from sim.clock import BenchClock, run
from sim.setup import CONFIG
from tests.bench.figure import Figure
from tests.contract.modem_stand import Stand, standing
from tests.core.memory_store import QuietLog

BAUD = 115_200
IDEAL_KB_S = BAUD / 10 / 1000
SIZE = 200_000
OVERHEAD_LIMIT = 8.0  # percent


class FarEnd:
    """Takes a call, and hears or speaks `SIZE` bytes."""

    def __init__(self, speaks: bool) -> None:
        self.speaks = speaks
        self.heard = 0
        self.all_heard = asyncio.Event()

    async def __call__(self, host: str, port: int) -> socket.socket:
        near, self.end = socket.socketpair()
        self.end.setblocking(False)
        self.task = asyncio.create_task(self.serve())
        return near

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        if self.speaks:
            await loop.sock_sendall(self.end, random.Random(1).randbytes(SIZE))
        while self.heard < SIZE and not self.speaks:
            self.heard += len(await loop.sock_recv(self.end, 65536))
        self.all_heard.set()


async def carry(maker: str, down: bool) -> "tuple[float, float]":
    """kB of payload a second, and percent that the serial line carried beside it."""
    loop = asyncio.get_running_loop()
    far = FarEnd(speaks=down)
    chip = Modem(loop, far, maker, BAUD)
    chip.rate, chip.latency = 1_000_000, 0.04
    clock, up = BenchClock(loop, 0, 0), asyncio.Event()
    settings = Settings("", BAUD, maker, "internet", "", None, True)
    line = ModemLine(chip.take_host, modem_set.load(CONFIG, maker), settings, None, clock, QuietLog())
    line.start(up.set)
    await up.wait()
    sock = await line.dial("broker.example", 8883)
    began, serial = loop.time(), chip.received + chip.sent
    if down:
        left = SIZE
        while left:
            left -= len(await loop.sock_recv(sock, 65536))
    else:
        await loop.sock_sendall(sock, random.Random(1).randbytes(SIZE))
        await far.all_heard.wait()
    took, serial = loop.time() - began, chip.received + chip.sent - serial
    line.drop()
    chip.close()
    far.end.close()
    sock.close()
    return SIZE / took / 1000, (serial / SIZE - 1) * 100


def comes_back(maker: str, fault: str) -> float:
    """Seconds from the end of a lost cell, or from the beginning of a hang, until the line is there again."""
    took: list[float] = []

    async def story(stand: Stand) -> None:
        await stand.up()
        sock = await stand.dial()
        (stand.chip.drop if fault == "drop" else stand.chip.hang)()
        began = stand.loop.time()
        call = asyncio.create_task(stand.echo(sock, b"is anybody there"))
        await stand.until("off")
        if fault == "drop":
            began = stand.loop.time()
            stand.chip.restore()
        await stand.until("line")
        took.append(stand.loop.time() - began)
        await asyncio.wait((call,))
        sock.close()

    standing(maker, story)
    return took[0]


def measure() -> "list[Figure]":
    figures = []
    for maker in ("quectel", "simcom"):
        for way in ("up", "down"):
            kb_s, overhead = run(carry(maker, way == "down"))
            figures.append(Figure(f"air.modem_{maker}_{way}_kB_s", kb_s, "kB/s", None, f"the bare line, {BAUD} baud", IDEAL_KB_S))
            figures.append(Figure(f"air.modem_{maker}_{way}_overhead", overhead, "%", OVERHEAD_LIMIT))
        figures.append(Figure(f"air.modem_{maker}_cell_back_s", comes_back(maker, "drop"), "s", 2))  # 1 s until the cell takes it
        figures.append(Figure(f"air.modem_{maker}_hang_back_s", comes_back(maker, "hang"), "s", 80))  # a minute's silence first
    return figures
