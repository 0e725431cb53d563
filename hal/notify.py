"""What systemd hears from us: ready, alive, stopping. sd_notify(3) is one datagram, so no library is needed.

Whoever feeds the watchdog is a task of the till's own loop: a loop that is stuck feeds nothing, and systemd, which was told
WatchdogSec= in barrow.service, ends the process and starts it again."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Any

from hal.ports.board import Screen
from hal.ports.frame import Frame

STARTING = "boot"  # the picture while the journal is read
PER_LIMIT = 2  # times in WatchdogSec, as sd_watchdog_enabled(3) recommends
UNWATCHED_S = 10.0  # a turn, where nobody watches


class Notify:
    """environ: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID as systemd sets them; without them nothing is sent. pid: ours."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        where = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + where[1:] if where.startswith("@") else where  # @: in the abstract name space
        self.every_s = period(environ, pid)
        self.unheard = 0  # messages that systemd did not take

    def ready(self, status: str) -> None:
        """The till can be used; only now do units that wait for it start."""
        self._send(f"READY=1\nSTATUS={status}")

    def stopping(self, status: str) -> None:
        """We are on our way out."""
        self._send(f"STOPPING=1\nSTATUS={status}")

    def alive(self) -> None:
        """One feed of the watchdog."""
        self._send("WATCHDOG=1")

    async def feed(self, also: Callable[[], Any]) -> None:
        """Never returns. Feeds as often as systemd wants it, and does `also` at each turn, which so wakes nobody by itself."""
        while True:
            self.alive()
            also()
            await asyncio.sleep(self.every_s)

    def _send(self, text: str) -> None:
        """A systemd that does not listen is no fault of the till."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
            wire.setblocking(False)
            try:
                wire.sendto(text.encode(), self._address)
            except OSError:
                self.unheard += 1


class ReadyScreen(Screen):
    """A panel in front of the panel. ready() is called once: with the first picture after that of the start, so when somebody
    can sell, or can read why not."""

    def __init__(self, screen: Screen, ready: Callable[[], None]) -> None:
        self._screen = screen
        self._ready = ready
        self._said = False

    async def show(self, frame: Frame) -> None:
        await self._screen.show(frame)
        if not self._said and frame.id != STARTING:
            self._said = True
            self._ready()


def period(environ: Mapping[str, str], pid: int) -> float:
    """Seconds between two feeds. The limit may be meant for another process than ours, and then we are not watched."""
    limit_us = environ.get("WATCHDOG_USEC", "")
    if not limit_us.isascii() or not limit_us.isdigit() or environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return UNWATCHED_S
    return int(limit_us) / 1e6 / PER_LIMIT or UNWATCHED_S
