"""Reads signs.txt: pictures drawn with letters, `#` a lit dot and `.` a dark one, under a line `= name`."""

from pathlib import Path

from hal.draw.pack.bitmap import Columns
from hal.draw.signs import NAMES, code_of


def read_art(path: Path) -> dict[int, Columns]:
    """Pictures by code point. Raises ValueError where a name or a row is wrong."""
    pictures: dict[str, list[str]] = {}
    name = ""
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        if line.startswith("= "):
            name = line[2:]
            pictures[name] = []
        elif line:
            if name not in NAMES or set(line) - {"#", "."} or len(line) != len((pictures[name] or [line])[0]):
                raise ValueError(f"{path.name}:{number}: not a row of '{name}'")
            pictures[name].append(line)
    if set(pictures) != set(NAMES):
        raise ValueError(f"{path.name}: these differ from hal/draw/signs.py: {set(pictures) ^ set(NAMES)}")
    return {code_of(name): columns(rows) for name, rows in pictures.items()}


def columns(rows: list[str]) -> Columns:
    """As a glyph: one int a column, bit 0 on top."""
    return [sum(1 << y for y, row in enumerate(rows) if row[x] == "#") for x in range(len(rows[0]))]
