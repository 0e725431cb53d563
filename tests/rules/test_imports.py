"""Who may import whom (README, "The house"), read from the syntax trees: a wrong arrow is a failing test."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STDLIB_OF_FIRMWARE = {"asyncio", "array", "binascii", "collections", "errno", "hashlib", "heapq", "io", "json", "re", "struct"}
ROOMS = ("firmware", "hal", "sim", "fleet")
# the only files that may reach over a wall, by name: they are where a program starts
ENTRIES = {"hal/__main__.py", "sim/__main__.py", "fleet/__main__.py"}
# one device library a file
DEVICE_LIBRARIES = {"luma", "smbus2", "gpiozero", "evdev", "serial", "escpos", "paho", "segno", "amqtt", "usb"}


def type_checking_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def walk(tree: ast.AST):
    """Every node that runs: the TYPE_CHECKING block is for the type checker alone."""
    for child in ast.iter_child_nodes(tree):
        if not type_checking_block(child):
            yield child
            yield from walk(child)


def imports(tree: ast.AST, package: str) -> list[str]:
    found = []
    for node in walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {package}"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def allowed(path: str, name: str) -> bool:
    room, top = path.split("/")[0], name.split(".")[0]
    if path in ENTRIES:
        return True
    if room == "firmware":
        return top == "firmware" or name.startswith("hal.ports.") or top in STDLIB_OF_FIRMWARE
    if path.startswith(("hal/ports/", "hal/draw/")) and not path.startswith("hal/draw/pack/"):
        return name.startswith(("hal.ports", "hal.draw")) or top in STDLIB_OF_FIRMWARE
    if room == "hal":
        return top not in ("firmware", "sim", "fleet")
    if room == "fleet":
        own = name.startswith(("firmware.sync.wire", "firmware.journal.codec", "hal.draw")) or top == "fleet"
        return own or top not in ROOMS
    if path.startswith("sim/hosts/"):
        return top not in ("firmware", "hal", "fleet")
    return room == "sim"


FILES = sorted(str(p.relative_to(ROOT)) for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def tree_of(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES)
def test_a_file_imports_only_what_its_room_may_know(path):
    wrong = [name for name in imports(tree_of(path), path) if not allowed(path, name)]
    assert not wrong, f"{path} may not import {wrong}"


@pytest.mark.parametrize("path", [p for p in FILES if p.startswith("hal/")])
def test_a_driver_uses_one_device_library(path):
    used = {name.split(".")[0] for name in imports(tree_of(path), path)} & DEVICE_LIBRARIES
    assert len(used) <= 1 or path == "hal/pi.py", f"{path} uses {used}"


@pytest.mark.parametrize("path", [p for p in FILES if p.endswith("__init__.py")])
def test_an_init_is_empty_or_one_docstring(path):
    body = tree_of(path).body
    assert len(body) <= 1 and all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in body)


def test_the_rule_bites():
    """The control: a wrong arrow of each kind is refused."""
    assert not allowed("firmware/till.py", "time.time")
    assert not allowed("firmware/till.py", "hal.screen.Panel")
    assert not allowed("hal/screen.py", "firmware.till.Till")
    assert not allowed("hal/draw/blit.py", "PIL.Image")
    assert not allowed("fleet/ledger.py", "firmware.till.Till")
    assert not allowed("fleet/ledger.py", "sim.world.World")
    assert allowed("fleet/ledger.py", "firmware.sync.wire.pack")
    assert allowed("sim/world.py", "firmware.main.run")
