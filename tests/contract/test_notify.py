"""What systemd hears: a real socket, the real process, and a loop that is stuck on purpose."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hal.notify import UNWATCHED_S, Notify, ReadyScreen, period
from hal.ports.board import Screen
from hal.ports.frame import Frame

CONFIG = Path(__file__).parents[2] / "config"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")


class Systemd:
    """The end of the socket that systemd holds."""

    def __init__(self, folder, usec=40_000):
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(str(folder / "notify"))
        self.wire.settimeout(10)
        self.environ = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": str(usec), "WATCHDOG_PID": str(os.getpid())}

    def heard(self):
        return self.wire.recv(4096).decode()


def test_ready_and_stopping_are_said_with_words_for_systemctl_status(tmp_path):
    systemd = Systemd(tmp_path)
    notify = Notify(systemd.environ, os.getpid())
    notify.ready("STALL-0001 0.1.0")
    assert systemd.heard() == "READY=1\nSTATUS=STALL-0001 0.1.0"
    notify.stopping("the battery is empty")
    assert systemd.heard() == "STOPPING=1\nSTATUS=the battery is empty"


def test_an_abstract_socket_is_met_by_its_nul(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(f"\0barrow-test-{os.getpid()}")
        wire.settimeout(10)
        Notify({"NOTIFY_SOCKET": f"@barrow-test-{os.getpid()}"}, 1).alive()
        assert wire.recv(64) == b"WATCHDOG=1"


def test_the_loop_feeds_twice_in_the_limit_and_looks_at_each_turn(tmp_path):
    systemd, looks, enough = Systemd(tmp_path), [], asyncio.Event()
    notify = Notify(systemd.environ, os.getpid())
    assert notify.every_s == 0.02

    def look():
        looks.append(1)
        if len(looks) == 5:
            enough.set()

    async def story():
        feeding = asyncio.create_task(notify.feed(look))
        await asyncio.wait_for(enough.wait(), 10)
        feeding.cancel()

    asyncio.run(story())
    assert [systemd.heard() for _ in range(5)] == ["WATCHDOG=1"] * 5


def test_a_loop_that_is_stuck_feeds_nothing(tmp_path):
    """The control of the watchdog: a coroutine that never gives the loop back starves the dog."""
    systemd, notify = Systemd(tmp_path, usec=2_000), None
    notify = Notify(systemd.environ, os.getpid())

    async def story():
        feeding = asyncio.create_task(notify.feed(lambda: None))
        await asyncio.sleep(0)  # it has fed once
        systemd.heard()
        systemd.wire.settimeout(0.1)  # fifty limits, in which this very coroutine holds the loop
        with pytest.raises(TimeoutError):
            systemd.heard()
        feeding.cancel()

    asyncio.run(story())


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}],
)
def test_nobody_watches_and_the_till_turns_all_the_same(environ):
    assert period(environ, 4242) == UNWATCHED_S
    notify = Notify(environ, 4242)
    notify.ready("x")  # goes nowhere, and that is no fault
    assert notify.unheard == 0


def test_a_systemd_that_is_gone_costs_a_message_and_not_the_till(tmp_path):
    notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "nobody")}, 1)
    notify.alive()
    assert notify.unheard == 1


def test_a_till_is_ready_with_the_first_picture_that_somebody_can_use():
    said = []

    class Glass(Screen):
        async def show(self, frame):
            said.append(frame.id)

    async def story():
        screen = ReadyScreen(Glass(), lambda: said.append("READY"))
        for id in ("boot", "boot", "clock_check", "idle"):
            await screen.show(Frame(id, {}))

    asyncio.run(story())
    assert said == ["boot", "boot", "clock_check", "READY", "idle"]


def test_the_real_process_is_ready_fed_and_says_when_it_stops(tmp_path):
    systemd = Systemd(tmp_path, usec=200_000)
    systemd.wire.settimeout(30)
    shutil.copytree(CONFIG, tmp_path / "config")
    board = json.loads((tmp_path / "config/board.json").read_text())
    board["store"] = {"folder": str(tmp_path), "mirror": ""}
    (tmp_path / "config/board.json").write_text(json.dumps(board))
    environ = {**os.environ, **systemd.environ, "RUNTIME_DIRECTORY": str(tmp_path)}
    del environ["WATCHDOG_PID"]
    command = [sys.executable, "-m", "hal", "run", "--config", str(tmp_path / "config")]
    with subprocess.Popen(command, cwd=CONFIG.parent, env=environ, stderr=subprocess.DEVNULL) as till:
        while (first := systemd.heard()) == "WATCHDOG=1":
            pass
        assert first.startswith("READY=1\nSTATUS=BARROW-0001, Barrow ")
        assert [systemd.heard() for _ in range(3)] == ["WATCHDOG=1"] * 3
        till.terminate()
        while (last := systemd.heard()) == "WATCHDOG=1":
            pass
        assert last.startswith("STOPPING=1") and till.wait(20) == 0
    assert "sys stopped" in (tmp_path / "log").read_text(), "its log outlives it"
