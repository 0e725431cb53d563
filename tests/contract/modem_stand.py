"""What the tests of the modem share: the chip, the driver on it, a far end that echoes, and a log that one can read."""

import asyncio
import socket
from pathlib import Path

from hal import modem_set
from hal.board_file import Modem as Settings
from hal.modem import ModemLine
from hal.modem_power import Supply
from hal.ports.board import Log
from sim.chips.modem import Modem
from tests.contract.cables import MODEM, cable
from tests.contract.wires import clock, run

CONFIG = Path(__file__).parents[2] / "config"
MAKERS = ("quectel", "simcom")
POWER_PIN = 27
COMMANDS = {maker: modem_set.load(CONFIG, maker) for maker in MAKERS}


def settings(maker, pin=""):
    return Settings("a wire", 115200, maker, "internet", pin, POWER_PIN, True)


class Timed(Log):
    """lines: (loop time in s, text)."""

    def __init__(self):
        self.lines = []

    def say(self, who, text):
        assert who == "4g"
        self.lines.append((asyncio.get_running_loop().time(), text))

    @property
    def texts(self):
        return [text for _, text in self.lines]

    def at(self, part):
        """When the first line with these words came."""
        return next(at for at, text in self.lines if part in text)


class Echo:
    """The far end: sends back what it hears. heard: all of it. calls: (host, port). ends: its sockets."""

    def __init__(self):
        self.heard = bytearray()
        self.calls = []
        self.ends = []
        self.greeting = b""
        self.silent = False
        self.refuse = None
        self.hangups = 0

    async def __call__(self, host, port):
        self.calls.append((host, port))
        if self.refuse:
            raise self.refuse
        near, end = socket.socketpair()
        end.setblocking(False)
        self.ends.append(end)
        self.task = asyncio.create_task(self._serve(end))
        return near

    async def _serve(self, end):
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(end, self.greeting)
            while data := await loop.sock_recv(end, 65536):
                self.heard += data
                if not self.silent:
                    await loop.sock_sendall(end, data)
        except OSError:
            pass
        self.hangups += 1


class Stand:
    """chip, line, log and far; power: the line that feeds the chip, as board.json has it."""

    def __init__(self, maker, pin="", chip_pin="", power=True, **chip):
        from gpiozero.pins.mock import MockFactory, MockPWMPin

        from sim.chips.gpio import Wire

        loop = asyncio.get_running_loop()
        self.loop = loop
        self.far = Echo()
        self.chip = Modem(loop, self.far, maker, pin=chip_pin, **chip)
        self.cable = cable(self.chip, MODEM)
        self.log = Timed()
        self.moves = 0
        self.moved = asyncio.Event()
        factory = MockFactory(pin_class=MockPWMPin)
        self.offs = []  # loop times at which the power went off
        self.wire = factory.pin(POWER_PIN, pin_class=Wire, hear=self._supply)
        self.supply = Supply(factory, POWER_PIN) if power else None
        self.line = self.driver(maker, pin)

    def driver(self, maker, pin=""):
        """A new one on the same chip, as after a restart of the till."""
        return ModemLine(lambda: self.open(), COMMANDS[maker], settings(maker, pin), self.supply, clock(), self.log)

    def open(self):
        return self.cable.open()

    def start(self):
        self.line.start(self._moved)

    def _moved(self):
        self.moves += 1
        self.moved.set()

    def _supply(self, level, hertz):
        if not level and self.chip.powered:
            self.offs.append(self.loop.time())
        self.chip.supply(bool(level))

    async def until(self, state, limit_s=600):
        """That state comes; how long it took."""
        began = self.loop.time()
        async with asyncio.timeout(limit_s):
            while self.line.state != state:
                self.moved.clear()
                await self.moved.wait()
        return self.loop.time() - began

    async def when(self, condition):
        """Look every 10 ms of virtual time."""
        while not condition():  # noqa: ASYNC110 (no event tells of a chip's inside)
            await asyncio.sleep(0.01)

    async def up(self):
        self.start()
        return await self.until("line")

    async def woken(self, seconds):
        """How often the driver was woken in that time: by what its port brought, and by the clock for each look at the radio."""
        wakes, read, look = [], self.line.port.read, self.line.radio.look

        async def reading(n, timeout_ms):
            data = await read(n, timeout_ms)
            wakes.append(data)
            return data

        async def looking(talk):
            wakes.append(b"the clock")
            await look(talk)

        self.line.port.read, self.line.radio.look = reading, looking
        await asyncio.sleep(seconds)
        assert b"" not in wakes, "a look at a port that was silent"
        return len(wakes)

    async def dial(self):
        return await self.line.dial("broker.example", 8883)

    async def recv_all(self, sock, size=None):
        """So many bytes, or all until the end."""
        got = b""
        while size is None or len(got) < size:
            try:
                data = await self.loop.sock_recv(sock, 65536)
            except ConnectionResetError:
                data = b""
            if not data:
                break
            got += data
        return got

    async def echo(self, sock, data):
        """Send it all, and read as much back."""
        reading = asyncio.create_task(self.recv_all(sock, len(data)))
        await self.loop.sock_sendall(sock, data)
        return await reading

    def close(self):
        self.line.drop()
        if self.supply:
            self.supply.close()
        self.chip.close()
        self.cable.close()
        for end in self.far.ends:
            end.close()


def standing(maker, story, **how):
    """Run a story at a stand, in virtual time; no command may be unknown to the chip."""

    async def main():
        stand = Stand(maker, **how)
        try:
            await story(stand)
            assert stand.chip.errors == []
            assert all(text.isprintable() for text in stand.log.texts)
        finally:
            stand.close()

    run(main())
