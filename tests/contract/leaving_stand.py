"""A till as a process whose devices hang, for tests/contract/test_leaving.py:

    python -m tests.contract.leaving_stand FOLDER HOW WHAT [WHAT...]

FOLDER: its configuration, store and printer are there. HOW it ends, once a sale is paid: key, empty, weak, term, fault. WHAT
hangs: bus, gauge, dns, disk (from then on), close (of a device, in the loop itself); joined: the control, which ends as Python
ends."""

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from firmware import main as firmware
from firmware.flows import power as power_flow
from hal import __main__ as hal
from hal import leaving, pi, power, store
from hal.ports.keys import Key
from hal.power import STOP_PERCENT, WEAK_LOOKS, Reading
from sim.chips.gpio import GpioChip

LONG_S = 20  # what hangs, hangs longer than any test waits
TURN_S = 0.01


def hang(*asked, **named):
    threading.Event().wait(LONG_S)
    raise OSError(110, "Connection timed out")


class Hung:
    """A call that hangs, and whether it was made."""

    def __init__(self):
        self.asked = threading.Event()

    def __call__(self, *asked, **named):
        self.asked.set()
        hang()


class HungBus:
    i2c_rdwr = write_i2c_block_data = read_byte = hang


class HungClose:
    """A serial port whose bytes nobody takes: the kernel keeps the loop in close(2)."""

    def close(self):
        time.sleep(LONG_S)


class Hands:
    """A keypad, and somebody who sells once."""

    def __init__(self, board, how, hung, dns):
        self.board, self.how, self.hung, self.dns = board, how, hung, dns
        self.dies = asyncio.Event()
        board.keys = self
        self.work = asyncio.ensure_future(self.sell())

    def start(self, post):
        self.post = post

    def press(self, names):
        for name in names.split():
            for down in (True, False):
                self.post(Key(name, down, self.board.clock.now_ms()))

    async def sees(self, id):
        while self.board.screen._screen.frame is None or self.board.screen._screen.frame.id != id:  # noqa: ASYNC110 (it hangs)
            await asyncio.sleep(TURN_S)

    async def sell(self):
        await self.sees("idle")
        self.press("F1 CASH OK")
        await self.sees("paid")
        if "disk" in self.hung:
            store.OsDisk.fdatasync = disk = Hung()
            self.press("OK F1 CASH OK")
            await was(disk)
        if "dns" in self.hung:
            await was(self.dns)
        self.end()

    def end(self):
        driver = self.board.power
        if self.how == "key":
            driver.press()
        elif self.how == "empty":
            driver.heed(Reading(STOP_PERCENT, True, False))
        elif self.how == "weak":
            for _ in range(WEAK_LOOKS):
                driver.heed(Reading(100, False, True))
        elif self.how == "fault":
            self.dies.set()
        else:
            os.kill(os.getpid(), signal.SIGTERM)


async def was(call):
    """Until it was made, in whatever thread."""
    while not call.asked.is_set():  # noqa: ASYNC110
        await asyncio.sleep(TURN_S)


def main(folder, how, hung):
    hands, dns = [], Hung()
    real = pi.board

    def board(*given, **named):
        if "bus" in hung:
            named["open_bus"] = lambda number: HungBus()
        chip = GpioChip(hal.board_file.load(folder / "config").pins)
        made = real(*given, **named, open_header=lambda: chip.factory)
        made.clock.set(1_800_000_000)
        if "close" in hung:
            made._pins.insert(0, HungClose())
        hands.append(Hands(made, how, hung, dns))
        return made

    async def dies(self):
        await hands[0].dies.wait()
        raise RuntimeError("a defect")

    pi.board, firmware.Keeper.run = board, dies
    if "gauge" in hung:
        power.gauge = hang
    pi.TASKS_S, pi.STORE_S, pi.DARK_S, pi.LONGEST_S = 0.2, 0.2, 0.2, 0.8
    firmware.FAULT_MS, power_flow.PATIENCE_S = 10, 0.1
    if "dns" in hung:
        socket.getaddrinfo = dns
    sys.argv = ["hal", "run", "--config", str(folder / "config")]
    if "joined" in hung:
        pi.LONGEST_S = LONG_S
        sys.exit(hal.main())
    leaving.leave(hal.main())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
