"""What happened on the bench, in order: the till's own log and the bench's, for the page, the terminal and a failing script."""

import sys
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TextIO

from hal.log import visible
from hal.ports.board import Log

KEPT = 2000  # events; the page shows fewer, a failing script prints twenty


class Event(NamedTuple):
    """wall: "14:32:06.012", who: three letters (key, ui, jrn, prn, net, cfg, sys, sim), text: one printable line."""

    wall: str
    who: str
    text: str


class Events(Log):
    """Keeps the last KEPT events, hands each to whoever subscribed, and echoes it to a stream when there is one."""

    def __init__(self, wall: Callable[[], str], echo: TextIO | None = sys.stderr) -> None:
        self.wall = wall
        self.echo = echo
        self.kept: deque[Event] = deque(maxlen=KEPT)
        self.listeners: list[Callable[[Event], None]] = []

    def say(self, who: str, text: str) -> None:
        event = Event(self.wall(), who, visible(text))
        self.kept.append(event)
        if self.echo:
            print(*event, file=self.echo)
        for listener in self.listeners:
            listener(event)

    def recent(self, most: int) -> list[str]:
        return [" ".join(event) for event in list(self.kept)[-most:] if event.who != "sim"]

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Every event from now on; call what is returned to stop."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)
