"""config/keymaps/NAME.json: what the keys of one kind of keypad mean, by their scan codes (linux/input-event-codes.h).

A pad of fewer than 28 keys gives one of them away as its shift: tapped, it holds for the next key; held, for as long. So
every map must reach all 28 names, and no flow has a key that some till lacks."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from hal.config_text import json_of, text_of
from hal.ports.faults import ConfigFault
from hal.ports.keys import KEYS

FOLDER = "keymaps"
CODE = re.compile("[1-9][0-9]{0,2}")


class Keymap(NamedTuple):
    """keys: scan code -> key name. shift: a scan code, 0 for none. shifted: the names after shift.
    debounce_ms: how long a contact may chatter; 0 for a keyboard that sees to it itself."""

    keys: dict[int, str]
    debounce_ms: int
    shift: int = 0
    shifted: dict[int, str] = {}  # noqa: RUF012 (nobody changes it)

    def strokes(self, name: str) -> tuple[int, ...]:
        """The scan codes that go down for a key, in their order. Raises KeyError when there is no such key."""
        for code, meaning in self.keys.items():
            if meaning == name:
                return (code,)
        for code, meaning in self.shifted.items():
            if meaning == name:
                return (self.shift, code)
        raise KeyError(name)


def load(config_dir: Path, name: str) -> Keymap:
    """Raises ConfigFault: file, key, reason."""
    file = f"{FOLDER}/{name}.json"
    return parse(text_of(config_dir, file), file)


def parse(text: str, file: str) -> Keymap:
    """Raises ConfigFault."""
    found = json_of(text, file)
    if not isinstance(found, dict):
        raise ConfigFault(file, "", "must be an object")
    debounce = found.get("debounce_ms")
    if type(debounce) is not int or not 0 <= debounce <= 50:
        raise ConfigFault(file, "debounce_ms", "must be a whole number from 0 to 50")
    keys = table(found, "keys", file)
    shift, shifted = 0, {}
    if "shift" in found:
        shift, shifted = scan_code(found["shift"], "shift", file), table(found, "shifted", file)
        if shift in keys or shift in shifted:
            raise ConfigFault(file, "shift", "is a key already")
    missing = [name for name in KEYS if name not in keys.values() and name not in shifted.values()]
    if missing:
        raise ConfigFault(file, "keys", f"no code for {', '.join(missing)}")
    return Keymap(keys, debounce, shift, shifted)


def table(found: dict[str, Any], part: str, file: str) -> dict[int, str]:
    """One table of scan code -> name; two codes may bear one name."""
    if not isinstance(found.get(part), dict):
        raise ConfigFault(file, part, "must be an object")
    names: dict[int, str] = {}
    for code, name in found[part].items():
        if name not in KEYS:
            raise ConfigFault(file, f"{part}.{code}", f"there is no key {name!r}")
        names[scan_code(code, f"{part}.{code}", file)] = name
    return names


def scan_code(text: Any, key: str, file: str) -> int:
    if not isinstance(text, str) or not CODE.fullmatch(text):
        raise ConfigFault(file, key, "must be a scan code, 1 to 999")
    return int(text)
