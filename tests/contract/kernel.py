"""A kernel in user space: what stands behind the device nodes that Debian's umockdev preload shows to a program.

The preload (LD_PRELOAD, UMOCKDEV_DIR) sends open(2), stat(2) and readdir(3) of /dev and /sys to a folder, and each ioctl, read
and write of a node that has a socket under ioctl/ to whoever listens there: three native longs a message, its own protocol,
the same from 0.17 to 0.19. An input node is a FIFO, because a pipe's bytes are there at once, also in virtual time; the
preload shows it as a character device. A program that tries to open a missing node by its path some fifty times is aborted by
the preload, which never forgets a failed open (0.17.16); looked for by name, it is not opened.

One thread serves all nodes of a folder, in the order in which things happened."""

import errno
import fcntl
import json
import os
import selectors
import socket
import struct
import sys
import termios
import threading
from pathlib import Path

REQUEST = struct.Struct("@LLL")
IOCTL, RESULT, READ, WRITE = 1, 2, 7, 8  # from the program
DONE, RUN, PEEK, POKE = 3, 4, 5, 6  # to it: the answer; do the real call; give bytes of your memory; take some
FAILED = 2**64 - 1

EVENT = struct.Struct("@llHHi")
SYN_DROPPED = EVENT.pack(0, 0, 0, 3, 0)
EV_SYN, EV_KEY, EV_MSC, EV_REP = 0, 1, 4, 20
GRAB = 0x90
I2C_SLAVE, I2C_SLAVE_FORCE, I2C_FUNCS, I2C_RDWR, I2C_SMBUS = 0x0703, 0x0706, 0x0705, 0x0707, 0x0720
FUNCTIONS = 0x0EFF0009  # of the Pi's own controller: I2C, and SMBus emulated


class Program:
    """One open file of the program that is served: its requests, and its memory."""

    def __init__(self, wire):
        self.wire = wire

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.wire.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def peek(self, address, size):
        if not size:
            return b""
        self.wire.sendall(REQUEST.pack(PEEK, address, size))
        return self.take(size)

    def poke(self, address, data):
        self.wire.sendall(REQUEST.pack(POKE, address, len(data)) + data)

    def serve(self, node):
        """One request. Raises EOFError when the file is closed."""
        kind, first, second = REQUEST.unpack(self.take(REQUEST.size))
        try:
            if kind == IOCTL:
                answer = node.ioctl(self, first, second)
            else:
                answer = node.read(self) if kind == READ else node.write(self)
        except OSError as fault:
            self.wire.sendall(REQUEST.pack(DONE, FAILED, fault.errno))
            return
        if answer is None:
            self.wire.sendall(REQUEST.pack(RUN, 0, 0))
            _, answer, error = REQUEST.unpack(self.take(REQUEST.size))
            self.wire.sendall(REQUEST.pack(DONE, answer, error))
        else:
            self.wire.sendall(REQUEST.pack(DONE, answer, 0))


