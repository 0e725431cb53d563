"""Lines of the header that another holds cost their part and not the till; and lgpio itself, where it would not be imported."""

import asyncio
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hal import board_file, check_gpio, gpio_lines, header_board, modem_power
from hal.board_file import Pins
from hal.no_header import Mute, NoDrawer
from hal.panels_pins import Pins as PanelPins
from hal.ports.board import Sound
from hal.ports.frame import Frame, Text
from tests.contract.kernel_gpio import GpioKernel
from tests.contract.screen_stand import ON_SPI, Desk
from tests.contract.wires import Notes, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="gpiochips are Linux's")
ROOT = Path(__file__).parents[2]
PINS = Pins(17, 18, {"ready": 22, "alarm": 25}, 9)
HELLO = Frame("notice", {}, heading=Text("HELLO"))
PARTS = {17: "no drawer", 18: "no buzzer", 22: "no lamp ready", 25: "no lamp alarm", 9: "no power key"}


class Busy(Exception):
    """As lgpio has it: no error of gpiozero's."""


class Header:
    """gpiozero's mock header, some lines of which are another's."""

    def __init__(self, monkeypatch, *lines):
        monkeypatch.setitem(sys.modules, "lgpio", SimpleNamespace(error=Busy))
        busy = self.busy = set(lines)

        class Pin(MockPWMPin):
            def __init__(self, factory, info):
                if int(info.name[4:]) in busy:
                    raise Busy("GPIO busy")
                super().__init__(factory, info)

        self.pin_class = Pin
        self.factory = MockFactory(pin_class=Pin)


def hung(header, folder, log):
    return header_board.header(lambda: header.factory, PINS, lambda: None, log, folder)


@pytest.mark.parametrize("line", PARTS)
def test_one_line_that_is_another_s_costs_its_part_alone(line, tmp_path, monkeypatch):
    async def story():
        header, log = Header(monkeypatch, line), Notes()
        found = hung(header, tmp_path, log)
        refused = [words for words in log.lines if "GPIO busy" in words]
        assert len(refused) == 1 and PARTS[line] in refused[0] and f"BCM {line}" in refused[0]
        found.drawer.kick()
        found.sound.tone(Sound.KEY)
        found.light.set("ready", True)
        found.light.set("alarm", True)
        moved = {number for number in (17, 22, 25) if number != line}
        assert all(header.factory.pin(number).state for number in moved)
        assert isinstance(found.drawer, NoDrawer) == (line == 17) and isinstance(found.sound, Mute) == (line == 18)
        assert (found.key is None) == (line == 9)

    run(story())


