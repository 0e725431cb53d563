"""A device that is not there is looked for once a second for a while, and then only when something was plugged in."""

import asyncio
import errno
import os
import sys
from pathlib import Path

import pytest

from hal.events import BUSY_S, EAGER, Ear
from hal.ports.board import Log
from sim.clock import run

NULL = Path("/sys/devices/virtual/mem/null/uevent")


class Absent:
    """Nothing is on its cable until `there`, or it is another program's (why); counts looks. plug: something was plugged in."""

    name = "a scanner"

    def __init__(self, end, why=errno.ENOENT):
        self.why = why
        self.end, self.looks, self.there, self.plug = end, 0, False, asyncio.Event()

    def open(self):
        self.looks += 1
        if not self.there:
            raise OSError(self.why, "not to be had")

    def fileno(self):
        return self.end

    def read(self):
        return []

    def close(self):
        pass

    async def plugged(self):
        await self.plug.wait()
        self.plug.clear()


class Quiet(Log):
    def say(self, who, text):
        pass


def test_a_long_absent_device_wakes_nobody_until_something_is_plugged_in():
    async def story():
        read, write = os.pipe()
        source = Absent(read)
        ear = Ear(source, Quiet(), lambda event: None, lambda: None)
        ear.start()
        await asyncio.sleep(3600)
        assert source.looks == 1 + EAGER
        source.plug.set()  # something else
        await asyncio.sleep(3600)
        assert source.looks == 1 + 2 * EAGER
        source.there = True
        source.plug.set()
        await asyncio.sleep(1.1)
        assert source.looks == 2 + 2 * EAGER, "found a second later"
        ear.stop()
        os.close(read)
        os.close(write)

    run(story())


def test_a_device_that_another_program_had_is_found_within_a_minute_of_its_freedom():
    async def story():
        read, write = os.pipe()
        source = Absent(read, errno.EBUSY)
        ear = Ear(source, Quiet(), lambda event: None, lambda: None)
        ear.start()
        await asyncio.sleep(EAGER + 10 * BUSY_S + 1)
        assert source.looks == 1 + EAGER + 10, "nobody says that it is free, so it is asked, seldom"
        source.there = True
        await asyncio.sleep(BUSY_S)
        assert source.looks == 2 + EAGER + 10
        await asyncio.sleep(3600)
        assert source.looks == 2 + EAGER + 10
        ear.stop()
        os.close(read)
        os.close(write)

    run(story())


@pytest.mark.skipif(sys.platform != "linux" or not os.access(NULL, os.W_OK), reason="only root makes the kernel tell")
def test_the_kernel_tells_of_such_a_device_and_of_nothing_else():
    from hal.plug_watch import PlugWatch  # here, since netlink is Linux's

    async def story():
        keypads, memory = PlugWatch("input"), PlugWatch("mem")
        told("add", NULL)
        await asyncio.wait_for(memory.came(), 10)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(keypads.came(), 0.1)  # the control: /dev/null is no keypad
        keypads.close()
        memory.close()

    asyncio.run(story())


def told(what, where):
    where.write_text(what)
