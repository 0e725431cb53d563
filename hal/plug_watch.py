"""What is plugged in and pulled out, as the kernel tells it (Linux, netlink(7), NETLINK_KOBJECT_UEVENT): so that nobody has to
look for a device that is not there once a second, for ever."""

import asyncio
import errno
import socket

NETLINK_KOBJECT_UEVENT = 15
INPUT = b"\0SUBSYSTEM=input\0"
KERNEL = 1  # the group of the kernel's own messages; udev's come later, when the node's rights are set


class PlugWatch:
    """Raises OSError where the kernel gives no such socket. What comes between two waits is not missed."""

    def __init__(self) -> None:
        self._news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT)
        self._news.bind((0, KERNEL))

    async def input_came(self) -> None:
        """Returns once an input device was plugged in since the last time."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                told = await loop.sock_recv(self._news, 65536)
            except OSError as fault:
                if fault.errno != errno.ENOBUFS:
                    raise
                return  # too much news to keep: it may have been among it
            if told.startswith(b"add@") and INPUT in told:
                return

    def close(self) -> None:
        self._news.close()
