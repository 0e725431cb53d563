"""The serial lines of the contract suite: a pair of sockets, and in the second run (nodes.py) a terminal at a path of /dev, which
the till opens as on a Pi. A terminal's bytes are there at once too, also in virtual time (sim/clock.py)."""

import contextlib
import errno
import os
import pty
import socket
import tty

from hal.serial_port import open_serial
from tests.contract.nodes import hands, through_nodes

PRINTER, SCANNER, MODEM = "/dev/serial0", "/dev/ttyACM0", "/dev/ttyUSB2"
HOLDS = 4096  # bytes: as little as a terminal


class Pair:
    """chip: whatever has plug(wire) and unplug(). Each opening is a new pair: an end that was closed is gone."""

    def __init__(self, chip, path):
        self.chip = chip
        self.path = path
        self.plugged = True

    def open(self):
        """The till's end, as open_serial gives it. A chip that was unplugged by itself is in again."""
        if not self.plugged:
            missing = FileNotFoundError(errno.ENOENT, "No such file or directory", self.path)
            raise FileNotFoundError(errno.ENOENT, f"could not open port {self.path}: {missing}")
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HOLDS)
        self.chip.plug(far)
        return near

    def unplug(self):
        """And nothing is there any more."""
        self.plugged = False
        self.chip.unplug()

    def plug(self):
        """From the next opening on it is back."""
        self.plugged = True

    def close(self):
        """The chip closes its own end."""


class Terminal:
    """A node that is a terminal, and its far end as a chip wants it."""

    def __init__(self, path):
        master, self._slave = pty.openpty()  # the slave stays open: a terminal that nobody has open hangs up
        tty.setraw(self._slave)
        hands().order("terminal", path, os.ttyname(self._slave))
        self.far = os.fdopen(master, "r+b", buffering=0)

    def close(self):
        self.far.close()
        os.close(self._slave)


class Line(Pair):
    """A chip on a terminal. It stays there while the till comes and goes."""

    def __init__(self, chip, path, baud):
        super().__init__(chip, path)
        self.baud = baud
        self.terminal = None

    def open(self):
        if self.plugged and (self.terminal is None or self.terminal.far.closed):
            self.close()
            self.terminal = Terminal(self.path)
            self.chip.plug(self.terminal.far)
        try:
            return open_serial(self.path, self.baud)
        except OSError:
            forget_failed_open()
            raise

    def unplug(self):
        super().unplug()
        hands().order("gone", self.path)

    def close(self):
        if self.terminal is not None:
            self.terminal.close()
            self.terminal = None


def forget_failed_open():
    """The preload keeps -1 as an open file of a node, fifty of them at most, until it is closed."""
    with contextlib.suppress(OSError):
        os.close(-1)


def cable(chip, path, baud=115200):
    """The line of a chip, on the wire of this run. baud: as the till opens it."""
    return Line(chip, path, baud) if through_nodes() else Pair(chip, path)
