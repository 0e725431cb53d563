"""The virtual modem as a Quectel EC25, EG25 or EC200: AT+QI..., written from their TCP/IP application note v1.1."""

import asyncio
import re
from collections.abc import Callable
from functools import partial

from sim.chips.modem_air import Tcp
from sim.chips.modem_hardware import Hardware
from sim.chips.modem_talk import Handler, Talk

PIECE = 1460
BLOCK = 1500
STUCK_S = 10.0
ERRORS = {"dns": 565, "refused": 566}


class Quectel:
    """modes: of each link, 0 buffer or 1 direct push."""

    def __init__(self, modem: Hardware, restart: Callable[[], None]) -> None:
        self.modem = modem
        self.links: dict[int, Tcp] = {}
        self.modes: dict[int, int] = {}
        self.told: set[int] = set()  # links whose "recv" was said and not yet read empty
        self.sent: dict[int, int] = {}
        self.send_echo = True
        self.viewmode = 0
        self.active = False
        self.talk = Talk(modem, self._commands(), restart)
        modem.wire.drained = self._push_all

    def _commands(self) -> "dict[str, Handler]":
        return {
            r'AT\+QPINC="SC"': self._tries,
            r"AT\+QISDE=([01])": self._send_echo,
            r'AT\+QICFG="viewmode",([01])': self._viewmode,
            r"AT\+QIACT=1": self._activate,
            r"AT\+QIACT\?": self._contexts,
            r"AT\+QIDEACT=1": self._deactivate,
            r'AT\+QIOPEN=1,(\d+),"TCP","([^"]+)",(\d+),0,([012])': self._open,
            r"AT\+QISEND=(\d+),(\d+)": self._send,
            r"AT\+QIRD=(\d+),(\d+)": self._read,
            r"AT\+QICLOSE=(\d+)(?:,(\d+))?": self._close,
            r"AT\+QIGETERROR": self._why,
        }

    def data_lost(self) -> None:
        """The network took the data connection."""
        if self.active:
            self.active = False
            self.talk.line('+QIURC: "pdpdeact",1')

    def vanish(self) -> None:
        """The far ends are told nothing."""
        for link in self.links.values():
            link.vanish()

    async def _tries(self, found: "re.Match[str]") -> None:
        self.talk.line(f'+QPINC: "SC",{self.modem.tries},10')
        self.talk.ok()

    async def _send_echo(self, found: "re.Match[str]") -> None:
        self.send_echo = found[1] == "1"
        self.talk.ok()

    async def _viewmode(self, found: "re.Match[str]") -> None:
        self.viewmode = int(found[1])
        self.talk.ok()

    async def _activate(self, found: "re.Match[str]") -> None:
        if self.active or not self.modem.served:
            self.talk.error(3 if self.active else 30 if self.modem.sim == "READY" else 11)
            return
        await asyncio.sleep(2 * self.modem.latency)
        self.active = True
        self.talk.ok()

    async def _contexts(self, found: "re.Match[str]") -> None:
        if self.active:
            self.talk.line('+QIACT: 1,1,1,"10.171.134.243"')
        self.talk.ok()

    async def _deactivate(self, found: "re.Match[str]") -> None:
        self.active = False
        for link in self.links.values():
            link.close()
        self.links.clear()
        self.talk.ok()

    async def _open(self, found: "re.Match[str]") -> None:
        number, mode = int(found[1]), int(found[4])
        if mode == 2 or number > 11:
            self.modem.complain(f"QIOPEN of link {number} in mode {mode} is not built")
        if not self.active or number in self.links or mode == 2:
            self.talk.last_error = 563 if number in self.links else 561
            self.talk.line("ERROR")
            return
        link = Tcp(self.modem.air, partial(self._opened, number), partial(self._arrived, number), partial(self._ended, number))
        self.links[number], self.modes[number], self.sent[number] = link, mode, 0
        self.told.discard(number)
        self.talk.ok()
        link.call(found[2], int(found[3]))

    def _opened(self, number: int, error: str) -> None:
        self.talk.last_error = ERRORS.get(error, 0)
        self.talk.line(f"+QIOPEN: {number},{self.talk.last_error}")

    def _arrived(self, number: int) -> None:
        if self.modes[number] == 1:
            self._push(number)
        elif number not in self.told:
            self.told.add(number)
            self.talk.line(f'+QIURC: "recv",{number}')

    def _push_all(self) -> None:
        for number, mode in list(self.modes.items()):
            if mode == 1 and number in self.links:
                self._push(number)

    def _push(self, number: int) -> None:
        """As much as the line takes now; the rest stays in the window, and holds the far end up."""
        link = self.links.get(number)
        while link and link.inbox and self.modem.wire.waiting < BLOCK:
            data = link.take(BLOCK)
            end = "," if self.viewmode else "\r\n"
            self.modem.wire.say(f'\r\n+QIURC: "recv",{number},{len(data)}{end}'.encode() + data)
        if link and not link.open and not link.inbox and number not in self.told:
            self.told.add(number)
            self.talk.line(f'+QIURC: "closed",{number}')

    def _ended(self, number: int) -> None:
        if self.modes[number] == 1:
            self._push(number)
        else:
            self.talk.line(f'+QIURC: "closed",{number}')

    async def _send(self, found: "re.Match[str]") -> None:
        number, size = int(found[1]), int(found[2])
        link = self.links.get(number)
        if link is None or size > PIECE:
            self.modem.complain(f"QISEND of {size} bytes on link {number}")
            self.talk.line("ERROR")
            return
        if size == 0:
            sent = self.sent[number]
            self.talk.line(f"+QISEND: {sent},{sent - link.unacked},{link.unacked}")
            self.talk.ok()
            return
        if not link.open:
            self.talk.line("ERROR")
            return
        self.modem.wire.say(b"\r\n> ")
        data = await self.talk.payload(size)
        if self.send_echo:
            self.modem.wire.say(data)
        if not link.open:
            self.talk.line("ERROR")
        elif link.send(data):
            self.sent[number] += size
            self.talk.line("SEND OK")
        else:
            self.talk.line("SEND FAIL")

    async def _read(self, found: "re.Match[str]") -> None:
        number, size = int(found[1]), min(int(found[2]), BLOCK)
        link = self.links.get(number)
        if link is None:
            self.talk.line("ERROR")
            return
        data = link.take(size)
        self.modem.wire.say(f"\r\n+QIRD: {len(data)}\r\n".encode() + data)
        if not link.inbox:
            self.told.discard(number)
        self.talk.ok()

    async def _close(self, found: "re.Match[str]") -> None:
        number, most_s = int(found[1]), int(found[2] or 10)
        link = self.links.get(number)
        if self.modem.stuck_close:
            await asyncio.sleep(STUCK_S)
        if link:
            await link.flushed(most_s)
            del self.links[number]
            link.close()
        self.talk.ok()

    async def _why(self, found: "re.Match[str]") -> None:
        self.talk.line(f"+QIGETERROR: {self.talk.last_error},operate")
        self.talk.ok()
