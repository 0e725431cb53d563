"""The collector: takes batches off one broker or several, has the clerk book them, and gives away what the ledger says.

What has come while the ledger was busy is booked together, up to GROUP messages in one transaction. Only after COMMIT are
the tills answered, and the broker after them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from socket import socket
from typing import Any, NamedTuple

from firmware.sync import wire
from fleet.clerk import Clerk, Message
from fleet.client import Client, Connection, Delivery, Refused
from fleet.db import DbDown
from fleet.ledger import Ledger
from fleet.letters import inflate as inflate

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
KEEPALIVE_S = 60
GROUP = 64  # messages of one transaction
IN_FLIGHT = 256  # messages that a broker hands us before we acknowledged one
QUEUE_MAX = 2 * IN_FLIGHT  # beyond it we stop reading: who sends at QoS 0 is kept in by nothing else
UP, STATE, CLAIMS = "barrow/v1/+/up/#", "barrow/v1/+/st", "barrow/v1/claim/+/up"
SHARE = f"$share/collectors/{UP}"  # each message to one of us

Dial = Callable[[], Awaitable[socket]]


class End(NamedTuple):
    """A broker: dial() gives a connected socket or raises; ready() is told when we collect from it."""

    dial: Dial
    ready: Callable[[], None] = lambda: None


class Buffer(NamedTuple):
    """Something that keeps what the tills sent until we have it. open(heard) gives a connection or raises."""

    open: Callable[[Callable[[Delivery], None]], Awaitable[Connection]]
    ready: Callable[[], None] = lambda: None


async def inline(work: Callable[[], Any]) -> Any:
    """Do it here and now, in the loop: for virtual time, and for a ledger in memory."""
    return work()


class Collector:
    """now: UTC seconds. log: one line about what was refused, without its content. name: this collector's, on the broker.
    sign: with the fleet's document key, for what tills are told; None where there is none. watch_s: between two looks for
    what another process has pushed; 0 is never. shared: other collectors take their share of what comes.
    work: where the ledger's work is done, one piece at a time."""

    mind = Clerk  # a test brings another

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], int],
        log: Callable[[str], None] = lambda line: None,
        name: str = "collector",
        sign: Callable[[bytes], bytes] | None = None,
        watch_s: float = 0,
        shared: bool = False,
        work: Callable[[Callable[[], Any]], Awaitable[Any]] = inline,
    ) -> None:
        self.name = name
        self.ledger = ledger
        self.log = log
        self.watch_s = watch_s
        self.shared = shared
        self.work = work
        self.clerk = self.mind(ledger, now, log, sign)
        self.answers, self.documents, self.refusals = self.clerk.answers, self.clerk.documents, self.clerk.refusals
        self.clients: list[Connection] = []
        self.queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self.fit = asyncio.Event()  # the ledger answers
        self.fit.set()

    @property
    def refused(self) -> int:
        """Messages that were not fit to be read."""
        return self.clerk.refused

    def handle(self, topic: str, payload: bytes) -> list[Message]:
        """What to publish in answer to one message. It never raises; without an answer the till sends again."""
        try:
            return self.clerk.handle([(topic, payload)])[0]
        except DbDown as fault:
            self._say_down(fault)
            return []

    def announce(self) -> None:
        """Tell the tills that something new is out for; one that is away hears of it in its next welcome."""
        self._tell(self.clerk.news())

    async def run(self, dial: Dial, ready: Callable[[], None] = lambda: None) -> None:
        """Collect from one broker, for ever."""
        await self.run_all([End(dial, ready)])

    async def run_all(self, ends: "Sequence[End | Buffer]") -> None:
        """Collect from all of them at once, for ever, over connection after connection."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._book())
            if self.watch_s:
                tasks.create_task(self._watch())
            for end in ends:
                tasks.create_task(self._attend(end) if isinstance(end, End) else self._empty(end))

    # ---- a broker

    async def _attend(self, end: End) -> None:
        """A retained birth, which the broker shows us as we subscribe, is a till that may wait for us: it is welcomed."""
        pause = FIRST_PAUSE_S
        five: bool | None = None if self.shared else False
        while True:
            await self.fit.wait()
            try:
                if five is None:
                    five = await self._speaks_five(end)
                client = Client(await end.dial(), self._heard, five, IN_FLIGHT if five else 0)
                await client.open(self.name, [SHARE if five else UP, STATE, CLAIMS], KEEPALIVE_S)
                self.clients.append(client)
                pause = FIRST_PAUSE_S
                end.ready()
                await client.serve()
            except Refused as fault:  # it was another broker's address the last time
                self.log(f"no broker: {fault}")
                five = None if self.shared else False
            except Exception as fault:  # whatever a dial of another room may raise: it is no reason to stop collecting
                self.log(f"no broker: {fault}")
            self.clients = [client for client in self.clients if not client.ended.done()]
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _empty(self, buffer: Buffer) -> None:
        """Nobody needs a welcome when we come up: what was sent meanwhile is in the buffer."""
        pause = FIRST_PAUSE_S
        while True:
            await self.fit.wait()
            try:
                client = await buffer.open(self._heard)
                self.clients.append(client)
                pause = FIRST_PAUSE_S
                buffer.ready()
                await client.serve()
            except OSError as fault:
                self.log(f"no buffer: {fault}")
            self.clients = [client for client in self.clients if not client.ended.done()]
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _speaks_five(self, end: End) -> bool:
        """Has this broker MQTT 5, and with it shares? Asked without properties: some brokers of 3.1.1 take those for a
        length, and wait for the rest. Without shares we take all."""
        client = Client(await end.dial(), self._heard, True)
        try:
            await client.open(self.name, [], KEEPALIVE_S)
        except Refused:
            return False
        client.close()
        return True

    def _heard(self, delivery: Delivery) -> None:
        if delivery.topic.endswith("/" + wire.STATE) and not delivery.retained:
            delivery.client.done(delivery)  # a till that comes now says hello itself
            return
        self.queue.put_nowait(delivery)
        if self.queue.qsize() >= QUEUE_MAX:
            delivery.client.pause()

    def _tell(self, messages: Sequence[Message]) -> None:
        for client in self.clients:
            client.say(messages)

    # ---- the ledger

    async def _book(self) -> None:
        """For ever: one transaction after another."""
        pause = FIRST_PAUSE_S
        while True:
            group = [await self.queue.get()]
            while len(group) < GROUP and not self.queue.empty():
                group.append(self.queue.get_nowait())
            messages = [(delivery.topic, delivery.payload) for delivery in group]
            try:
                answers = await self._handled(messages)
            except DbDown as fault:
                self._say_down(fault)
                await self._away(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                continue
            pause = FIRST_PAUSE_S
            for delivery, told in zip(group, answers):
                delivery.client.say(told)
                delivery.client.done(delivery)
            if self.queue.qsize() < QUEUE_MAX // 2:
                for client in self.clients:
                    client.resume()

    async def _handled(self, messages: list[Message]) -> list[list[Message]]:
        """Tried twice: a deadlock, or a server that changed places, is over by then. Raises DbDown."""
        try:
            answers: list[list[Message]] = await self.work(lambda: self.clerk.handle(messages))
        except DbDown:
            answers = await self.work(lambda: self.clerk.handle(messages))
        return answers

    async def _away(self, pause: float) -> None:
        """Leave the brokers until the ledger answers, so that other collectors get our share. Nothing that we hold was
        acknowledged; who sent it sends it again as soon as we are back and welcome it."""
        self.fit.clear()
        for client in self.clients:
            client.close("the ledger is down")
        self.clients = []
        while not self.queue.empty():
            self.queue.get_nowait()
        while True:
            await asyncio.sleep(pause)
            try:
                await self.work(self.ledger.probe)
                break
            except DbDown as fault:
                self._say_down(fault)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        self.fit.set()

    def _say_down(self, fault: DbDown) -> None:
        self.log(f"the ledger failed, nothing is acknowledged: {fault}")

    async def _watch(self) -> None:
        """Who pushes writes into the ledger, which rings no bell: so it is looked at."""
        while True:
            if self.clients:
                await self.work(self.clerk.gather)
                self._tell(await self.work(self.clerk.news))
            await asyncio.sleep(self.watch_s)
