"""What is plugged in and pulled out, as the kernel tells it (Linux, netlink(7), NETLINK_KOBJECT_UEVENT): so that nobody has to
look for a device that is not there once a second, for ever."""

import asyncio
import errno
import socket

NETLINK_KOBJECT_UEVENT = 15
KERNEL = 1  # the group of the kernel's own messages; udev's come later, when the node's rights are set


class PlugWatch:
    """subsystem: of the kernel's, "input" or "tty". Raises OSError where it gives no such socket. What comes between two waits
    is not missed."""

    def __init__(self, subsystem: str) -> None:
        self._kind = f"\0SUBSYSTEM={subsystem}\0".encode("ascii")
        self._news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT)
        self._news.bind((0, KERNEL))

    async def came(self) -> None:
        """Returns once such a device was plugged in since the last time."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                told = await loop.sock_recv(self._news, 65536)
            except OSError as fault:
                if fault.errno != errno.ENOBUFS:
                    raise
                return  # too much news to keep: it may have been among it
            if told.startswith(b"add@") and self._kind in told:
                return

    def close(self) -> None:
        self._news.close()


def watch(subsystem: str) -> PlugWatch | None:
    """From here on nothing that is plugged in is missed. None where the kernel does not tell."""
    try:
        return PlugWatch(subsystem)
    except OSError:
        return None
