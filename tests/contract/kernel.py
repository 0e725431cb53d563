"""A kernel in user space: what stands behind the device nodes that Debian's umockdev preload shows to a program.

The preload (LD_PRELOAD, UMOCKDEV_DIR) sends open(2), stat(2) and readdir(3) of /dev and /sys to a folder, and each ioctl, read
and write of a node that has a socket under ioctl/ to whoever listens there: three native longs a message, its own protocol,
the same from 0.17 to 0.19. A program that tries to open a missing node by its path some fifty times is aborted by the preload,
which never forgets a failed open (0.17.16); looked for by name, it is not opened.

One thread serves all nodes of a folder, in the order in which things happened, and counts what was asked of each. What the
nodes do is in kernel_input.py and kernel_bus.py; a terminal does everything itself."""

import json
import selectors
import socket
import struct
import threading
from collections import Counter
from pathlib import Path

from tests.contract.kernel_bus import I2c, Spi
from tests.contract.kernel_input import Keyboard

REQUEST = struct.Struct("@LLL")
IOCTL, RESULT, READ, WRITE = 1, 2, 7, 8  # from the program
DONE, RUN, PEEK, POKE = 3, 4, 5, 6  # to it: the answer; do the real call; give bytes of your memory; take some
FAILED = 2**64 - 1


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
                answer = node.read(self) if kind == READ else node.write(self, first, second)
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
    """The nodes of one folder (UMOCKDEV_DIR), served by one thread until close(). A program that is served may have one of
    its own beside its starter's, for chips that it wants to look at.

    requests: by node, so far."""

    def __init__(self, root):
        self.root = Path(root)
        for folder in ("dev/.ptymap", "dev/input", "ioctl/dev/input", "sys"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.inputs = {}
        self.ears = {}  # path -> what ends listening there
        self.requests = Counter()
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
        self.node(path).touch()
        self.listen(path, I2c(bus))

    def spi(self, path, chip):
        """A node like /dev/spidev0.0. chip: as spidev offers it."""
        self.node(path).touch()
        self.listen(path, Spi(chip))

    def terminal(self, path, name):
        """A node that is a terminal: the program gets the real one, of that name. Never for a program's own kernel: Python asks
        a terminal for this and that with its lock held, and the thread that should answer would wait for the lock."""
        self.gone(path)
        self.node(path).symlink_to(name)
        self.listen(path, Plain())

    def gone(self, path):
        """No such node any more."""
        self.node(path).unlink(missing_ok=True)

    def node(self, path):
        return self.root / path.lstrip("/")

    def door(self):
        """A socket, `hands`, by which a served program plays its own hands."""
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
        for path in list(self.ears):
            self.ears.pop(path)()
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
        """Who opens it from now on has this node."""
        self.deafen(path)
        wanted = self.root / "ioctl" / path.lstrip("/")
        wanted.parent.mkdir(parents=True, exist_ok=True)
        ear = socket.socket(socket.AF_UNIX)
        ear.bind(str(wanted))
        ear.listen()
        self.looks.register(ear, selectors.EVENT_READ, (2, lambda: self.opened(ear, path, node)))

        def ended():
            self.looks.unregister(ear)
            ear.close()
            wanted.unlink()

        self.ears[path] = ended

    def deafen(self, path):
        if path in self.ears:
            self.ears.pop(path)()

    def opened(self, ear, path, node):
        program = Program(ear.accept()[0])

        def serve():
            try:
                program.serve(node)
                self.requests[path] += 1
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

    def order(self, do, path, what=""):
        match do:
            case "plug":
                self.inputs[path].plug()
            case "unplug":
                self.inputs[path].unplug()
            case "emit":
                self.inputs[path].emit(bytes.fromhex(what))
            case "terminal":
                self.terminal(path, what)
            case "gone":
                self.gone(path)


class Plain:
    """A node of which nothing is feigned: every call is the real one (the answer None says so)."""

    def opened(self, program):
        """Nothing to keep."""

    closed = read = opened

    def write(self, program, where, size):
        """None."""

    def ioctl(self, program, request, argument):
        """None."""