class Kernel:
    """The nodes of one folder (UMOCKDEV_DIR), served by one thread until close()."""

    def __init__(self, root):
        self.root = Path(root)
        for folder in ("dev/.ptymap", "dev/input", "ioctl/dev/input", "sys"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.inputs = {}
        self.ends = []
        self.looks = selectors.DefaultSelector()
        self.near, far = socket.socketpair()
        self.looks.register(far, selectors.EVENT_READ, (0, lambda: self.told(far)))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    # -- by other threads

    def keyboard(self, path, name, codes):
        """A node like /dev/input/event0, there until it is unplugged."""
        self.inputs[path] = Keyboard(self, path, name, codes)
        self.inputs[path].plug()

    def i2c(self, path, bus):
        """A node like /dev/i2c-1. bus: as smbus2 offers it."""
        (self.root / path.lstrip("/")).touch()
        self.ends.append(self.listen(path, I2c(bus)))

    def pty(self, path, slave):
        """A node that is a terminal: the program gets the real one."""
        node = self.root / path.lstrip("/")
        node.unlink(missing_ok=True)
        node.symlink_to(os.ttyname(slave))

    def gone(self, path):
        """No such node any more."""
        (self.root / path.lstrip("/")).unlink(missing_ok=True)

    def door(self):
        """A socket, `hands`, by which a served program can play its own hands, by `order`; and its terminals."""
        path = self.root / "hands"
        door = socket.socket(socket.AF_UNIX)
        door.bind(str(path))
        door.listen()
        self.looks.register(door, selectors.EVENT_READ, (1, lambda: self.welcome(door)))
        self.listen("_default", Plain())  # where the preload asks for nodes without a socket of their own

    def close(self):
        self.near.close()
        self.thread.join(10)
        for each in self.inputs.values():
            each.unplug()
        for end in self.ends:
            end()
        for key in list(self.looks.get_map().values()):
            key.fileobj.close()
        self.looks.close()

    # -- the thread

    def run(self):
        going = True
        while going:
            ready = sorted((key.data for key, _ in self.looks.select()), key=lambda data: data[0])
            going = all(act() is not False for _, act in ready)

    def told(self, far):
        return bool(far.recv(1))

    def listen(self, path, node):
        """Programs may open it. Returns what ends that."""
        wanted = self.root / "ioctl" / path.lstrip("/")
        wanted.parent.mkdir(parents=True, exist_ok=True)
        ear = socket.socket(socket.AF_UNIX)
        ear.bind(str(wanted))
        ear.listen()
        self.looks.register(ear, selectors.EVENT_READ, (2, lambda: self.opened(ear, node)))

        def ended():
            self.looks.unregister(ear)
            ear.close()
            wanted.unlink()

        return ended

    def opened(self, ear, node):
        program = Program(ear.accept()[0])

        def serve():
            try:
                program.serve(node)
            except (EOFError, ConnectionError):
                self.looks.unregister(program.wire)
                program.wire.close()
                node.closed(program)

        node.opened(program)
        self.looks.register(program.wire, selectors.EVENT_READ, (0, serve))

    def welcome(self, door):
        hands = door.accept()[0]
        lines = hands.makefile("rw")

        def obey():
            line = lines.readline()
            if not line:
                self.looks.unregister(hands)
                hands.close()
                return
            self.order(**json.loads(line))
            lines.write("done\n")
            lines.flush()

        self.looks.register(hands, selectors.EVENT_READ, (3, obey))

    def order(self, path, do, event=""):
        node = self.inputs[path]
        if do == "emit":
            node.emit(bytes.fromhex(event))
        else:
            {"plug": node.plug, "unplug": node.unplug}[do]()


class Plain:
    """A node of which nothing is feigned: every call is the real one (the answer None says so)."""

    def opened(self, program):
        """Nothing to keep."""

    closed = read = write = opened

    def ioctl(self, program, request, argument):
        """None."""


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
        node = self.kernel.root / self.path.lstrip("/")
        os.mkfifo(node)
        self.pipe = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        self.gone = self.kernel.listen(self.path, self)

    def unplug(self):
        if self.pipe < 0:
            return
        self.kernel.gone(self.path)
        self.gone()
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

    def write(self, program):
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


class I2c:
    """An i2c-dev node (Documentation/i2c/dev-interface) with one bus of chips behind it."""

    def __init__(self, bus):
        self.bus = bus
        self.address = 0

    def opened(self, program):
        self.address = 0

    closed = opened

    def read(self, program):
        raise OSError(errno.EOPNOTSUPP, "by I2C_RDWR and I2C_SMBUS only")

    write = read

    def ioctl(self, program, request, argument):
        if request == I2C_FUNCS:
            program.poke(argument, struct.pack("@L", FUNCTIONS))
        elif request in (I2C_SLAVE, I2C_SLAVE_FORCE):
            self.address = argument
        elif request == I2C_RDWR:
            where, count = struct.unpack("@PI", program.peek(argument, 12))
            return sum(self.message(program, *struct.unpack("@HHHxxP", program.peek(where + 16 * i, 16))) for i in range(count))
        elif request == I2C_SMBUS:
            self.smbus(program, *struct.unpack("@BBIP", program.peek(argument, 16)))
        else:
            raise OSError(errno.ENOTTY, "not for i2c")
        return 0

    def message(self, program, address, flags, size, where):
        if flags & 1:
            program.poke(where, bytes(self.bus.read_i2c_block_data(address, 0, size)))
        else:
            self.bus.i2c_rdwr(self.bus.message(address, program.peek(where, size)))
        return 1

    def smbus(self, program, reads, command, kind, where):
        block = 8  # I2C_SMBUS_I2C_BLOCK_DATA; 1 is a byte
        if not reads and kind == block:
            held = program.peek(where, 34)
            self.bus.write_i2c_block_data(self.address, command, list(held[1 : 1 + held[0]]))
        elif reads and kind == 1:
            program.poke(where, bytes([self.bus.read_byte(self.address)]))
        else:
            raise OSError(errno.EOPNOTSUPP, "not built")
