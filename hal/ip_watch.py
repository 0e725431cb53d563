"""Which IP interface is up, and a socket that says when that may have changed (Linux, rtnetlink(7), netdevice(7)); how strong
the radio's signal is (proc(5), /proc/net/wireless), and what a modem's interface has carried
(Documentation/ABI/testing/sysfs-class-net-statistics).

Elsewhere nothing tells us without asking again and again, so a line is assumed, and a call that fails says the rest."""

import errno
import re
import socket
import struct
import sys
from pathlib import Path

NETLINK_ROUTE = 0
RTMGRP_LINK, RTMGRP_IPV4_IFADDR = 0x1, 0x10
SIOCGIFFLAGS, SIOCGIFADDR = 0x8913, 0x8915
IFF_LOOPBACK, IFF_RUNNING = 0x8, 0x40
SIGNALS, DEVICES = Path("/proc/net/wireless"), Path("/sys/class/net")
LEVELS = (-55, -67, -75)  # dBm, at least, for 4, 3, 2 bars
CELLULAR = ("ww", "ppp", "usb")  # how the kernel and udev name what a modem offers
WIFI, CELL, OFF = "wifi", "4g", "off"
FULL = 4  # bars


class Everywhere:
    """The line that is assumed where the OS tells nothing."""

    def name(self) -> str:
        return WIFI

    def news(self) -> socket.socket | None:
        """None: there will be none."""
        return None

    def read_news(self) -> None:
        """Nothing to read."""

    def bars(self) -> int:
        """All of them."""
        return FULL

    def carried(self) -> int:
        """Nobody counts."""
        return 0


class LinuxInterfaces:
    """name() looks now; news() is readable when it is time to look again. signals, devices: SIGNALS and DEVICES, or a test's."""

    def __init__(self, signals: Path = SIGNALS, devices: Path = DEVICES) -> None:
        self._signals = signals
        self._devices = devices
        self._asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, NETLINK_ROUTE)
        self._news.bind((0, RTMGRP_LINK | RTMGRP_IPV4_IFADDR))

    def name(self) -> str:
        """ "wifi" for a radio or a wire that has an address, else "4g" for a modem that has one, else "off"."""
        carrying = [name for _, name in socket.if_nameindex() if self._carries(name)]
        if any(not name.startswith(CELLULAR) for name in carrying):
            return WIFI
        return CELL if carrying else OFF

    def news(self) -> socket.socket | None:
        return self._news

    def read_news(self) -> None:
        """Empty the socket. What it says is not worth parsing: whoever is told looks anew."""
        while True:
            try:
                if not self._news.recv(65536):
                    return
            except BlockingIOError:
                return
            except OSError as fault:
                if fault.errno != errno.ENOBUFS:  # ENOBUFS: too much news to keep, which is news too
                    raise

    def bars(self) -> int:
        """Of the strongest radio; all of them on a wire. Asks the driver: blocks for as long as that takes."""
        try:
            heard = re.findall(r"^ *\w+: +\d+ +[\d.]+ +(-?\d+)", self._signals.read_text(encoding="ascii"), re.MULTILINE)
        except (OSError, ValueError):
            heard = []
        if not heard:
            return FULL
        level = max(map(int, heard))
        return next((FULL - i for i, least in enumerate(LEVELS) if level >= least), 1)

    def carried(self) -> int:
        """Bytes both ways over modems' interfaces, since each came up; headers and all."""
        found = 0
        for prefix in CELLULAR:
            for counter in self._devices.glob(f"{prefix}*/statistics/[rt]x_bytes"):
                try:
                    found += int(counter.read_text(encoding="ascii"))
                except (OSError, ValueError):
                    continue  # it went away meanwhile
        return found

    def _carries(self, name: str) -> bool:
        flags = self._ask(SIOCGIFFLAGS, name)
        if flags is None or not flags & IFF_RUNNING or flags & IFF_LOOPBACK:
            return False
        return self._ask(SIOCGIFADDR, name) is not None

    def _ask(self, request: int, name: str) -> int | None:
        """The 16 bits behind the name in struct ifreq; None where the kernel has no answer (no address, no such interface)."""
        asked = struct.pack("16s24x", name.encode()[:15])
        try:
            answer: bytes = ioctl(self._asked.fileno(), request, asked)
        except OSError:
            return None
        found: int = struct.unpack_from("H", answer, 16)[0]
        return found


if sys.platform == "linux":
    from fcntl import ioctl

    Interfaces = LinuxInterfaces
else:
    Interfaces = Everywhere
