"""The virtual modem's air: TCP connections over a cell that has a rate, a latency and a loss, and that may go black.

The far ends are real sockets. What TCP would mend is mended: a lost segment costs its retransmission's time, never a byte;
black air delivers nothing, and what waited goes on when it clears."""

import asyncio
import contextvars
import random
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from hal.ports.faults import Fault

SEGMENT = 1400  # bytes
SEND_BUFFER = 10_240  # bytes that the modem takes before the far end has acknowledged them
WINDOW = 65_536  # bytes that the far end may send before the host reads them
RESEND_S = 0.2  # and a round trip: what a lost segment costs
FORGOTTEN_S = 120.0  # until a far end notices that nobody is there any more

Far = Callable[[str, int], Awaitable[socket.socket]]


class Air:
    """rate: bit/s each way, 0 is no limit. latency: seconds one way. loss: 0..1 of the segments."""

    def __init__(self, loop: asyncio.AbstractEventLoop, far: Far, chance: random.Random) -> None:
        self.loop = loop
        self.far = far
        self.chance = chance
        self.context = contextvars.copy_context()  # a modem's tasks are its own, whoever switched it on
        self.rate = 0
        self.latency = 0.0
        self.loss = 0.0
        self.clear = asyncio.Event()
        self.clear.set()
        self.up = self.down = 0  # bytes of payload carried
        self._busy = {"up": 0.0, "down": 0.0}
        self._forgotten: set[socket.socket] = set()

    def task(self, work: "Coroutine[Any, Any, None]") -> "asyncio.Task[None]":
        return self.loop.create_task(work, context=self.context)

    def due(self, way: str, size: int) -> float:
        """Loop time at which so many bytes, sent now, are at the other end."""
        start = max(self._busy[way], self.loop.time())
        self._busy[way] = start + (size * 8 / self.rate if self.rate else 0.0)
        lost = RESEND_S + 2 * self.latency if self.loss and self.chance.random() < self.loss else 0.0
        return self._busy[way] + self.latency + lost

    async def until(self, due: float) -> None:
        """That time has come, and the air is clear."""
        if due > self.loop.time():
            await asyncio.sleep(due - self.loop.time())
        await self.clear.wait()

    def forget(self, far: socket.socket) -> None:
        """The far end is told nothing."""
        self._forgotten.add(far)
        self.loop.call_later(FORGOTTEN_S, self._lapse, far)

    def close(self) -> None:
        for far in list(self._forgotten):
            self._lapse(far)

    def _lapse(self, far: socket.socket) -> None:
        self._forgotten.discard(far)
        far.close()


class Tcp:
    """One connection. opened(error), arrived() and ended() are called as it happens; error: "", "dns", "refused".

    inbox: bytes that came and were not read. unacked: sent, and not known to have come."""

    def __init__(self, air: Air, opened: Callable[[str], None], arrived: Callable[[], None], ended: Callable[[], None]) -> None:
        self.air = air
        self.opened = opened
        self.arrived = arrived
        self.ended = ended
        self.open = False
        self.inbox = bytearray()
        self.unacked = 0
        self._far: socket.socket | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._up: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._down: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._due = {"up": 0.0, "down": 0.0}

    def call(self, host: str, port: int) -> None:
        self._do(self._call(host, port))

    def send(self, data: bytes) -> bool:
        """False when the send buffer has no room for all of it."""
        if self.unacked + len(data) > SEND_BUFFER:
            return False
        self.unacked += len(data)
        for at in range(0, len(data), SEGMENT):
            self._up.put_nowait(self._stamped("up", data[at : at + SEGMENT]))
        return True

    def take(self, most: int) -> bytes:
        """Out of the inbox."""
        data = bytes(self.inbox[:most])
        del self.inbox[:most]
        if len(self.inbox) < WINDOW:
            self._room.set()
        return data

    async def flushed(self, most_s: float) -> None:
        """All that was sent has come, or the time is over."""
        end = self.air.loop.time() + most_s
        while self.open and self.unacked and self.air.loop.time() < end:  # noqa: ASYNC110 (a modem polls, too)
            await asyncio.sleep(min(0.05, end - self.air.loop.time()))

    def close(self) -> None:
        """The far end is told."""
        self._stop()
        if self._far:
            self._far.close()

    def vanish(self) -> None:
        """The far end is told nothing."""
        self._stop()
        if self._far:
            self.air.forget(self._far)

    def _stop(self) -> None:
        self.open = False
        for task in self._tasks:
            task.cancel()
        if self._far:  # now, and not when the tasks hear of it: the number may be another's by then
            self.air.loop.remove_reader(self._far)
            self.air.loop.remove_writer(self._far)

    def _do(self, work: "Coroutine[Any, Any, None]") -> None:
        task = self.air.task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stamped(self, way: str, data: bytes) -> "tuple[float, bytes]":
        self._due[way] = max(self._due[way], self.air.due(way, len(data)))  # TCP keeps the order
        return self._due[way], data

    async def _call(self, host: str, port: int) -> None:
        await self.air.until(self.air.loop.time() + 2 * self.air.latency)
        try:
            self._far = await self.air.far(host, port)
        except socket.gaierror:
            self.opened("dns")
            return
        except (OSError, Fault):
            self.opened("refused")
            return
        self._far.setblocking(False)
        self.open = True
        self.opened("")
        for work in (self._carry_up(self._far), self._fetch(self._far), self._deliver()):
            self._do(work)

    async def _carry_up(self, far: socket.socket) -> None:
        while True:
            due, data = await self._up.get()
            await self.air.until(due)
            try:
                await self.air.loop.sock_sendall(far, data)
            except OSError:
                return
            self.air.up += len(data)
            self.air.loop.call_later(self.air.latency, self._acked, len(data))

    def _acked(self, size: int) -> None:
        self.unacked -= size

    async def _fetch(self, far: socket.socket) -> None:
        data = b"?"
        while data:
            await self._room.wait()
            try:
                data = await self.air.loop.sock_recv(far, SEGMENT)
            except OSError:
                data = b""
            self._down.put_nowait(self._stamped("down", data))
            if len(self.inbox) + self._down.qsize() * SEGMENT >= WINDOW:
                self._room.clear()

    async def _deliver(self) -> None:
        while True:
            due, data = await self._down.get()
            await self.air.until(due)
            if not data:
                self.open = False
                self.ended()
                return
            self.air.down += len(data)
            self.inbox += data
            self.arrived()
            if len(self.inbox) < WINDOW:
                self._room.set()


class Knobs:
    """The air's, as a modem has them."""

    air: Air

    @property
    def rate(self) -> int:
        """bit/s, 0 is no limit."""
        return self.air.rate

    @rate.setter
    def rate(self, bits: int) -> None:
        self.air.rate = bits

    @property
    def latency(self) -> float:
        """Seconds one way."""
        return self.air.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.air.latency = seconds

    @property
    def loss(self) -> float:
        return self.air.loss

    @loss.setter
    def loss(self, share: float) -> None:
        self.air.loss = share

    @property
    def air_up(self) -> int:
        return self.air.up

    @property
    def air_down(self) -> int:
        return self.air.down
