"""The serial port's contract, on both wires that a laptop has: a socket pair in virtual time, a pty in real time."""

import asyncio
import os
import pty
import select
import socket
import termios
import tty

import pytest

from hal.serial_port import Port, PortGone, PortStalled, open_serial
from tests.contract.cables import PRINTER
from tests.contract.nodes import hands, through_nodes
from tests.contract.wires import run


class Pty:
    """A pty as a printer would own it: raw, and the slave held open so that the till may come and go."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self.slave)
        if through_nodes():
            hands().order("terminal", PRINTER, self.path)
            self.path = PRINTER

    def open(self):
        return open_serial(self.path, 115200)

    def other_end(self):
        return self.master

    def close(self):
        os.close(self.master)
        os.close(self.slave)


class Pair:
    """A socket pair; open() can be called once for each pair."""

    def __init__(self):
        self.near, self.far = socket.socketpair()
        self.far.setblocking(False)

    def open(self):
        return self.near

    def other_end(self):
        return self.far.fileno()

    def close(self):
        self.near.close()
        self.far.close()


@pytest.fixture(params=[Pair, Pty])
def wire(request):
    made = request.param()
    yield made
    made.close()


async def read_all(fd, size):
    """The other end reads until it has `size` bytes, in pieces, as a slow device does."""
    got = b""
    while len(got) < size:
        try:
            got += os.read(fd, 1000)
        except BlockingIOError:
            pass
        await asyncio.sleep(0.001)
    return got


def test_bytes_cross_both_ways_unchanged(wire):
    every = bytes(range(256))

    async def story():
        port = Port(wire.open())
        await port.write(every, 1000)
        assert await asyncio.wait_for(read_all(wire.other_end(), 256), 5) == every
        os.write(wire.other_end(), every)
        got = b""
        while len(got) < 256:
            got += await port.read(64, 1000)
        assert got == every
        port.close()

    asyncio.run(story())


def test_a_long_write_waits_for_a_slow_reader_and_the_loop_goes_on(wire):
    data = os.urandom(200_000)

    async def story():
        port, loop = Port(wire.open()), asyncio.get_running_loop()
        reader = asyncio.create_task(read_all(wire.other_end(), len(data)))
        writer = asyncio.create_task(port.write(data, 30_000))
        longest, last = 0.0, loop.time()
        while not writer.done():
            await asyncio.sleep(0.001)
            longest, last = max(longest, loop.time() - last), loop.time()
        assert await reader == data
        assert longest < 0.5, f"the loop stood for {longest} s"
        port.close()

    asyncio.run(story())


def test_a_reader_that_never_reads_costs_the_timeout_and_no_more(wire):
    data = os.urandom(1_000_000)

    async def story():
        port, loop = Port(wire.open()), asyncio.get_running_loop()
        start = loop.time()
        with pytest.raises(PortStalled) as stalled:
            await port.write(data, 200)
        assert 0.2 <= loop.time() - start < 2
        sent = stalled.value.sent
        assert 0 < sent < len(data)
        assert await asyncio.wait_for(read_all(wire.other_end(), sent), 20) == data[:sent]
        port.close()

    asyncio.run(story())


def test_silence_is_no_bytes_after_exactly_the_time():
    async def story():
        near, far = socket.socketpair()
        port, loop = Port(near), asyncio.get_running_loop()
        assert await port.read(16, 300) == b""
        assert loop.time() == pytest.approx(0.3)
        assert await port.read(16, 0) == b""
        far.close()
        port.close()

    run(story())


def test_an_answer_is_there_at_once():
    async def story():
        near, far = socket.socketpair()
        port, loop = Port(near), asyncio.get_running_loop()
        loop.call_later(0.05, far.send, b"\x12\x16")
        assert await port.read(16, 300) == b"\x12\x16"
        assert loop.time() == pytest.approx(0.05)
        far.close()
        port.close()

    run(story())


def test_what_came_before_a_question_is_forgotten(wire):
    async def story():
        device = wire.open()
        port = Port(device)
        port.drain_input()  # of nothing: no hang-up
        os.write(wire.other_end(), b"\x16")
        assert select.select([device], [], [], 5)[0]  # it has arrived
        port.drain_input()
        assert await port.read(100, 10) == b""
        port.close()

    asyncio.run(story())


def test_a_write_takes_as_long_as_the_wire_does():
    async def story():
        near, far = socket.socketpair()
        port, loop = Port(near, baud=9600), asyncio.get_running_loop()
        await port.write(b"x" * 480, 5000)
        assert loop.time() == pytest.approx(0.5)
        await port.write(b"x" * 96, 5000)
        assert loop.time() == pytest.approx(0.6)
        far.close()
        port.close()

    run(story())


def test_a_hang_up_is_told_to_readers_and_writers():
    async def story():
        for act in ("read", "write"):
            near, far = socket.socketpair()
            port = Port(near)
            far.close()
            with pytest.raises(PortGone):
                await (port.read(16, 300) if act == "read" else port.write(b"x", 300))
            with pytest.raises(PortGone):
                port.drain_input()

    run(story())


def test_a_pty_whose_master_is_gone_is_gone():
    async def story():
        wire = Pty()
        port = Port(wire.open())
        wire.close()
        with pytest.raises(PortGone):
            await port.read(16, 300)
        with pytest.raises(PortGone):
            await port.write(b"x", 300)

    asyncio.run(story())


def test_a_device_that_comes_back_is_opened_again():
    async def story():
        ends = []

        def reopen():
            if not ends:
                raise OSError("no such device")
            return ends.pop()

        port = Port(None, reopen=reopen)
        with pytest.raises(PortGone, match="no such device"):
            await port.write(b"x", 300)
        for _ in range(2):  # plugged in, pulled, plugged in again
            near, far = socket.socketpair()
            ends.append(near)
            await port.write(b"hello", 300)
            assert far.recv(16) == b"hello"
            far.close()
            with pytest.raises(PortGone):
                await port.read(16, 300)
        with pytest.raises(PortGone, match="no such device"):
            await port.read(16, 300)

    run(story())


def test_a_serial_device_is_set_up_and_ours_alone():
    wire = Pty()
    port = open_serial(wire.path, 9600)
    try:
        assert termios.tcgetattr(wire.master)[4] == termios.B9600
        with pytest.raises(OSError, match="lock"):
            open_serial(wire.path, 9600)
    finally:
        port.close()
        wire.close()


def test_no_device_is_an_os_error():
    with pytest.raises(OSError, match="nothing-here"):
        open_serial("/dev/nothing-here", 9600)
