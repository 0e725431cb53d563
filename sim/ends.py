"""The far end of the line: broker and fleet, in the loop for headless runs, as child processes for `make run`."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from fleet import sign
from fleet.collector import Collector
from fleet.documents import Documents
from fleet.ledger import Ledger
from fleet.sign import DocumentKey
from hal.ports.faults import LinkDown
from sim.broker import Broker

READY_S = 20  # for a child process to say that it is ready


class Ends(Protocol):
    """What the bench can do with the far end. broker(False) and fleet(False) take it down."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def dial(self, host: str, port: int) -> socket.socket: ...
    async def broker(self, up: bool) -> None: ...
    async def fleet(self, up: bool) -> None: ...
    def ledger(self) -> Ledger: ...
    def document_key(self) -> DocumentKey: ...
    def push(self, kind: str, body: bytes, terminal: str, start: int, until: int) -> None: ...
    def at_the_desk(self, work: Callable[[Ledger], object]) -> None: ...


class InLoop:
    """Broker and collector in this very loop, over socketpairs, with a ledger of their own: fresh for each script."""

    def __init__(self, ledger: Ledger, seed: int = 1) -> None:
        self.books = ledger
        self.key = sign.seeded(seed)
        self.collector: Collector | None = None
        self.pipe = Broker()
        self.collecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.fleet(True)

    async def stop(self) -> None:
        await self.fleet(False)
        await self.broker(False)
        self.books.close()

    async def dial(self, host: str, port: int) -> socket.socket:
        """Whoever is called: there is one broker."""
        return self.pipe.connect()

    async def call(self) -> socket.socket:
        """The fleet's own way to its broker."""
        return self.pipe.connect()

    async def broker(self, up: bool) -> None:
        self.pipe.up() if up else self.pipe.down()

    async def fleet(self, up: bool) -> None:
        if self.collecting:
            self.collecting.cancel()
            await asyncio.wait((self.collecting,))
            self.collecting = None
        if up:
            self.collector = Collector(self.books, self.now, sign=self.key.sign)
            self.collector.announce()  # so that it knows what was out before
            self.collecting = asyncio.create_task(self.collector.run(self.call))

    def now(self) -> int:
        """The fleet's clock starts with the bench."""
        return int(asyncio.get_running_loop().time())

    def ledger(self) -> Ledger:
        return self.books

    def document_key(self) -> DocumentKey:
        return self.key

    def push(self, kind: str, body: bytes, terminal: str, start: int, until: int) -> None:
        """What `python -m fleet push` does."""
        self.at_the_desk(lambda ledger: Documents(ledger, self.now).push(kind, body, terminal, self.key, start, until))

    def at_the_desk(self, work: Callable[[Ledger], object]) -> None:
        """What a command of `python -m fleet` does with the ledger."""
        work(self.books)
        if self.collector:
            self.collector.announce()


class Child:
    """A child process that prints a line when it is ready, and is ended by its id."""

    def __init__(self, *args: str) -> None:
        self.args = args
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """Its first line. Raises OSError when it ends or stays silent instead."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self.args,
            stdout=asyncio.subprocess.PIPE,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for us: the till goes first, and we end the others
        )
        assert self.process.stdout
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), READY_S)
        except asyncio.TimeoutError:
            line = b""
        if not line:
            await self.stop()
            raise OSError(f"{' '.join(self.args)} did not start")
        return line.decode(errors="replace").strip()

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """kill -9: it gets no further."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> None:
        process, self.process = self.process, None
        if process and process.returncode is None:
            with suppress(ProcessLookupError):  # it ended in this moment
                process.send_signal(number)
            await process.wait()


class Processes:
    """Broker and fleet as `make run` has them: real processes on loopback, and the fleet's ledger in a file."""

    def __init__(self, port: int, db: Path) -> None:
        self.port = port
        self.db = db
        self.broker_process = Child("fleet", "broker", "--port", str(port))
        self.fleet_process = Child("fleet", "collect", "--broker", f"127.0.0.1:{port}", "--db", str(db))

    async def start(self) -> None:
        await self.broker(True)
        await self.fleet(True)

    async def stop(self) -> None:
        await self.fleet(False)
        await self.broker(False)

    async def dial(self, host: str, port: int) -> socket.socket:
        """Whoever is called: our own broker, on its port. Raises LinkDown when the broker is down."""
        far = socket.socket()
        far.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(far, ("127.0.0.1", self.port))
        except OSError as error:
            far.close()
            raise LinkDown(f"no broker: {error.strerror}") from None
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return far

    async def broker(self, up: bool) -> None:
        await (self.broker_process.start() if up else self.broker_process.stop())

    async def fleet(self, up: bool) -> None:
        await (self.fleet_process.start() if up else self.fleet_process.stop())

    def ledger(self) -> Ledger:
        return Ledger(self.db)

    def document_key(self) -> DocumentKey:
        with closing(self.ledger()) as ledger:
            return sign.of(ledger.db, sign.beside(self.db))

    def push(self, kind: str, body: bytes, terminal: str, start: int, until: int) -> None:
        """What `python -m fleet push` does; the collector looks for it."""
        with closing(self.ledger()) as ledger:
            Documents(ledger, lambda: int(time.time())).push(kind, body, terminal, self.document_key(), start, until)

    def at_the_desk(self, work: Callable[[Ledger], object]) -> None:
        """What a command of `python -m fleet` does with the ledger; the collector looks for it."""
        with closing(self.ledger()) as ledger:
            work(ledger)