def test_an_error_that_is_no_refusal_is_not_hidden(monkeypatch):
    header = Header(monkeypatch)
    monkeypatch.setattr(header.pin_class, "__init__", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        gpio_lines.claimed(DigitalOutputDevice, header.factory, 17)


def test_a_modem_s_switch_that_is_another_s_is_said_and_no_more(monkeypatch):
    log = Notes()
    assert modem_power.supply(Header(monkeypatch, 27).factory, 27, log) is None
    assert log.lines == ["sys no switch for the modem's power: BCM 27: GPIO busy"]
    modem_power.supply(Header(monkeypatch).factory, 27, log).close()
    assert modem_power.supply(None, 27, log) is None and len(log.lines) == 1


def test_a_panel_s_line_is_had_once_it_is_free(monkeypatch):
    header = Header(monkeypatch, 9)
    pins = PanelPins(header.factory)
    pins.setup(9, PanelPins.OUT)
    for _ in range(3):
        with pytest.raises(OSError, match="BCM 9: GPIO busy"):
            pins.output(9, False)
    header.busy.clear()
    pins.output(9, False)
    assert header.factory.pin(9).function == "output" and not header.factory.pin(9).state
    pins.close()


def test_a_till_none_of_whose_lines_is_to_be_had_comes_up_all_the_same(tmp_path, monkeypatch):
    from tests.contract.test_pi import DEADLINE_S, Pi, firmware, watched

    header = Header(monkeypatch, *range(2, 28))
    monkeypatch.setattr("tests.contract.test_pi.GpioChip", lambda pins: header)

    async def story():
        pi, shown, up = Pi(tmp_path), [], asyncio.Event()
        pi.board.screen.show = watched(pi.board.screen.show, shown, up)
        task = asyncio.create_task(firmware.run(pi.board))
        async with asyncio.timeout(DEADLINE_S):
            await up.wait()
        assert not task.done() and shown[-1] in ("idle", "clock_check")
        assert all(words in pi.log.getvalue() for words in (*PARTS.values(), "no switch for the modem's power"))
        pi.board.drawer.kick()
        assert "no drawer to kick" in pi.log.getvalue()
        await pi.end_tasks()
        await pi.board.close()

    asyncio.run(story())


def test_a_panel_whose_line_is_another_s_is_lost_and_back_once_it_is_free():
    desk = Desk(ON_SPI)
    another = DigitalOutputDevice(ON_SPI.wire.dc, pin_factory=desk.wire._gpio._factory)
    for _ in range(2):
        desk.show(HELLO)
    assert len(desk.log.lines) == 1 and "panel lost: BCM 5: pin GPIO5 is already in use" in desk.log.lines[0]
    another.close()
    desk.show(HELLO)
    assert desk.log.lines[1:] == ["ui panel back"] and desk.true(HELLO)


# -- what the kernel says


def test_the_log_says_who_holds_a_line(tmp_path, monkeypatch):
    kernel, header = GpioKernel(tmp_path, monkeypatch), Header(monkeypatch, 17)
    kernel.held[17] = "matrix_kbd_col"
    with pytest.raises(OSError) as caught:
        gpio_lines.claimed(DigitalOutputDevice, kernel.factory(header.pin_class), 17)
    assert str(caught.value) == "BCM 17: GPIO busy, held by matrix_kbd_col"
    kernel.held[17] = ""
    assert gpio_lines.held_by(kernel.factory(), 17) == ", held by somebody"
    assert gpio_lines.held_by(kernel.factory(), 22) == ""
    (tmp_path / "gpiochip0").unlink()
    assert gpio_lines.held_by(kernel.factory(), 17) == ""


def test_check_asks_for_each_line_as_it_is_and_names_who_has_the_others(tmp_path, monkeypatch):
    kernel, board = GpioKernel(tmp_path, monkeypatch), board_file.load(ROOT / "config")
    before = os.listdir("/dev/fd")
    assert check_gpio.gpio(board, kernel.factory) == (
        "free: gpio.drawer_bcm 17, gpio.lamps_bcm.ready 22, gpio.lamps_bcm.link 23, gpio.lamps_bcm.paper 24, "
        "gpio.lamps_bcm.alarm 25, gpio.power_key_bcm 9, modem.power_bcm 27"
    )
    assert kernel.asked == [(line, 0) for line in (17, 22, 23, 24, 25, 9, 27)], "neither in nor out; the buzzer's is the kernel's"
    kernel.held |= {9: "spi0 CS1", 27: "lg"}
    with pytest.raises(OSError) as caught:
        check_gpio.gpio(board, kernel.factory)
    busy = "Device or resource busy, held by"
    assert str(caught.value) == (
        f"gpio.power_key_bcm: BCM 9: {busy} spi0 CS1; modem.power_bcm: BCM 27: {busy} lg; is the till stopped?"
    )
    assert os.listdir("/dev/fd") == before, "nothing stays open"


# -- lgpio itself

WHEEL = platform.machine() in ("x86_64", "aarch64") and sys.version_info < (3, 13)  # as requirements.in has it
IMPORT = """
import os, struct, sys, threading
from hal import gpio
folder = os.getcwd()
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
lgpio = gpio.library() if sys.argv[1] == "ours" else __import__("lgpio")
print("is here" if os.getcwd() == folder else "went away", lgpio.error.__mro__[1].__name__)
"""


def imported(whose, root, fifos=None):
    """(what it said, its errors) of an import in a folder that the user may not write to, as barrow's is /opt/barrow."""
    env = {key: value for key, value in os.environ.items() if key != "LG_WD"} | {"PYTHONPATH": str(ROOT)}
    env |= {"LG_WD": str(fifos)} if fifos else {}
    done = subprocess.run([sys.executable, "-c", IMPORT, whose], cwd=root, env=env, capture_output=True, text=True, timeout=60)
    return done.stdout.strip(), done.stderr


@pytest.fixture
def roots():
    """A folder that nobody but root may write to, and one for everybody; pytest's own are closed to other users."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root, fifos = Path(folder, "opt"), Path(folder, "run")
        root.mkdir(mode=0o555)
        fifos.mkdir()
        fifos.chmod(0o777)
        yield root, fifos


def test_lgpio_is_had_where_the_till_may_not_write_and_the_till_stays_where_it_is(roots):
    if importlib.util.find_spec("lgpio") is None:
        assert os.environ.get("CI") != "true" or not WHEEL, "lgpio is missing"
        pytest.skip("no wheel of lgpio for this Python")
    root, fifos = roots
    assert imported("ours", root) == ("is here Exception", ""), "no error of gpiozero's, nor an OSError"
    assert "FileNotFoundError: [Errno 2] No such file or directory: '.lgd-nfy" in imported("plain", root)[1], "the control"
    assert imported("ours", root, fifos) == ("is here Exception", "")
    assert imported("plain", root, fifos) == ("went away Exception", ""), "the control"
    assert os.listdir(root) == []


def test_the_unit_names_a_folder_for_lgpio_s_fifo_that_systemd_makes():
    unit = (ROOT / "config/units/barrow.service").read_text().splitlines()
    assert {"Environment=LG_WD=/run/barrow", "RuntimeDirectory=barrow"} <= set(unit)
