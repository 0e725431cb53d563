"""Input events, as Linux gives them (linux/input.h), and the ear that the keypad and the scanner share.

A source is anything that hands out such events: /dev/input/event* (hal/input_device.py) or a virtual chip. It may go away
at any time (unplugged) and come back."""

import asyncio
import errno
from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

from hal.ports.board import Log

EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3  # the kernel's queue was full: edges were lost
UP, DOWN = 0, 1  # 2 is autorepeat
RETRY_S = 1.0  # a device that is not there is looked for this often, and only then
EAGER = 30  # times; from then on only after something was plugged in, where the source tells
BUSY_S = 60  # or so often, of one that is there and not to be had: nobody tells when another program lets go of it
GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO)


class Event(Protocol):
    """One struct input_event. sec and usec: its time stamp; only differences between two of them mean anything."""

    @property
    def type(self) -> int: ...
    @property
    def code(self) -> int: ...
    @property
    def value(self) -> int: ...
    @property
    def sec(self) -> int: ...
    @property
    def usec(self) -> int: ...


class Source(Protocol):
    """name: what the log calls it. Each call may raise OSError: the device is not there."""

    name: str

    def open(self) -> None:
        """From now on events are kept for us; older ones are not."""

    def fileno(self) -> int:
        """Readable when there are events, or when the device is gone."""

    def read(self) -> Iterable[Event]:
        """What is there now, without waiting."""

    def close(self) -> None:
        """Let go of it. Never raises; harmless when it is not open."""


@runtime_checkable
class Announced(Protocol):
    """A source that knows when it is worth looking for its device again."""

    async def plugged(self) -> None:
        """Returns when one was plugged in since the last open() that failed."""


def stamp_ms(event: Event) -> int:
    """The event's own time in ms; a wall clock that is set in between makes it jump."""
    return event.sec * 1000 + event.usec // 1000


class Ear:
    """Listens to a source for as long as it is there, and looks for it when it is not.

    hear(event) gets every EV_KEY event; lost() is called when edges may have been missed."""

    def __init__(self, source: Source, log: Log, hear: Callable[[Event], None], lost: Callable[[], None]) -> None:
        self._source = source
        self._log = log
        self._hear = hear
        self._lost = lost
        self._missing = False
        self._busy = False
        self._fd: int | None = None
        self._search: asyncio.Task[None] | None = None

    def start(self) -> None:
        """In the running loop."""
        if not self._listen():
            self._search = asyncio.create_task(self._look_again())

    def stop(self) -> None:
        """Hear nothing more."""
        if self._search is not None:
            self._search.cancel()
        self._let_go()

    def _listen(self) -> bool:
        """False, and a line in the log the first time, when the device is not there."""
        try:
            self._source.open()
        except OSError as fault:
            self._miss(fault)
            return False
        self._fd = self._source.fileno()
        asyncio.get_running_loop().add_reader(self._fd, self._readable)
        if self._missing:
            self._log.say("key", f"{self._source.name} is back")
        self._missing = False
        return True

    def _readable(self) -> None:
        try:
            for event in self._source.read():
                self._sort(event)
        except BlockingIOError:
            return  # woken for nothing, which select allows
        except OSError as fault:
            self._let_go()
            self._lost()
            self._miss(fault)
            self._search = asyncio.create_task(self._look_again())

    def _sort(self, event: Event) -> None:
        if event.type == EV_KEY and event.value in (UP, DOWN):
            self._hear(event)
        elif event.type == EV_SYN and event.code == SYN_DROPPED:
            self._log.say("key", f"{self._source.name} overran: edges were lost")
            self._lost()

    def _let_go(self) -> None:
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._source.close()
        self._fd = None

    def _miss(self, fault: OSError) -> None:
        if not self._missing:
            self._log.say("key", f"{self._source.name} is not there: {fault.strerror or fault}")
        self._missing = True
        self._busy = fault.errno not in GONE

    async def _look_again(self) -> None:
        while True:
            for _ in range(EAGER):
                await asyncio.sleep(RETRY_S)
                if self._listen():
                    return
            if isinstance(self._source, Announced):
                while not await self._plugged(self._source):
                    if self._listen():
                        return

    async def _plugged(self, source: Announced) -> bool:
        """True upon news of a plug; False when it is time to look at a busy one all the same."""
        try:
            await asyncio.wait_for(source.plugged(), BUSY_S if self._busy else None)
        except asyncio.TimeoutError:
            return False
        return True
