"""A file of config/ that a board is built from. Whatever is wrong with it is a ConfigFault that names it."""

import json
from pathlib import Path
from typing import Any

from hal.ports.faults import ConfigFault


def text_of(config_dir: Path, file: str) -> str:
    """All of it. Raises ConfigFault."""
    try:
        return (config_dir / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigFault(file, "", f"cannot be read: {fault}") from fault


def json_of(text: str, file: str) -> Any:
    """What it says. Raises ConfigFault."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise ConfigFault(file, "", f"does not parse: {fault}") from fault
