"""The bench's Wi-Fi: it can be cut, slow, lossy, a login page, or a hole into which everything falls.

Bytes pass through a Wire. One that was cut tells nobody: what was under way is lost, and either end learns of it from
silence, from its own radio, or from what it hears when it calls again."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from hal.ports.board import Random
from hal.ports.faults import LinkDown
from hal.random import seeded
from sim.net_wire import PACKET, Air, Wire

Dial = Callable[[str, int], Awaitable[socket.socket]]
LOGIN_PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://login.invalid/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
OPEN, CAPTIVE, HOLE = "open", "captive", "hole"


class Net(Air):
    """A line as hal/mqtt.py wants it; the knobs are set(), behave() and quality. far(host, port): the net behind it.

    name: "off", or what it is. bars: knob. reports: how attempts ended."""

    def __init__(self, name: str, far: Dial, chance: Random | None = None, cost: int = 0) -> None:
        super().__init__(chance or seeded(1))
        self.far = far
        self.name = name
        self.cost = cost
        self.manners = OPEN
        self.strength = 4
        self.moved: Callable[[], None] = lambda: None
        self.wires: set[Wire] = set()
        self.reports: list[tuple[bool, str]] = []

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
        self.wires.add(Wire(self, near, far, self.wires.discard))
        return till

    async def answers(self, host: str, port: int) -> socket.socket:
        """Whoever takes the call."""
        if self.manners == OPEN:
            return await self.far(host, port)
        far, host_end = socket.socketpair()
        host_end.setblocking(False)
        asyncio.get_running_loop().create_task(stranger(host_end, self.manners))
        return far

    def report(self, good: bool, why: str) -> None:
        """How the last attempt ended."""
        self.reports.append((good, why))

    def spent(self) -> int:
        """Bytes, both ways."""
        return self.carried


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
