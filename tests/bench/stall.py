"""What stands around a till at a stall, for who measures a real process: virtual chips behind device nodes, by Debian's umockdev
preload (tests/contract/kernel.py), in real time, served by this process.

Keypad, scanner, panel, printer, modem, gauge and clock. Lines of the header are not among them: the preload cannot give them."""

import asyncio
import json
import os
import pty
import socket
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hal import board_file
from sim.chips.modem import Modem
from sim.chips.oled_chips import chip_of
from sim.chips.thermal import Thermal
from tests.contract.cables import MODEM, PRINTER
from tests.contract.kernel import Kernel
from tests.contract.nodes import KEYPAD, PRELOAD, SCANNER

CODES = range(1, 128)
AHEAD_S = 60  # of the clock chip, which stands still here: hal/clock.py believes it while it is not 120 s off


class Chips:
    """One loop in a thread of its own, for chips that live by their clock."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def make(self, chip: "Callable[[], Any]") -> Any:
        """In the loop."""

        async def made() -> Any:
            return chip()

        return asyncio.run_coroutine_threadsafe(made(), self.loop).result(10)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


class Stall:
    """Of one till, whose files lie in `folder`. broker: the port of this machine at which every call of the modem's ends."""

    def __init__(self, folder: Path, chips: Chips, broker: int) -> None:
        self.folder = folder / "nodes"
        self.chips = chips
        self.broker = broker
        self.ends: list[Any] = []
        self.kernel = Kernel(self.folder)

    def fit(self, config: Path, cell: bool) -> None:
        """Everything that board.json names is plugged in. cell: is there one for the modem?"""
        path = config / "board.json"
        told = json.loads(path.read_text())
        told["printer"]["port"], told["modem"]["port"], told["modem"]["rtscts"] = PRINTER, MODEM, False
        path.write_text(json.dumps(told))
        parts = board_file.load(config)
        for place, name in (KEYPAD, SCANNER):
            self.kernel.keyboard(place, name, CODES)
        self.kernel.i2c("/dev/i2c-1", chip_of(parts.panel))
        self.note("power_supply/battery/capacity", "63")
        self.note("rtc/rtc0/since_epoch", str(int(time.time()) + AHEAD_S))
        loop, wire, maker, baud = self.chips.loop, self.wire, parts.modem.set, parts.modem.baud
        self.printer = self.chips.make(lambda: Thermal(loop, wire(PRINTER), parts.printer.baud))
        self.modem = self.chips.make(lambda: Modem(loop, self.far, maker, baud))
        self.chips.make(lambda: self.modem.plug(wire(MODEM)))
        self.modem.registration = "home" if cell else "searching"  # it boots for 3 s

    def wire(self, place: str) -> Any:
        """The far end of a terminal at this place."""
        master, slave = pty.openpty()  # the slave stays open: a terminal that nobody has open hangs up
        tty.setraw(slave)
        self.kernel.terminal(place, os.ttyname(slave))
        self.ends.append(os.fdopen(slave, "r+b", buffering=0))
        return os.fdopen(master, "r+b", buffering=0)

    def note(self, place: str, text: str) -> None:
        """A file of /sys/class."""
        file = self.kernel.node("/sys/class/" + place)
        file.parent.mkdir(parents=True)
        file.write_text(text + "\n", encoding="ascii")

    async def far(self, host: str, port: int) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.broker))
        sock.setblocking(False)
        return sock

    def environ(self) -> "dict[str, str]":
        return {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": str(self.folder)}

    def close(self) -> None:
        self.chips.make(self.modem.close)
        self.chips.make(self.printer.unplug)
        self.kernel.close()
        for end in self.ends:
            end.close()
