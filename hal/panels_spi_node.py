"""/dev/spidevB.D as spidev's SpiDev offers it, in so far as luma asks for it. Linux only.

By the kernel's own interface (Documentation/spi/spidev.rst): the mode and the clock by ioctl, a write is one transfer. The
package spidev does the same in C, and has no wheel for any machine."""

import fcntl
import os
import struct

WR_MODE, WR_BITS, WR_SPEED = 0x40016B01, 0x40016B03, 0x40046B04  # linux/spi/spidev.h, of 8, 8 and 32 bits


class SpiNode:
    """It opens at the first transfer that can: until then each one raises OSError, as a wire does that is not there.
    mode: 0 to 3. max_speed_hz: as on SpiDev."""

    def __init__(self, folder: str = "/dev") -> None:
        self._folder = folder
        self._path = ""
        self._node: int | None = None
        self.mode = 0
        self.max_speed_hz = 500_000

    def open(self, port: int, device: int) -> None:
        """Device `device` of bus `port`."""
        self._path = f"{self._folder}/spidev{port}.{device}"

    def writebytes(self, values: "list[int] | bytes") -> None:
        """One transfer of at most 4,096 bytes, the kernel's default. Raises OSError."""
        if self._node is None:
            self._node = self._opened()
        os.write(self._node, bytes(values))

    def close(self) -> None:
        if self._node is not None:
            os.close(self._node)
        self._node = None

    def _opened(self) -> int:
        node = os.open(self._path, os.O_WRONLY)
        try:
            fcntl.ioctl(node, WR_MODE, struct.pack("B", self.mode))
            fcntl.ioctl(node, WR_BITS, struct.pack("B", 8))
            fcntl.ioctl(node, WR_SPEED, struct.pack("I", self.max_speed_hz))
        except OSError:
            os.close(node)
            raise
        return node
