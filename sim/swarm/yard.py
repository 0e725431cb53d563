"""The other end for a swarm: brokers, collectors and a database as real processes, which can be killed one by one."""

import asyncio
import os
import signal
from pathlib import Path

from fleet import mosquitto
from hal.brokers import Broker
from sim.ends import Child
from sim.loopback import free_port

HOST = "127.0.0.1"
APART_S = 1.0  # how long a collector that was killed stays away, as under systemd
KILLS = ("broker", "collector", "primary")
SPAN = 30  # ports from the first, for the largest engine


class Yard:
    """brokers: "one", "three" or "nats". database: "sqlite" or "postgres". Raises OSError where an engine is missing."""

    def __init__(self, folder: Path, brokers: str, database: str, collectors: int) -> None:
        self.folder = folder
        self.database = database
        first = free_port(SPAN)
        self.ports = [first] if brokers == "one" else [first, first + 1, first + 2]
        self.nats = ",".join(f"nats://{HOST}:{port + 10}" for port in self.ports) if brokers == "nats" else ""
        self.pipes = (
            Child("fleet", "broker", "--engine", "mosquitto" if mosquitto.find() else "amqtt", "--port", str(first))
            if brokers == "one"
            else Child("fleet", "up", "nats" if self.nats else "brokers", str(folder / "brokers"), "--base", str(first))
        )
        self.cluster = Child("fleet", "up", "postgres", str(folder / "postgres"), "--base", str(first + SPAN - 2))
        self.collectors = collectors
        self.collecting: list[Child] = []

    @property
    def brokers(self) -> tuple[Broker, ...]:
        return tuple(Broker(HOST, port) for port in self.ports)

    def db(self) -> str:
        """For fleet.ledger.Ledger; known once it is started."""
        if self.database == "sqlite":
            return str(self.folder / "ledger.db")
        return (self.folder / "postgres" / "url").read_text().strip()

    async def start(self) -> None:
        """Raises OSError."""
        if self.database == "postgres":
            await self.cluster.start()
        await self.pipes.start()
        for _ in range(self.collectors):
            self.collecting.append(await self._collector())

    async def stop(self) -> None:
        for child in [*self.collecting, self.pipes, self.cluster]:
            await child.stop()

    async def kill(self, what: str) -> None:
        """kill -9, and what a machine would do about it: a broker and a collector are started again, a standby promoted."""
        if what == "collector":
            await self.collecting.pop(0).kill()
            await asyncio.sleep(APART_S)
            self.collecting.append(await self._collector())
        elif what == "broker" and len(self.ports) == 1:
            await self.pipes.kill()
            await self.pipes.start()
        else:
            os.kill(self._pid(what), signal.SIGKILL)

    def _pid(self, what: str) -> int:
        folder = self.folder / ("brokers" if what == "broker" else "postgres")
        first = "n1" if self.nats else "b1"
        name = first if what == "broker" else (folder / "primary").read_text().strip()
        return int((folder / f"{name}.pid").read_text())

    async def _collector(self) -> Child:
        brokers = [word for port in self.ports for word in ("--broker", f"{HOST}:{port}")]
        child = Child("fleet", "collect", *(["--nats", self.nats] if self.nats else brokers), "--db", self.db())
        await child.start()
        return child
