"""The second wire of the contract suite: hal's real input device on a node of a user-space kernel (tests/contract/kernel.py).

Under tests/contract/test_nodes.py the stories of the keypad and the scanner run once more in a process with the preload; there
`keypad_chip` and `scanner_chip` give chips whose cable is /dev/input/event*, opened by hal/input_device.py through python-evdev.
Everywhere else they are the virtual chips alone."""

import json
import os
import socket

from hal.events import Event
from sim.chips.keyboard import INPUT_EVENT, Keyboard
from sim.chips.keypad import KeypadChip
from sim.chips.scanner import ScannerChip

HANDS = "BARROW_NODES"  # where the kernel's door is; set by test_nodes.py
PRELOAD = "libumockdev-preload.so.0"
KEYPAD, SCANNER = ("/dev/input/event0", "matrix_keypad"), ("/dev/input/event1", "barcode scanner")


def through_nodes():
    return HANDS in os.environ


class Hands:
    """Orders to the kernel, each carried out when the call returns."""

    def __init__(self):
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.connect(os.environ[HANDS])
        self.lines = self.wire.makefile("rw")

    def order(self, path, do, **more):
        self.lines.write(json.dumps({"path": path, "do": do, **more}) + "\n")
        self.lines.flush()
        assert self.lines.readline() == "done\n", "the kernel ended"

    def close(self):
        self.lines.close()
        self.wire.close()


class OnNode(Keyboard):
    """A keyboard whose cable is a node: hal/input_device.py is the source, the kernel carries what the hands do."""

    def on_node(self, path, name):
        from hal.input_device import InputNode  # evdev is Linux's

        self.path, self.node = path, InputNode(name)
        self.name = name
        self.hands = Hands()
        self.hands.order(path, "plug")

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
        self.hands.order(self.path, "unplug")

    def plug(self) -> None:
        self.plugged = True
        self.hands.order(self.path, "plug")

    def emit(self, type: int, code: int, value: int) -> None:
        seconds, micros = divmod(round(self.stamp() * 1_000_000), 1_000_000)
        self.hands.order(self.path, "emit", event=INPUT_EVENT.pack(seconds, micros, type, code, value).hex())


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
