"""Time on a real machine: timers from the loop's monotonic clock, records from the wall, if anything vouches for that.

A Pi without an RTC comes up with the time of its last shutdown. What vouches: systemd-timesyncd, by the flag file that it
touches once it is synchronised, or an RTC that still runs, or the operator."""

from collections.abc import Callable
from pathlib import Path

from hal.ports.board import Clock

SYNCHRONISED = "run/systemd/timesync/synchronized"  # systemd-timesyncd.service(8), Files
RTC = "sys/class/rtc/rtc0/since_epoch"
APART_S = 120  # of a clock that was set from the RTC at boot, after a day of drift
RTC_ALIVE_S = 1_735_689_600  # 2025-01-01: an RTC whose cell is empty wakes up in 1970 or 2000


class SystemClock(Clock):
    """monotonic, wall: seconds, as loop.time and time.time. root: of the file system that vouches; another in tests."""

    def __init__(self, monotonic: Callable[[], float], wall: Callable[[], float], offset_s: int, root: Path = Path("/")) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._offset_s = offset_s
        self._root = root
        self._up = monotonic()
        self._told: tuple[int, int] | None = None
        self._rtc = False  # does it vouch? as the last look found

    def now_ms(self) -> int:
        return int((self._monotonic() - self._up) * 1000)

    def utc_s(self) -> int:
        return self._utc_ms() // 1000

    def offset_s(self) -> int:
        return self._offset_s

    def trusted(self) -> bool:
        return self._told is not None or self._vouched()

    def set(self, utc_s: int) -> None:
        """Holds until this program ends or the network knows better; clock_kept.py sees to what comes after."""
        self._told = (utc_s, self.now_ms())

    @property
    def told(self) -> tuple[int, int] | None:
        """What the operator said last, utc_s, and at which now_ms."""
        return self._told

    def wall_ms(self) -> int:
        """Local wall time in ms since 1970, for the log."""
        return self._utc_ms() + self._offset_s * 1000

    def _utc_ms(self) -> int:
        if self._told is not None and not self._synchronised():
            utc_s, at_ms = self._told
            return utc_s * 1000 + self.now_ms() - at_ms
        return int(self._wall() * 1000)

    def _vouched(self) -> bool:
        return self._synchronised() or self._rtc

    def read(self) -> bool:
        """Does the RTC vouch? Over the bus: blocks for as long as that is stuck, so it is asked beside the loop."""
        return self._rtc_runs()

    def heed(self, vouched: bool) -> None:
        """What read() gave."""
        self._rtc = vouched

    def _synchronised(self) -> bool:
        return (self._root / SYNCHRONISED).exists()

    def _rtc_runs(self) -> bool:
        """It runs, and the system's clock was set from it: the driver may have come too late for that."""
        try:
            says_s = int((self._root / RTC).read_text(encoding="ascii"))
        except (OSError, ValueError):  # none there, or one that does not answer
            return False
        return says_s >= RTC_ALIVE_S and abs(says_s - self._wall()) <= APART_S
