"""The virtual modem as a SIMCom SIM7600 or A76xx: AT+CIP..., manual receive, written from its manuals' excerpts."""

import asyncio
import re
from collections.abc import Callable
from functools import partial

from sim.chips.modem_air import Tcp
from sim.chips.modem_hardware import Hardware
from sim.chips.modem_talk import Handler, Talk

PIECE = 1500
STUCK_S = 10.0
ERRORS = {"dns": 11, "refused": 1}


class Simcom:
    """One life of it, from its boot on."""

    def __init__(self, modem: Hardware, restart: Callable[[], None]) -> None:
        self.modem = modem
        self.links: dict[int, Tcp] = {}
        self.told: set[int] = set()  # links whose waiting bytes were told of and not yet read empty
        self.manual = False
        self.active = False
        self.talk = Talk(modem, self._commands(), restart)
        modem.wire.drained = lambda: None

    def _commands(self) -> "dict[str, Handler]":
        return {
            r"AT\+SPIC": self._tries,
            r"AT\+CIPRXGET=1": self._receive,
            r"AT\+CIPCCFG=10,0,0,0,1,0,75000": self._nothing,
            r"AT\+CIPTIMEOUT=\d+,\d+,\d+": self._nothing,
            r"AT\+NETOPEN": self._activate,
            r"AT\+NETOPEN\?": self._active,
            r"AT\+NETCLOSE": self._deactivate,
            r'AT\+CIPOPEN=(\d),"TCP","([^"]+)",(\d+)': self._open,
            r"AT\+CIPSEND=(\d),(\d+)": self._send,
            r"AT\+CIPRXGET=4,(\d)": self._waiting,
            r"AT\+CIPRXGET=2,(\d)(?:,(\d+))?": self._read,
            r"AT\+CIPCLOSE=(\d)": self._close,
        }

    def data_lost(self) -> None:
        """The network took the data connection."""
        if self.active:
            self.active = False
            self.talk.line("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")

    def vanish(self) -> None:
        """The far ends are told nothing."""
        for link in self.links.values():
            link.vanish()

    async def _nothing(self, found: "re.Match[str]") -> None:
        self.talk.ok()

    async def _tries(self, found: "re.Match[str]") -> None:
        self.talk.line(f"+SPIC: {self.modem.tries},10,3,10")
        self.talk.ok()

    async def _receive(self, found: "re.Match[str]") -> None:
        self.manual = True
        self.talk.ok()

    async def _activate(self, found: "re.Match[str]") -> None:
        if self.active:
            self.talk.line("+IP ERROR: Network is already opened")
            self.talk.line("ERROR")
            return
        self.talk.ok()
        await asyncio.sleep(2 * self.modem.latency)
        self.active = self.modem.served
        self.talk.line(f"+NETOPEN: {0 if self.active else 1}")

    async def _active(self, found: "re.Match[str]") -> None:
        self.talk.line(f"+NETOPEN: {int(self.active)}")
        self.talk.ok()

    async def _deactivate(self, found: "re.Match[str]") -> None:
        if not self.active:
            self.talk.line("+IP ERROR: Network not opened")
            self.talk.line("ERROR")
            return
        self.active = False
        for link in self.links.values():
            link.close()
        self.links.clear()
        self.talk.ok()
        self.talk.line("+NETCLOSE: 0")

    async def _open(self, found: "re.Match[str]") -> None:
        number = int(found[1])
        if not self.active or number in self.links:
            self.talk.line(f"+CIPOPEN: {number},{4 if number in self.links else 2}")
            self.talk.line("ERROR")
            return
        if not self.manual:
            self.modem.complain("CIPOPEN before CIPRXGET=1")
        link = Tcp(self.modem.air, partial(self._opened, number), partial(self._arrived, number), partial(self._ended, number))
        self.links[number] = link
        self.told.discard(number)
        self.talk.ok()
        link.call(found[2], int(found[3]))

    def _opened(self, number: int, error: str) -> None:
        if error:
            self.links.pop(number, None)
        self.talk.line(f"+CIPOPEN: {number},{ERRORS.get(error, 0)}")

    def _arrived(self, number: int) -> None:
        if number not in self.told:
            self.told.add(number)
            self.talk.line(f"+CIPRXGET: 1,{number}")

    def _ended(self, number: int) -> None:
        self.talk.line(f"+IPCLOSE: {number},1")

    async def _send(self, found: "re.Match[str]") -> None:
        number, size = int(found[1]), int(found[2])
        link = self.links.get(number)
        if not 0 < size <= PIECE:
            self.modem.complain(f"CIPSEND of {size} bytes")
        if link is None or not link.open or not 0 < size <= PIECE:
            self.talk.line("+CIPERROR: 4")
            self.talk.line("ERROR")
            return
        self.modem.wire.say(b"\r\n>")
        data = await self.talk.payload(size)
        done = 0
        if link.open:
            done = next((part for part in (size, size // 2, 1) if link.send(data[:part])), 0)
        first, second = self.talk.ok, partial(self.talk.line, f"+CIPSEND: {number},{size},{done}")
        if self.modem.chance.random() < 0.5:  # both orders are seen
            first, second = second, first
        first()
        second()

    async def _waiting(self, found: "re.Match[str]") -> None:
        link = self.links.get(int(found[1]))
        if link is None:
            self.talk.line("+IP ERROR: No data")
            self.talk.line("ERROR")
            return
        self.talk.line(f"+CIPRXGET: 4,{found[1]},{len(link.inbox)}")
        self.talk.ok()

    async def _read(self, found: "re.Match[str]") -> None:
        number, size = int(found[1]), min(int(found[2] or PIECE), PIECE)
        link = self.links.get(number)
        if link is None or not link.inbox:
            self.talk.line("+IP ERROR: No data")
            self.talk.line("ERROR")
            return
        if self.modem.chance.random() < 0.1:  # seen on real ones: a late notice in front of the answer
            self.talk.line(f"+CIPRXGET: 1,{number}")
        data = link.take(size)
        head = f"\r\n+CIPRXGET: 2,{number},{len(data)},{len(link.inbox)}\r\n"
        self.modem.wire.say(head.encode() + data)
        if not link.inbox:
            self.told.discard(number)
        self.talk.ok()

    async def _close(self, found: "re.Match[str]") -> None:
        number = int(found[1])
        link = self.links.pop(number, None)
        if self.modem.stuck_close:
            await asyncio.sleep(STUCK_S)
        if link is None:
            self.talk.line(f"+CIPCLOSE: {number},4")
            self.talk.line("ERROR")
            return
        await link.flushed(2)
        link.close()
        self.talk.ok()
        self.talk.line(f"+CIPCLOSE: {number},0")
