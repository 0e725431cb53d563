"""The whole way, in real time: MQTT and TLS of the till, AT commands over a pty, TCP of the modem, a real mosquitto."""

import asyncio
import os
import pty
import tty

import pytest

from hal.ip_line import IpLine
from hal.modem import ModemLine
from hal.serial_port import open_serial
from sim.chips.modem import Modem
from tests.contract.modem_stand import COMMANDS, MAKERS, Timed, settings
from tests.contract.test_modem import noise
from tests.contract.wires import clock
from tests.sync.air import DN, TILL, UP, Air, Certified, Mosquitto
from tests.sync.certificates import Authority
from tests.sync.processes import need

DEADLINE_S = 30
makers = pytest.mark.parametrize("maker", MAKERS)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def broker(ours, tmp_path_factory):
    need("mosquitto")
    with Mosquitto(tmp_path_factory.mktemp("broker"), ours) as running:
        yield running


class Cable:
    """A pty: the modem has its master; the slave stays open, so that the till may come and go."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)

    def fileno(self):
        return self.master

    def close(self):
        os.close(self.master)
        os.close(self.slave)


def with_modem(maker, story, baud=0):
    """story(line, chip, log), on a pty in real time, with a line that is up."""

    async def main():
        loop = asyncio.get_running_loop()
        cable = Cable()
        path = os.ttyname(cable.slave)
        chip = Modem(loop, IpLine(loopback=True).dial, maker, baud=baud, pin="2468")
        chip.boot_s, chip.register_s = 0, 0.01
        chip.split, chip.noise = 64, 20
        chip.plug(cable)
        log, moved = Timed(), asyncio.Event()
        line = ModemLine(lambda: open_serial(path, 115200), COMMANDS[maker], settings(maker, "2468"), None, clock(), log)
        line.start(moved.set)
        try:
            async with asyncio.timeout(DEADLINE_S):
                while line.state == "off":
                    moved.clear()
                    await moved.wait()
                await story(line, chip, log)
            assert chip.errors == []
        finally:
            line.drop()
            chip.close()

    asyncio.run(main())


@makers
def test_a_pty_carries_100_kb_both_ways_to_a_real_tcp_server(maker):
    async def story(line, chip, log):
        async def echo(reader, writer):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(sock=await line.dial(host, port))
        data = noise(100_000)
        reading = asyncio.create_task(reader.readexactly(len(data)))
        writer.write(data)
        await writer.drain()
        assert await reading == data
        writer.close()
        server.close()

    with_modem(maker, story)


@makers
def test_mqtt_over_mutual_tls_over_the_modem(maker, broker, ours):
    async def story(line, chip, log):
        air = Air([broker.broker], Certified(ours.file, *ours.till(TILL)), line=Counted(line))
        full = sum(await air.connect())
        assert air.link.state == "online" and air.link.name == "4g"
        for turn in range(30):
            await air.link.publish(UP, noise(2000, turn), 1, False)
        await air.until(lambda: not air.link.session.unanswered)
        assert len(broker.saw(rf"Received PUBLISH from {TILL}.*'{UP}'.*2000 bytes")) >= 30
        await air.until(lambda: line.spent() == chip.air_up + chip.air_down > 60_000)
        await air.link.disconnect()
        resumed = sum(await air.connect())
        assert resumed < 0.6 * full, "the TLS session is resumed over the modem as well"
        await air.link.disconnect()
        assert DN in broker.log.read_text()

    with_modem(maker, story)


class Counted:
    """The modem's line, which tells what it carried as tests/sync/air.py asks it."""

    down = 0

    def __init__(self, line):
        self.line = line

    @property
    def up(self):
        return self.line.spent()

    def __getattr__(self, name):
        return getattr(self.line, name)
