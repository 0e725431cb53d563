"""The bench's Wi-Fi: it can be cut, slow, lossy, a login page, or a hole into which everything falls.

Bytes pass through a Wire. One that was cut tells nobody: what was under way is lost, and either end learns of it from
silence, from its own radio, or from what it hears when it calls again."""

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hal.ports.board import Random
from hal.ports.faults import LinkDown
from hal.random import seeded

Dial = Callable[[str, int], Awaitable[socket.socket]]
CHUNK = 65536
PACKET = 1460  # bytes of a TCP segment
LOST_S = 0.2  # what a lost packet costs: it is sent again
LOGIN_PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://login.invalid/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
OPEN, CAPTIVE, HOLE = "open", "captive", "hole"


@dataclass(frozen=True)
class Quality:
    """latency_s: there and back. loss: of a hundred packets. rate: bits/s each way, 0 is no limit."""

    latency_s: float = 0.0
    loss: float = 0.0
    rate: int = 0


PERFECT = Quality()


class Net:
    """A line as hal/mqtt.py wants it; the knobs are set(), behave() and quality. far(host, port): the net behind it.

    name: "off", or what it is. bars: knob. reports: how attempts ended. carried: bytes, both ways."""

    def __init__(self, name: str, far: Dial, chance: Random | None = None, cost: int = 0) -> None:
        self.far = far
        self.name = name
        self.cost = cost
        self.chance = chance or seeded(1)
        self.manners = OPEN
        self.quality = Quality()
        self.strength = 4
        self.moved: Callable[[], None] = lambda: None
        self.wires: set[Wire] = set()
        self.reports: list[tuple[bool, str]] = []
        self.carried = 0

    @property
    def state(self) -> str:
        return "off" if self.name == "off" else "line"

    @property
    def bars(self) -> int:
        return 0 if self.name == "off" else self.strength

    def start(self, moved: Callable[[], None]) -> None:
        """moved() is called at each change of state."""
        self.moved = moved

    # ---- knobs

    def set(self, name: str) -> None:
        """ "off", or the name that it has when it is up."""
        if name == self.name:
            return
        self.name = name
        if name == "off":
            self.drop()
        self.moved()

    def behave(self, manners: str) -> None:
        """OPEN; CAPTIVE: everybody who is called answers with a login page; HOLE: calls are taken, and nothing passes."""
        if manners == self.manners:
            return
        self.manners = manners
        for wire in self.wires:
            wire.black = True

    def signal(self, bars: int) -> None:
        """0..4; what comes through is another knob."""
        self.strength = bars
        self.moved()

    def drop(self) -> None:
        """Every connection is black from now on, and the till's end of it is gone."""
        for wire in self.wires:
            wire.cut()

    def close(self) -> None:
        """The end of the bench."""
        for wire in list(self.wires):
            wire.close()

    # ---- a line

    async def dial(self, host: str, port: int) -> socket.socket:
        """A connected, non-blocking socket to whoever answers. Raises LinkDown, OSError."""
        if self.name == "off":
            raise LinkDown("no line")
        await self.delay(1)
        far = await self.answers(host, port)
        if self.state == "off":
            far.close()
            raise LinkDown("the line went away during the call")
        near, till = socket.socketpair()
        for end in (far, near, till):
            end.setblocking(False)
        Wire(self, near, far)
        return till

    async def answers(self, host: str, port: int) -> socket.socket:
        """Whoever takes the call."""
        if self.manners == OPEN:
            return await self.far(host, port)
        far, host_end = socket.socketpair()
        host_end.setblocking(False)
        asyncio.get_running_loop().create_task(stranger(host_end, self.manners))
        return far

    async def delay(self, trips: float) -> None:
        """So many times there and back."""
        if wait := self.quality.latency_s * trips + self.lost(1):
            await asyncio.sleep(wait)

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

    def report(self, good: bool, why: str) -> None:
        """How the last attempt ended."""
        self.reports.append((good, why))

    def spent(self) -> int:
        """Bytes, both ways."""
        return self.carried


class Wire:
    """One connection through the net. black: nothing passes any more, and no end is told how the other fares."""

    def __init__(self, net: Net, near: socket.socket, far: socket.socket) -> None:
        self.net = net
        self.near = near
        self.far = far
        self.black = False
        loop = asyncio.get_running_loop()
        net.wires.add(self)
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
        self.net.wires.discard(self)
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
            while data := await loop.sock_recv(source, CHUNK if self.net.quality == PERFECT else PACKET):
                if not self.black:
                    self.net.carried += len(data)
                    await lane.take(data)
            await lane.empty()
        except OSError:
            return
        finally:
            lane.end()


class Lane:
    """One direction: a packet leaves when the one before has left, and arrives after half the latency and its losses."""

    def __init__(self, sink: socket.socket, wire: "Wire") -> None:
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
        net, now = self.wire.net, self.loop.time()
        quality = net.quality
        if quality.rate:
            self.left = max(self.left, now) + len(data) * 8 / quality.rate
        else:
            self.left = now
        self.arrived = max(self.arrived, self.left + quality.latency_s / 2 + net.lost(-(-len(data) // PACKET)))
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


async def stranger(sock: socket.socket, manners: str) -> None:
    """Not the broker: a login page for whatever is said, or silence. Until the caller hangs up."""
    loop = asyncio.get_running_loop()
    try:
        if await loop.sock_recv(sock, PACKET) and manners == CAPTIVE:
            await loop.sock_sendall(sock, LOGIN_PAGE)
        else:
            while await loop.sock_recv(sock, PACKET):
                """What is said goes nowhere."""
    except OSError:
        return
    finally:
        sock.close()
