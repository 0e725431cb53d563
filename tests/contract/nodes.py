"""The second wire of the contract suite: device nodes of a user-space kernel (kernel.py), opened as hal opens them on a Pi.

Under test_nodes.py the stories run once more in a process with the preload. There `keypad_chip` and `scanner_chip` give chips
whose cable is /dev/input/event*, opened by hal/input_device.py through python-evdev; `panel_wire` is luma over smbus2 on
/dev/i2c-* or over hal's own node on /dev/spidev*; `supplies` is /sys; serial lines are in cables.py. Everywhere else they are the
virtual chips alone."""

import functools
import json
import os
import shutil
import socket
import subprocess
import sys

from hal.board_panel import I2cWire
from hal.events import Event
from hal.late_bus import LateBus
from hal.panels_board import serial
from hal.power import SENSORS, SUPPLIES, Battery
from sim.chips.keyboard import INPUT_EVENT, Keyboard
from sim.chips.keypad import KeypadChip
from sim.chips.oled_chips import solder, wire_to
from sim.chips.scanner import ScannerChip
from tests.contract.kernel import Kernel

HANDS = "BARROW_NODES"  # where the kernel's door is; set by test_nodes.py
PRELOAD = "libumockdev-preload.so.0"
KEYPAD, SCANNER = ("/dev/input/event0", "matrix_keypad"), ("/dev/input/event1", "barcode scanner")


def through_nodes():
    return HANDS in os.environ


def preload_is_here():
    """Is Debian's package umockdev installed?"""
    told = subprocess.run([sys.executable, "-c", ""], env={**os.environ, "LD_PRELOAD": PRELOAD}, capture_output=True, check=False)
    return PRELOAD.encode() not in told.stderr


def few(count):
    """Of bytes or turns: a tenth on nodes, where each request goes through another process."""
    return max(1, count // 10) if through_nodes() else count


@functools.cache
def kernel():
    """The one behind the buses of this process, whose chips are here. All else hangs on its starter's, at which hands() are."""
    return Kernel(os.environ["UMOCKDEV_DIR"])


class Hands:
    """Orders to the kernel, each carried out when the call returns."""

    def __init__(self):
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.connect(os.environ[HANDS])
        self.lines = self.wire.makefile("rw")

    def order(self, do, path, what=""):
        """As tests/contract/kernel.py has them."""
        self.lines.write(json.dumps({"do": do, "path": path, "what": what}) + "\n")
        self.lines.flush()
        assert self.lines.readline() == "done\n", "the kernel ended"


@functools.cache
def hands():
    return Hands()


class OnNode(Keyboard):
    """A keyboard whose cable is a node: hal/input_device.py is the source, the kernel carries what the hands do."""

    def on_node(self, path, name):
        from hal.input_device import InputNode  # evdev is Linux's

        self.path, self.node = path, InputNode(name)
        self.name = name
        hands().order("plug", path)

    def open(self) -> None:
        self.node.open()

    def fileno(self) -> int:
        return self.node.fileno()

    def read(self) -> list[Event]:
        return list(self.node.read())

    def close(self) -> None:
        if self.node.fileno() >= 0:
            self.loop.remove_reader(self.node.fileno())
        self.node.close()

    def unplug(self) -> None:
        self.plugged = False
        hands().order("unplug", self.path)

    def plug(self) -> None:
        self.plugged = True
        hands().order("plug", self.path)

    def emit(self, type: int, code: int, value: int) -> None:
        seconds, micros = divmod(round(self.stamp() * 1_000_000), 1_000_000)
        hands().order("emit", self.path, INPUT_EVENT.pack(seconds, micros, type, code, value).hex())


class NodeKeypad(OnNode, KeypadChip):
    """The keypad's chip on its node."""


class NodeScanner(OnNode, ScannerChip):
    """The scanner's chip on its node."""


def keypad_chip(keymap, loop):
    if not through_nodes():
        return KeypadChip(keymap, loop)
    chip = NodeKeypad(keymap, loop)
    chip.on_node(*KEYPAD)
    return chip


def scanner_chip(loop):
    if not through_nodes():
        return ScannerChip(loop)
    chip = NodeScanner(loop)
    chip.on_node(*SCANNER)
    return chip


def panel_wire(header, chip, panel):
    """hal's own wire to a panel's chip, in process or through its node."""
    if not through_nodes():
        return wire_to(header, chip, panel)
    from smbus2 import SMBus, i2c_msg  # Linux's, as fcntl

    from hal.panels_spi_node import SpiNode

    class Bus(SMBus):
        __del__ = SMBus.close

    class Node(SpiNode):
        __del__ = SpiNode.close

    solder(header, chip, panel)
    where = panel.wire
    if isinstance(where, I2cWire):
        kernel().i2c(f"/dev/i2c-{where.bus}", chip)
    else:
        kernel().spi(f"/dev/spidev{where.bus}.{where.device}", chip)
    return serial(panel, header, lambda bus: LateBus(bus, Bus), i2c_msg.write, Node())[0]


def supplies(folder):
    """The folder where files of /sys/class are laid for a story, and what makes a driver that reads them."""
    if not through_nodes():
        return folder, lambda: Battery(folder / SUPPLIES.name, folder / SENSORS.name)
    folder = kernel().node(str(SUPPLIES.parent))
    shutil.rmtree(folder, ignore_errors=True)
    return folder, Battery
