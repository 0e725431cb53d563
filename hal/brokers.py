"""The brokers of config/brokers.json, and whose turn it is.

    {"brokers": [{"host": "mq1.example", "port": 8883, "tls": true}, ...], "claim": {"host": ..., "port": ...}}

The brokers are pipes and each is as good as another. Every till has its own order of them, drawn from its name, so that
a fleet spreads over all, and the tills of a broker that went away spread over the rest."""

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hal.config_text import json_of, text_of
from hal.ports.faults import ConfigFault

NAME = "brokers.json"
SHUNNED_MS = 300_000  # how long one that failed stands last in the line
SPREAD_MS = 300_000  # over which the tills of a whole fleet come back


@dataclass(frozen=True)
class Broker:
    """Where it listens, and whether it speaks TLS there."""

    host: str
    port: int
    tls: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Brokers:
    """brokers: at least one. claim: where a till without a certificate asks for one, always over TLS; None, nowhere."""

    brokers: tuple[Broker, ...]
    claim: Broker | None = None

    @property
    def loopback(self) -> bool:
        """Are all of them on this very machine? Then no interface is needed to reach them."""
        return all(loopback(broker.host) for broker in self.brokers)


class Turns:
    """One till's order of the brokers, moved by what happens to it. now_ms: the monotonic clock."""

    def __init__(self, brokers: "tuple[Broker, ...]", now_ms: Callable[[], int]) -> None:
        self._brokers = brokers
        self._now_ms = now_ms
        self._failed: dict[Broker, int] = {}
        self._turn = now_ms()

    def order(self, terminal: str) -> list[Broker]:
        """All brokers once: the till's own order, with those that failed lately at the end, the longest ago first."""
        lately = self._now_ms() - SHUNNED_MS
        own = sorted(self._brokers, key=lambda broker: hashlib.sha256(f"{terminal} {broker}".encode()).digest())
        return sorted(own, key=lambda broker: max(self._failed.get(broker, lately), lately))

    def refused(self, terminal: str, crowded: list[bool]) -> None:
        """None of them greeted us; crowded: which of them refuse everybody. When all of several do, the fleet is down and
        every till knows it, so each gets its own moment within SPREAD_MS to try again, by its name and the time."""
        if len(crowded) > 1 and all(crowded):
            now = self._now_ms()
            digest = hashlib.sha256(f"{terminal} {now}".encode()).digest()
            self._turn = now + int.from_bytes(digest[:4], "big") % SPREAD_MS

    def left_ms(self) -> int:
        """How long until it is this till's turn to call at all; 0 in ordinary times."""
        return max(self._turn - self._now_ms(), 0)

    def hurry(self) -> None:
        """It is this till's turn after all."""
        self._turn = self._now_ms()

    def failed(self, broker: Broker) -> None:
        """It did not take the call, or dropped it."""
        self._failed[broker] = self._now_ms()

    def greeted(self, broker: Broker) -> None:
        """It is well."""
        self._failed.pop(broker, None)


def load(config_dir: Path) -> Brokers:
    """What brokers.json says. Raises ConfigFault."""
    told = json_of(text_of(config_dir, NAME), NAME)
    found = told.get("brokers") if isinstance(told, dict) else None
    if not isinstance(found, list) or not found:
        raise ConfigFault(NAME, "brokers", "must be a list of at least one broker")
    brokers = tuple(broker(row, f"brokers.{i}") for i, row in enumerate(found))
    if len(set(brokers)) < len(brokers):
        raise ConfigFault(NAME, "brokers", "names one twice")
    claim = told.get("claim")
    return Brokers(brokers, None if claim is None else broker(claim, "claim", tls=True))


def broker(row: Any, key: str, tls: bool | None = None) -> Broker:
    """One row; tls: where the row need not say. Raises ConfigFault."""
    told = row if isinstance(row, dict) else {}
    host, port, tls = told.get("host"), told.get("port"), told.get("tls", tls)
    if not isinstance(host, str) or not 1 <= len(host) <= 253 or not host.isascii() or not host.isprintable():
        raise ConfigFault(NAME, f"{key}.host", "must be the name or the address of a host")
    if type(port) is not int or not 1 <= port <= 65535:
        raise ConfigFault(NAME, f"{key}.port", "must be a whole number from 1 to 65535")
    if not isinstance(tls, bool):
        raise ConfigFault(NAME, f"{key}.tls", "must be true or false")
    return Broker(host, port, tls)


def loopback(host: str) -> bool:
    """Is it an address of this very machine?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
