"""Reading a JSON file that people wrote: every step down knows its dotted key, so a fault can name it."""

import json

from hal.ports.faults import ConfigFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parse(file: str, data: bytes) -> "Node":
    """The whole file. Raises ConfigFault when it is no UTF-8 or no JSON."""
    try:
        text = str(data, "utf-8")
        return Node(file, "", json.loads(text[1:] if text[:1] == "\ufeff" else text))
    except UnicodeError:
        reason = "not UTF-8"
    except (ValueError, RuntimeError, MemoryError) as e:  # the last two: nested too deep
        line = getattr(e, "lineno", 0)  # MicroPython does not say where
        reason = f"not JSON, line {line}" if line else "not JSON"
    raise ConfigFault(file, "", reason)


class Node:
    """A value somewhere in a file. Each reader below gives it back as a plain type or raises ConfigFault."""

    def __init__(self, file: str, key: str, value: "Any"):
        self.file = file
        self.key = key
        self.value = value

    def fault(self, reason: str) -> ConfigFault:
        """To be raised: this value breaks a rule."""
        return ConfigFault(self.file, _ascii(self.key), reason)

    def at(self, key: str) -> "Node":
        """The value of a key that must be there."""
        value = self.table()
        if key not in value:
            raise self._under(key).fault("is missing")
        return self._under(key)

    def only(self, keys: "tuple[str, ...]") -> "Node":
        """Itself, an object with no key beside these."""
        for key in sorted(self.table()):
            if key not in keys:
                raise self._under(key).fault("is not a known key")
        return self

    def table(self) -> "dict[str, Any]":
        """An object as it is."""
        if not isinstance(self.value, dict):
            raise self.fault("must be an object")
        return self.value

    def entries(self) -> "list[tuple[str, Node]]":
        """The keys and values of an object, sorted by key."""
        return [(key, self._under(key)) for key in sorted(self.table())]

    def rows(self, least: int, most: int) -> "list[Node]":
        """The values of a list."""
        if not isinstance(self.value, list):
            raise self.fault("must be a list")
        if not least <= len(self.value) <= most:
            raise self.fault(f"must have {least} to {most} entries")
        return [Node(self.file, f"{self.key}.{i}", value) for i, value in enumerate(self.value)]

    def text(self, longest: int, least: int = 1) -> str:
        """A string without control characters."""
        if not isinstance(self.value, str):
            raise self.fault("must be a string")
        if not least <= len(self.value) <= longest:
            raise self.fault(f"must have {least} to {longest} characters")
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in self.value):
            raise self.fault("has a control character")
        return self.value

    def number(self, least: int, most: int) -> int:
        """A whole number."""
        if type(self.value) is not int:  # True is one of its subclasses
            raise self.fault("must be a whole number")
        if not least <= self.value <= most:
            raise self.fault(f"must be {least} to {most}")
        return self.value

    def one_of(self, words: "tuple[str, ...] | list[str]") -> str:
        """One of some words."""
        if not isinstance(self.value, str) or self.value not in words:
            raise self.fault("must be one of: " + ", ".join(words))
        return self.value

    def some_of(self, words: "tuple[str, ...]") -> "list[str]":
        """A list of one or more of some words, none twice."""
        found = [node.one_of(words) for node in self.rows(1, len(words))]
        if len(set(found)) < len(found):
            raise self.fault("has an entry twice")
        return found

    def _under(self, key: str) -> "Node":
        return Node(self.file, f"{self.key}.{key}" if self.key else key, self.value.get(key))


def _ascii(text: str) -> str:
    """What the screen `fault` can show whatever the file holds."""
    return "".join(c if " " <= c <= "~" else "?" for c in text)[:60]
