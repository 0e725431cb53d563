"""What the tills send, off one broker or several, or out of a buffer: connection after connection, onto one queue.

A broker's retained births, which it shows as we subscribe, are tills that may wait for us: they are welcomed. What is behind a
buffer waits for nobody: whatever was sent meanwhile is in it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from socket import socket
from typing import NamedTuple

from firmware.sync import wire
from fleet.clerk import Message
from fleet.client import Client, Connection, Delivery, Refused

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
KEEPALIVE_S = 60
IN_FLIGHT = 256  # messages that a broker hands us before we acknowledged one
QUEUE_MAX = 2 * IN_FLIGHT  # beyond it we stop reading: who sends at QoS 0 is kept in by nothing else
UP, STATE, CLAIMS = "barrow/v1/+/up/#", "barrow/v1/+/st", "barrow/v1/claim/+/up"
SHARE = f"$share/collectors/{UP}"  # each message to one of us

Dial = Callable[[], Awaitable[socket]]
Heard = Callable[[Delivery], None]


class End(NamedTuple):
    """A broker: dial() gives a connected socket or raises; ready() is told when we collect from it."""

    dial: Dial
    ready: Callable[[], None] = lambda: None


class Buffer(NamedTuple):
    """Something that keeps what the tills sent until we have it. open(heard) gives a connection or raises."""

    open: Callable[[Heard], Awaitable[Connection]]
    ready: Callable[[], None] = lambda: None


class Broker:
    """How a connection to one is opened. shared: other collectors take their share of what comes, where it has MQTT 5."""

    def __init__(self, dial: Dial, name: str, shared: bool) -> None:
        self.dial = dial
        self.name = name
        self.shared = shared
        self.five: bool | None = None if shared else False  # does it speak MQTT 5? None: it was not asked yet

    async def open(self, heard: Heard) -> Connection:
        """Subscribed to all that a collector wants. Raises OSError, and whatever dial raises."""
        try:
            if self.five is None:
                self.five = await self._speaks_five(heard)
            client = Client(await self.dial(), heard, self.five, IN_FLIGHT if self.five else 0)
            await client.open(self.name, [SHARE if self.five else UP, STATE, CLAIMS], KEEPALIVE_S)
        except Refused:  # it was another broker's address the last time
            self.five = None if self.shared else False
            raise
        return client

    async def _speaks_five(self, heard: Heard) -> bool:
        """Has this broker MQTT 5, and with it shares? Asked without properties: some brokers of 3.1.1 take those for a
        length, and wait for the rest. Without shares we take all."""
        client = Client(await self.dial(), heard, True)
        try:
            await client.open(self.name, [], KEEPALIVE_S)
        except Refused:
            return False
        client.close()
        return True


class Intake:
    """name: this collector's, on the broker. clients: the connections that stand."""

    def __init__(self, name: str, shared: bool, log: Callable[[str], None]) -> None:
        self.clients: list[Connection] = []
        self.name = name
        self.shared = shared
        self.log = log
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._fit = asyncio.Event()  # somebody takes what comes in
        self._fit.set()

    @property
    def waiting(self) -> int:
        """Messages that nobody has taken yet."""
        return self._queue.qsize()

    async def attend(self, end: "End | Buffer") -> None:
        """For ever: over one connection after another."""
        word = "broker" if isinstance(end, End) else "buffer"
        source = Broker(end.dial, self.name, self.shared) if isinstance(end, End) else end
        pause = FIRST_PAUSE_S
        while True:
            await self._fit.wait()
            try:
                client = await source.open(self._heard)
                self.clients.append(client)
                pause = FIRST_PAUSE_S
                end.ready()
                await client.serve()
            except Exception as fault:  # whatever a dial of another room may raise: it is no reason to stop collecting
                self.log(f"no {word}: {fault}")
            self.clients = [client for client in self.clients if not client.ended.done()]
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def group(self, most: int) -> list[Delivery]:
        """What has come, at least one and `most` at the most. Room for more of them is made by `taken`."""
        group = [await self._queue.get()]
        while len(group) < most and not self._queue.empty():
            group.append(self._queue.get_nowait())
        return group

    def taken(self) -> None:
        """A group was answered: go on reading where we had stopped."""
        if self.waiting < QUEUE_MAX // 2:
            for client in self.clients:
                client.resume()

    def tell(self, messages: Sequence[Message]) -> None:
        """Over every connection: nobody knows behind which a till is."""
        for client in self.clients:
            client.say(messages)

    def leave(self, why: str) -> None:
        """Go from the brokers until `back`, so that other collectors get our share. Nothing that we hold was acknowledged; who
        sent it sends it again as soon as we are back and welcome it."""
        self._fit.clear()
        for client in self.clients:
            client.close(why)
        self.clients = []
        while not self._queue.empty():
            self._queue.get_nowait()

    def back(self) -> None:
        """Collect again."""
        self._fit.set()

    def _heard(self, delivery: Delivery) -> None:
        if delivery.topic.endswith("/" + wire.STATE) and not delivery.retained:
            delivery.client.done(delivery)  # a till that comes now says hello itself
            return
        self._queue.put_nowait(delivery)
        if self.waiting >= QUEUE_MAX:
            delivery.client.pause()
