"""Which IP interface is up, and a socket that says when that may have changed (Linux, rtnetlink(7), netdevice(7)).

Elsewhere nothing tells us without asking again and again, so a line is assumed, and a call that fails says the rest."""

import errno
import socket
import struct
import sys

NETLINK_ROUTE = 0
RTMGRP_LINK, RTMGRP_IPV4_IFADDR = 0x1, 0x10
SIOCGIFFLAGS, SIOCGIFADDR = 0x8913, 0x8915
IFF_LOOPBACK, IFF_RUNNING = 0x8, 0x40
CELLULAR = ("ww", "ppp", "usb")  # how the kernel and udev name what a modem offers
WIFI, CELL, OFF = "wifi", "4g", "off"


class Everywhere:
    """The line that is assumed where the OS tells nothing."""

    def name(self) -> str:
        return WIFI

    def news(self) -> socket.socket | None:
        """None: there will be none."""
        return None

    def read_news(self) -> None:
        """Nothing to read."""


class LinuxInterfaces:
    """name() looks now; news() is readable when it is time to look again."""

    def __init__(self) -> None:
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
