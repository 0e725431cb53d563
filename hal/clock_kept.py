"""What a person said of the time, written where it outlives the till: the system's clock, by which TLS judges papers, and the
RTC, which runs on while the Pi is off.

Both take CAP_SYS_TIME (clock_settime(2), rtc(4)), which barrow.service gives; 90-barrow.rules opens the node."""

import errno
import fcntl
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

from hal.clock import RTC_ALIVE_S, SystemClock
from hal.ports.board import Log

NODE = Path("/dev/rtc0")
RTC_SET_TIME = 0x4024700A  # linux/rtc.h: _IOW('p', 0x0a, struct rtc_time)


def set_system(utc_s: int) -> None:
    """Raises OSError."""
    time.clock_settime(time.CLOCK_REALTIME, utc_s)


def set_rtc(utc_s: int, node: Path = NODE, ioctl: Callable[[int, int, bytes], object] = fcntl.ioctl) -> None:
    """Over the bus, so it may block. Raises OSError; FileNotFoundError where there is none."""
    at = time.gmtime(utc_s)
    fields = struct.pack("9i", at.tm_sec, at.tm_min, at.tm_hour, at.tm_mday, at.tm_mon - 1, at.tm_year - 1900, 0, 0, 0)
    fd = os.open(node, os.O_RDONLY | os.O_CLOEXEC)
    try:
        ioctl(fd, RTC_SET_TIME, fields)
    finally:
        os.close(fd)


class ClockKept:
    """Looks, beside the loop, whether somebody has set the clock since the last look. setters: what is set, by their names. One
    that another program has open (one at a time may: rtc(4)) is tried again at the next look, and that is said once."""

    def __init__(self, clock: SystemClock, log: Log, setters: dict[str, Callable[[int], None]]) -> None:
        self._clock = clock
        self._log = log
        self._setters = setters
        self._told = clock.told
        self._busy: set[str] = set()  # these have yet to be set

    def read(self) -> list[str]:
        """What was done, and what not and why; nothing when nobody has set the clock."""
        told, self._told = self._told, self._clock.told
        if self._told != told:
            self._busy.clear()
            return [self._keep(*setter) for setter in self._setters.items()]
        said = [(name, self._keep(name, self._setters[name])) for name in sorted(self._busy)]
        return [line for name, line in said if name not in self._busy]

    def heed(self, said: list[str]) -> None:
        """In the loop: what read() gave."""
        for line in said:
            self._log.say("sys", line)

    def _keep(self, name: str, setter: Callable[[int], None]) -> str:
        self._busy.discard(name)
        now_s = self._clock.utc_s()
        if now_s < RTC_ALIVE_S:  # an RTC that says so is taken for one whose cell is empty
            return f"the {name} is left alone: {now_s} s is too long ago"
        try:
            setter(now_s)
        except (OSError, OverflowError) as fault:  # 32 bits end in 2038
            if isinstance(fault, OSError) and fault.errno == errno.EBUSY:
                self._busy.add(name)
            return f"the {name} is not set: {fault}"
        return f"the {name} is set to {now_s} s"
