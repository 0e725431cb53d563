"""A collector's end of NATS JetStream: what the tills publish by MQTT is kept in one stream on three servers until the
ledger has it, and collectors share it.

NATS maps topics to subjects (barrow/v1/T/up/batch is barrow.v1.T.up.batch; a terminal's name has no dot). A push consumer
with a queue group gives each message to one collector; pulls of 100 would wait for a full batch (2,475 against 200 a
second, measured). Nobody needs a welcome from a collector that comes up: what was sent meanwhile is in the stream."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import nats
from nats.aio.client import Client as Nats
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from fleet.client import Delivery

STREAM, SUBJECTS, GROUP = "UPLINK", "barrow.v1.*.up.>", "collectors"
REPLICAS = 3
ACK_WAIT_S = 30
MAX_BYTES = 1 << 30
CONNECT_S = 5
IN_FLIGHT = 256  # messages that all collectors together hold


class Stream:
    """As a collector wants a connection (fleet/client.py). heard is handed each message."""

    def __init__(self, servers: list[str], name: str, heard: Callable[[Delivery], None]) -> None:
        self.servers = servers
        self.name = name
        self.heard = heard
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.waiting: dict[int, Any] = {}  # messages that are not acknowledged yet, by our own number
        self.number = 0
        self.work: asyncio.Queue[Callable[[], Any]] = asyncio.Queue()  # in the order in which it was asked for
        self.nats: Nats | None = None

    async def open(self) -> None:
        """Connect, and make the stream and its consumer where there are none. Raises OSError."""
        try:
            self.nats = await nats.connect(
                self.servers,
                name=self.name,
                connect_timeout=CONNECT_S,
                allow_reconnect=False,
                max_reconnect_attempts=len(self.servers),
                closed_cb=self._closed,
                error_cb=self._error,
            )
            jetstream = self.nats.jetstream()
            try:
                await jetstream.stream_info(STREAM)
            except NotFoundError:
                await jetstream.add_stream(
                    StreamConfig(
                        name=STREAM,
                        subjects=[SUBJECTS],
                        retention=RetentionPolicy.WORK_QUEUE,
                        storage=StorageType.FILE,
                        num_replicas=REPLICAS,
                        max_bytes=MAX_BYTES,
                    )
                )
            config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=ACK_WAIT_S, max_ack_pending=IN_FLIGHT)
            await jetstream.subscribe(
                SUBJECTS, GROUP, self._message, durable=GROUP, stream=STREAM, manual_ack=True, config=config
            )
        except (Error, OSError, asyncio.TimeoutError) as fault:
            await self._end(f"NATS: {fault or type(fault).__name__}")
            raise OSError(f"NATS: {fault or type(fault).__name__}") from fault

    async def serve(self) -> None:
        """Until the connection ends. Raises OSError."""
        talking = asyncio.ensure_future(self._talk())
        try:
            await asyncio.wait((self.ended, talking), return_when=asyncio.FIRST_COMPLETED)
            raise OSError(self.ended.result() if self.ended.done() else f"NATS: {talking.exception()}")
        finally:
            talking.cancel()
            await self._end("closed")

    def say(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publish, to whoever is subscribed now."""
        for topic, payload in messages:
            self.work.put_nowait(lambda topic=topic, payload=payload: self._publish(topic, payload))  # type: ignore[misc]

    def done(self, delivery: Delivery) -> None:
        """The stream need not keep it any longer."""
        message = self.waiting.pop(delivery.number, None)
        if message is not None:
            self.work.put_nowait(message.ack)

    def pause(self) -> None:
        """Nothing to do: no more than IN_FLIGHT messages wait for us."""

    def resume(self) -> None:
        """Nothing to do."""

    def close(self, why: str = "closed") -> None:
        """What we hold is given to another collector after ACK_WAIT_S, and to us when we are back."""
        if not self.ended.done():
            self.ended.set_result(why)

    async def _publish(self, topic: str, payload: bytes) -> None:
        assert self.nats
        await self.nats.publish(topic.replace("/", "."), payload)

    async def _talk(self) -> None:
        while True:
            await (await self.work.get())()

    async def _message(self, message: Any) -> None:
        self.number += 1
        self.waiting[self.number] = message
        topic = message.subject.replace(".", "/")
        self.heard(Delivery(self, topic, bytes(message.data), False, self.number, 1))

    async def _closed(self) -> None:
        self.close("NATS: the connection ended")

    async def _error(self, fault: Exception) -> None:
        """Said once by `ended`; nats-py would print a traceback."""

    async def _end(self, why: str) -> None:
        self.close(why)
        if self.nats and not self.nats.is_closed:
            await self.nats.close()


def opener(servers: list[str], name: str) -> Callable[[Callable[[Delivery], None]], Awaitable[Stream]]:
    """What a collector's Buffer calls for each connection: an open Stream, or OSError."""

    async def opened(heard: Callable[[Delivery], None]) -> Stream:
        stream = Stream(servers, name, heard)
        await stream.open()
        return stream

    return opened
