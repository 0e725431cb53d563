"""How the till's process ends: within seconds and with its exit code, whatever hangs. And how it is told that the machine is to
be switched off, where no exit code can tell it."""

import faulthandler
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from hal.ports.board import Log, Power
from hal.serial_port import drop_unsent

OFF = "off"  # in /run/barrow; barrow.service looks for it
STDERR = 2
TOLD_S = 0.2  # for the words about it


def leave(code: int) -> NoReturn:
    """The one way out.

    Not sys.exit: a Python program in the end waits for every thread that has work, without a bound. A name that is asked of DNS
    over a dead uplink takes 20 s, an i2c transfer that hangs takes for ever; systemd would kill the till meanwhile, its exit
    code would be lost, and a till whose battery is empty would be started again."""
    try:
        sys.stdout.flush()  # stderr holds nothing back
        for fd in map(int, os.listdir("/dev/fd")):
            if fd > STDERR:
                drop_unsent(fd)  # the kernel would wait for it, and nobody would see the exit code meanwhile
    finally:
        os._exit(code)


def no_later_than(seconds: float, code: int) -> None:
    """leave() then, even if the loop itself hangs, in some close() or in stderr; the log has where every thread stood."""
    faulthandler.dump_traceback_later(seconds)  # by a thread of its own without Python, so it holds up nobody
    last = threading.Timer(seconds + TOLD_S, leave, (code,))
    last.daemon = True
    last.start()


async def note_power(power: Power, folder: Path | None, log: Log) -> None:
    """Once the power ends, a file says so: whatever becomes of this process then, the machine is switched off and the till is
    not started again. folder: /run/barrow; None where nobody would read it."""
    why = await power.ends()
    if folder is None:
        return
    try:
        (folder / OFF).write_text(f"{why}\n", encoding="ascii")
    except OSError as fault:
        log.say("sys", f"only the exit code will say that the power ends: {fault}")
