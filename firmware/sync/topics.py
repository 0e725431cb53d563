"""Where messages go: barrow/v1/TERMINAL/ and a tail, up from a till or down to it."""

from hal.ports.faults import WireFault

ROOT = "barrow/v1"
UP_HELLO, UP_BATCH, UP_REQ = "up/hello", "up/batch", "up/req"
DN_WELCOME, DN_ACK, DN_RES, DN_NOTICE, DN_ALL = "dn/welcome", "dn/ack", "dn/res", "dn/notice", "dn/#"
STATE = "st"  # retained: the birth, and after an abrupt end the will


def topic(terminal: str, tail: str) -> str:
    """barrow/v1/TERMINAL/tail."""
    return f"{ROOT}/{terminal}/{tail}"


def terminal_of(name: str) -> "tuple[str, str]":
    """(terminal, tail) of a topic of ours. Raises WireFault."""
    parts = name.split("/", 3)
    if len(parts) != 4 or "/".join(parts[:2]) != ROOT or not terminal_ok(parts[2]):
        raise WireFault(f"topic: {name[:80]!r} is none of ours", "topic")
    return parts[2], parts[3]


def terminal_ok(name: str) -> bool:
    """[A-Z0-9-]{4,16}: nothing that a topic, a certificate or another broker would read otherwise."""
    return 4 <= len(name) <= 16 and all(c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-" for c in name)
