"""A TCP proxy with a will of its own, from a seed: it delays, splits, goes dark, dies in one direction, and resets.

The same proxy stands in the loop of virtual time (dial) and before real processes (serve). Order within a connection is
kept, as TCP keeps it; everything else may happen."""

import asyncio
import random
import socket
import struct

CHUNK = 65536
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST (socket(7))
FATES = ("none", "reset", "dark", "up_dead", "down_dead")
LIFE = 12_000  # bytes, about, until a fate strikes
PAUSES_S = (0, 0, 0, 0.002, 0.03, 0.4)
PIECES = (CHUNK, CHUNK, 700, 40, 1)  # bytes; 1: a lonely byte, and then the rest


class Proxy:
    """far(): a coroutine that gives a connected, non-blocking socket to who is behind. calm: passes everything on at once.
    fates: of which each connection draws one."""

    def __init__(self, far, chance: random.Random, fates=FATES):
        self.far = far
        self.fates = fates
        self.chance = chance
        self.calm = False
        self.carrying = set()
        self.struck = dict.fromkeys(FATES, 0)

    async def dial(self):
        """Through the proxy, within this loop."""
        far = await self.far()
        near, ours = socket.socketpair()
        for end in (near, ours):
            end.setblocking(False)
        self._carry(ours, far)
        return near

    async def serve(self):
        """On a port of the loopback, until close(); the port."""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.door.setblocking(False)
        self._keep(self._accept())
        return self.door.getsockname()[1]

    def close(self):
        """Every connection is gone."""
        for task in list(self.carrying):
            task.cancel()
        if hasattr(self, "door"):
            self.door.close()

    async def _accept(self):
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(self.door)
            near.setblocking(False)
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._carry(near, await self.far())
            except OSError:
                near.close()

    def _keep(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.carrying.add(task)
        task.add_done_callback(self.carrying.discard)

    def _carry(self, near, far):
        fate = "none" if self.calm else self.chance.choice(self.fates)
        self._keep(Connection(self, near, far, fate, self.chance.randrange(LIFE)).run())


class Connection:
    """fate: what strikes once `left` bytes have passed, both ways counted."""

    def __init__(self, proxy, near, far, fate, left):
        self.proxy, self.near, self.far, self.fate, self.left = proxy, near, far, fate, left
        self.chance = random.Random(proxy.chance.random())

    async def run(self):
        ways = [asyncio.ensure_future(self._way(*way)) for way in (("up", self.near, self.far), ("down", self.far, self.near))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (self.near, self.far):
                if self.fate == "reset" and self.left <= 0 and end.family == socket.AF_INET:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                end.close()

    async def _way(self, name, source, sink):
        """One direction: ends with the connection."""
        loop = asyncio.get_running_loop()
        try:
            while data := await loop.sock_recv(source, CHUNK):
                if not await self._pass(name, sink, data):
                    return
        except OSError:
            return  # either end went away: so does the other

    async def _pass(self, name, sink, data):
        """False when the connection is to end."""
        loop = asyncio.get_running_loop()
        for piece in self._pieces(data):
            pause = 0 if self.proxy.calm else self.chance.choice(PAUSES_S)
            if pause:
                await asyncio.sleep(pause)
            if self._alive(len(piece)):
                await loop.sock_sendall(sink, piece)
            elif self.fate == "reset":
                return False
            elif self.fate not in ("dark", name + "_dead"):
                await loop.sock_sendall(sink, piece)
            # else it is swallowed, and the other end hears nothing of it
        return True

    def _pieces(self, data):
        """In one, in packets, or with a lonely byte in front."""
        size = CHUNK if self.proxy.calm else self.chance.choice(PIECES)
        if size == 1:
            return [data[:1], data[1:]] if len(data) > 1 else [data]
        return [data[at : at + size] for at in range(0, len(data), size)]

    def _alive(self, size):
        """Has the fate not struck yet, after so many bytes more?"""
        before, self.left = self.left, self.left - size
        if self.fate == "none" or (self.proxy.calm and before > 0):
            return True
        if before > 0 >= self.left:
            self.proxy.struck[self.fate] += 1
        return self.left > 0
