"""The line out of the bench: Wi-Fi that can be cut. Bytes pass through a relay, so that a cut line carries nothing.

A line that was cut tells nobody on the far end: what was under way is lost, and the far end learns it from silence."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from hal.ports.faults import LinkDown

Dial = Callable[[str, int], Awaitable[socket.socket]]
CHUNK = 65536


class Net:
    """A line as hal/mqtt.py wants it. `set` is the bench's knob; reports: how the calls ended; far(host, port): the net."""

    cost = 0

    def __init__(self, name: str, far: Dial) -> None:
        self.far = far
        self.name = name
        self.moved: Callable[[], None] = lambda: None
        self.relays: set[asyncio.Task[None]] = set()
        self.reports: list[tuple[bool, str]] = []

    @property
    def state(self) -> str:
        return "off" if self.name == "off" else "line"

    @property
    def bars(self) -> int:
        return 0 if self.name == "off" else 4

    def start(self, moved: Callable[[], None]) -> None:
        """moved() is called at each change of state."""
        self.moved = moved

    def set(self, name: str) -> None:
        """ "wifi" or "off"."""
        if name == self.name:
            return
        self.name = name
        if name == "off":
            self.drop()
        self.moved()

    def drop(self) -> None:
        """Every connection is black from now on."""
        for relay in self.relays:
            relay.cancel()
        self.relays.clear()

    async def dial(self, host: str, port: int) -> socket.socket:
        """A connected, non-blocking socket to the broker. Raises LinkDown."""
        if self.name == "off":
            raise LinkDown("no line")
        far = await self.far(host, port)
        near, till = socket.socketpair()
        for end in (far, near, till):
            end.setblocking(False)
        relay = asyncio.get_running_loop().create_task(relay_both(near, far))
        self.relays.add(relay)
        relay.add_done_callback(self.relays.discard)
        return till

    def report(self, good: bool, why: str) -> None:
        """How the last call ended."""
        self.reports.append((good, why))

    def spent(self) -> int:
        """Nobody counts on Wi-Fi."""
        return 0


async def relay_both(near: socket.socket, far: socket.socket) -> None:
    """Carry bytes both ways until either end closes; then close both, as a TCP reset would."""
    up = asyncio.create_task(relay(near, far))
    down = asyncio.create_task(relay(far, near))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
    finally:
        up.cancel()
        down.cancel()
        near.close()
        far.close()


async def relay(source: socket.socket, sink: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while data := await loop.sock_recv(source, CHUNK):
        await loop.sock_sendall(sink, data)
