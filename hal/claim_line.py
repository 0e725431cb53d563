"""The way to the fleet's door: a second link over the same line, for a till that has no certificate yet."""

from collections.abc import Callable
from pathlib import Path
from socket import socket

from hal.brokers import Broker
from hal.identity import AtTheDoor
from hal.mqtt import Line, MqttLink
from hal.ports.board import Clock, Log


class Beside:
    """A line that the till's own link uses too, and alone hears from: this one looks, and calls."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def state(self) -> str:
        return self._line.state

    @property
    def name(self) -> str:
        return self._line.name

    @property
    def bars(self) -> int:
        return self._line.bars

    @property
    def cost(self) -> int:
        return self._line.cost

    def start(self, moved: Callable[[], None]) -> None:
        """Nothing: a line tells one."""

    async def dial(self, host: str, port: int) -> socket:
        return await self._line.dial(host, port)

    def report(self, good: bool, why: str) -> None:
        """Nothing: what the door is like says nothing of the line."""

    def spent(self) -> int:
        return self._line.spent()


def door(line: Line, claim: Broker, authority: Path, clock: Clock, log: Log) -> MqttLink:
    """authority: the file of the fleet's CA."""
    return MqttLink(Beside(line), (claim,), AtTheDoor(authority), clock, log)
