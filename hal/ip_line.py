"""A line over whatever IP interface the OS has: TCP to the brokers of config/brokers.json, in their order.

Up and down come from the OS as they happen; nothing is polled. Signal strength comes with the link manager: 4 when up."""

import asyncio
import ipaddress
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from hal.ip_watch import Everywhere, Interfaces
from hal.ports.faults import ConfigFault, LinkDown

NAME = "brokers.json"
DIAL_S = 10  # for each broker

Address = tuple[str, int]


class Watch(Protocol):
    """hal/ip_watch.py, or a test's own."""

    def name(self) -> str: ...
    def news(self) -> socket.socket | None: ...
    def read_news(self) -> None: ...


class IpLine:
    """A line as hal/mqtt.py wants it. Raises ConfigFault for a brokers.json that breaks a rule."""

    def __init__(self, config_dir: Path, watch: Watch | None = None) -> None:
        self.brokers = brokers(config_dir)
        self.watch = watch or (Everywhere() if all(loopback(host) for host, _ in self.brokers) else Interfaces())
        self.name = self.watch.name()
        self.moved: Callable[[], None] = lambda: None

    @property
    def state(self) -> str:
        return "off" if self.name == "off" else "line"

    @property
    def bars(self) -> int:
        return 0 if self.name == "off" else 4

    def start(self, moved: Callable[[], None]) -> None:
        """In the running loop. moved() is called at each change."""
        self.moved = moved
        news = self.watch.news()
        if news:
            asyncio.get_running_loop().add_reader(news, self._look)

    def _look(self) -> None:
        self.watch.read_news()
        name = self.watch.name()
        if name != self.name:
            self.name = name
            self.moved()

    async def dial(self) -> socket.socket:
        """A connected, non-blocking socket to the first broker that takes the call. Raises LinkDown."""
        faults = []
        for host, port in self.brokers:
            try:
                return await asyncio.wait_for(connect(host, port), DIAL_S)
            except asyncio.TimeoutError:
                faults.append(f"{host}:{port}: no answer in {DIAL_S} s")
            except OSError as fault:
                faults.append(f"{host}:{port}: {reason(fault)}")
            except UnicodeError:
                faults.append(f"{host}: no name that DNS could know")
        raise LinkDown("; ".join(faults))


async def connect(host: str, port: int) -> socket.socket:
    """TCP, without blocking the loop: the first address of the name that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    refusal = OSError("no address")
    for family, kind, proto, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, proto)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
        except OSError as fault:
            sock.close()
            refusal = fault
        except BaseException:
            sock.close()
            raise
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # with Nagle an answer takes 41 ms
            return sock
    raise refusal


def reason(fault: OSError) -> str:
    """In the field's words: asyncio's own say only which call it was."""
    if isinstance(fault, socket.gaierror) or not fault.errno:
        return fault.strerror or str(fault)
    return os.strerror(fault.errno)


def brokers(config_dir: Path) -> list[Address]:
    """The list in brokers.json. Raises ConfigFault."""
    try:
        told: Any = json.loads((config_dir / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise ConfigFault(NAME, "", f"cannot be read: {fault}") from fault
    found = told.get("brokers") if isinstance(told, dict) else None
    if not isinstance(found, list) or not found:
        raise ConfigFault(NAME, "brokers", "must be a list of at least one broker")
    return [address(row, f"brokers.{i}") for i, row in enumerate(found)]


def address(row: Any, key: str) -> Address:
    """host and port of one row. Raises ConfigFault."""
    host, port = (row.get("host"), row.get("port")) if isinstance(row, dict) else (None, None)
    if not isinstance(host, str) or not 1 <= len(host) <= 253 or not host.isascii() or not host.isprintable():
        raise ConfigFault(NAME, f"{key}.host", "must be the name or the address of a host")
    if type(port) is not int or not 1 <= port <= 65535:
        raise ConfigFault(NAME, f"{key}.port", "must be a whole number from 1 to 65535")
    return host, port


def loopback(host: str) -> bool:
    """Is the broker on this very machine? Then no interface is needed to reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
