"""Takes values out of config/board.json, and says which one is wrong: a ConfigFault with file, key and reason."""

import re
from typing import Any

from hal.config_text import json_of
from hal.ports.faults import ConfigFault

NAME = "board.json"


class Reader:
    """By dotted key. Raises ConfigFault."""

    def __init__(self, text: str) -> None:
        self.root = json_of(text, NAME)

    def value(self, key: str) -> Any:
        value = self.root
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                raise ConfigFault(NAME, key, "is missing")
            value = value[part]
        return value

    def number(self, key: str, low: int, high: int) -> int:
        value = self.value(key)
        if type(value) is not int or not low <= value <= high:
            raise ConfigFault(NAME, key, f"must be a whole number from {low} to {high}")
        return value

    def words(self, key: str, pattern: str = r"[ -~]{1,100}") -> str:
        value = self.value(key)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ConfigFault(NAME, key, f"must be a text like {pattern}")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.value(key)
        if not isinstance(value, dict):
            raise ConfigFault(NAME, key, "must be an object")
        return value

    def one_of(self, key: str, choices: tuple[Any, ...]) -> Any:
        value = self.value(key)
        if value not in choices:
            raise ConfigFault(NAME, key, f"must be one of {', '.join(str(choice) for choice in choices)}")
        return value
