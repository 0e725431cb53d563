"""The air of the bench's Wi-Fi, and one connection through it: packets that take their time, and a wire that may go black."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hal.ports.board import Random

CHUNK = 65536
PACKET = 1460  # bytes of a TCP segment
LOST_S = 0.2  # what a lost packet costs: it is sent again


@dataclass(frozen=True)
class Quality:
    """latency_s: there and back. loss: of a hundred packets. rate: bits/s each way, 0 is no limit."""

    latency_s: float = 0.0
    loss: float = 0.0
    rate: int = 0


PERFECT = Quality()


class Air:
    """What every connection goes through. quality: a knob. carried: bytes, both ways."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.quality = PERFECT
        self.carried = 0

    def lost(self, packets: int) -> float:
        """Seconds that this many packets spend on being lost."""
        limit = round(self.quality.loss * 1000)
        if not limit:
            return 0.0
        wasted = 0.0
        for _ in range(packets):
            while self.chance.below(100_000) < min(limit, 90_000):
                wasted += LOST_S
        return wasted

    async def delay(self, trips: float) -> None:
        """So many times there and back."""
        if wait := self.quality.latency_s * trips + self.lost(1):
            await asyncio.sleep(wait)


class Wire:
    """One connection. black: nothing passes any more, and no end is told how the other fares. gone: called when it is over."""

    def __init__(self, air: Air, near: socket.socket, far: socket.socket, gone: "Callable[[Wire], None]") -> None:
        self.air = air
        self.gone = gone
        self.near = near
        self.far = far
        self.black = False
        loop = asyncio.get_running_loop()
        self.up = loop.create_task(self.carry(near, far))
        self.down = loop.create_task(self.carry(far, near))
        self.up.add_done_callback(lambda task: self.ended(near))
        self.down.add_done_callback(lambda task: self.ended(far))

    def cut(self) -> None:
        """The till's own radio is off: its end is gone, and the far one hears nothing of it."""
        self.black = True
        self.up.cancel()

    def ended(self, end: socket.socket) -> None:
        """This end has hung up. The other hears of it, unless nothing passes."""
        shut(end)
        if not self.black or (self.up.done() and self.down.done()):
            self.close()

    def close(self) -> None:
        """Both ends."""
        self.gone(self)
        for task in (self.up, self.down):
            if not task.done():
                task.cancel()
        for end in (self.near, self.far):
            shut(end)

    async def carry(self, source: socket.socket, sink: socket.socket) -> None:
        """Until the source ends; in order, each piece when its time has come."""
        loop = asyncio.get_running_loop()
        lane = Lane(sink, self)
        try:
            while data := await loop.sock_recv(source, CHUNK if self.air.quality == PERFECT else PACKET):
                if not self.black:
                    self.air.carried += len(data)
                    await lane.take(data)
            await lane.empty()
        except OSError:
            return
        finally:
            lane.end()


class Lane:
    """One direction: a packet leaves when the one before has left, and arrives after half the latency and its losses."""

    def __init__(self, sink: socket.socket, wire: Wire) -> None:
        self.loop = asyncio.get_running_loop()
        self.sink = sink
        self.wire = wire
        self.arrived = 0.0
        self.left = 0.0
        self.under_way: deque[tuple[float, bytes]] = deque()
        self.more = asyncio.Event()
        self.rest = asyncio.Event()
        self.bringing: asyncio.Task[None] | None = None

    async def take(self, data: bytes) -> None:
        """Returns when there is room for the next packet."""
        air, now = self.wire.air, self.loop.time()
        quality = air.quality
        if quality.rate:
            self.left = max(self.left, now) + len(data) * 8 / quality.rate
        else:
            self.left = now
        self.arrived = max(self.arrived, self.left + quality.latency_s / 2 + air.lost(-(-len(data) // PACKET)))
        if self.arrived <= now and not self.under_way:
            await self.loop.sock_sendall(self.sink, data)
            return
        self.under_way.append((self.arrived, data))
        self.rest.clear()
        self.more.set()
        if self.bringing is None:
            self.bringing = self.loop.create_task(self.bring())
        if self.left > now:
            await asyncio.sleep(self.left - now)

    async def bring(self) -> None:
        while True:
            if not self.under_way:
                self.rest.set()
                self.more.clear()
                await self.more.wait()
            at, data = self.under_way[0]
            if (wait := at - self.loop.time()) > 0:
                await asyncio.sleep(wait)
            if not self.wire.black:
                try:
                    await self.loop.sock_sendall(self.sink, data)
                except OSError:
                    self.wire.black = True
            self.under_way.popleft()

    async def empty(self) -> None:
        """Until all that is under way has arrived."""
        if self.under_way:
            await self.rest.wait()

    def end(self) -> None:
        if self.bringing:
            self.bringing.cancel()


def shut(end: socket.socket) -> None:
    """Close it, and have the loop forget it first: a task that is cancelled does so later, when its number may be another's."""
    if end.fileno() >= 0:
        loop = asyncio.get_running_loop()
        loop.remove_reader(end)
        loop.remove_writer(end)
        end.close()
