"""An input node of the kernel in user space (kernel.py): a FIFO, because a pipe's bytes are there at once, also in virtual
time; the preload shows it as a character device."""

import errno
import fcntl
import os
import struct
import sys
import termios

EVENT = struct.Struct("@llHHi")
SYN_DROPPED = EVENT.pack(0, 0, 0, 3, 0)
EV_SYN, EV_KEY, EV_MSC, EV_REP = 0, 1, 4, 20
GRAB = 0x90


class Keyboard:
    """An input node, as drivers/input/evdev.c behaves: one may hold it for himself; once unplugged every read is ENODEV."""

    def __init__(self, kernel, path, name, codes):
        self.kernel = kernel
        self.path = path
        self.name = name
        self.bits = {EV_SYN: {EV_SYN, EV_KEY, EV_MSC, EV_REP}, EV_KEY: set(codes), EV_MSC: {4}}
        self.pipe = -1
        self.programs = []
        self.holder = None
        self.overrun = False

    def plug(self):
        if self.pipe >= 0:
            return
        node = self.kernel.node(self.path)
        os.mkfifo(node)
        self.pipe = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        self.kernel.listen(self.path, self)

    def unplug(self):
        if self.pipe < 0:
            return
        self.kernel.gone(self.path)
        self.kernel.deafen(self.path)
        try:
            os.write(self.pipe, bytes(EVENT.size))  # wakes whoever waits
        except BlockingIOError:
            print("a full pipe wakes by itself", file=sys.stderr)
        os.close(self.pipe)
        self.pipe, self.holder = -1, None
        self.programs = []

    def emit(self, event):
        """One event goes to whoever has it open. When his queue is full it is lost, and he is told so later."""
        if self.pipe < 0 or not self.programs:
            return
        try:
            os.write(self.pipe, SYN_DROPPED * self.overrun + event)
        except BlockingIOError:
            self.overrun = True
        else:
            self.overrun = False

    def opened(self, program):
        if not self.programs and fcntl.ioctl(self.pipe, termios.FIONREAD, bytes(4)) != bytes(4):
            os.read(self.pipe, 1 << 16)  # what an earlier program did not read
        self.overrun = False
        self.programs.append(program)

    def closed(self, program):
        if program in self.programs:
            self.programs.remove(program)
        if self.holder is program:
            self.holder = None

    def read(self, program):
        """None: let it do the real read, of the pipe."""
        if program not in self.programs:
            raise OSError(errno.ENODEV, "no such device")

    def write(self, program, where, size):
        raise OSError(errno.EINVAL, "lights are not built")

    def ioctl(self, program, request, argument):
        number, kind, size = request & 0xFF, request >> 8 & 0xFF, request >> 16 & 0x3FFF
        if program not in self.programs:
            raise OSError(errno.ENODEV, "no such device")
        if kind != ord("E"):
            raise OSError(errno.ENOTTY, "not for input devices")
        if number == GRAB:
            return self.grab(program, argument)
        data = self.says(number, size)[:size]
        program.poke(argument, data)
        return len(data)

    def grab(self, program, wanted):
        if wanted and self.holder not in (None, program):
            raise OSError(errno.EBUSY, "another has it")
        self.holder = program if wanted else None
        return 0

    def says(self, number, size):
        if number == 0x01:  # EVIOCGVERSION
            return struct.pack("@i", 0x10001)
        if number == 0x02:  # EVIOCGID: a bus, a maker, a product, a version
            return struct.pack("@HHHH", 0x19, 1, 1, 1)
        if number == 0x03:  # EVIOCGREP
            return struct.pack("@II", 250, 33)
        if number in (0x06, 0x07, 0x08):  # name, place, unique mark
            return (self.name if number == 0x06 else "").encode() + b"\0"
        if 0x20 <= number < 0x40:  # EVIOCGBIT
            return bits(self.bits.get(number - 0x20, ()), size)
        if number in (0x09, 0x18, 0x19, 0x1A, 0x1B, 0x84):  # properties, keys, lights, sounds, switches, effects: none
            return bytes(size)
        raise OSError(errno.EINVAL, "no such request")


def bits(codes, size):
    found = bytearray(size)
    for code in codes:
        if code // 8 < size:
            found[code // 8] |= 1 << code % 8
    return bytes(found)
