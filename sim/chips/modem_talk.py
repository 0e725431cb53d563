"""How the virtual modem takes commands: echo, one at a time, final codes by AT+CMEE, and what 3GPP TS 27.007 has in common.

A maker's own commands are in modem_quectel.py and modem_simcom.py. What neither knows is an ERROR, and noted aloud."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from sim.chips.modem_hardware import Hardware

Handler = Callable[[re.Match[str]], Awaitable[None]]
CME_WORDS = {
    3: "operation not allowed",
    11: "SIM PIN required",
    12: "SIM PUK required",
    16: "incorrect password",
    30: "no network service",
}
BUFFER = 4096


class Talk:
    """One life of the modem's command engine, from its boot on. commands: pattern -> what it does, the maker's first.
    restart: ends this life, and begins the next."""

    def __init__(self, modem: Hardware, commands: "dict[str, Handler]", restart: Callable[[], None]) -> None:
        self.modem = modem
        self.restart = restart
        self.commands = [(re.compile(pattern, re.ASCII), handler) for pattern, handler in (commands | self._common()).items()]
        self.echo = True
        self.cmee = 0
        self.watched: set[str] = set()  # "E", "G", "": which registrations it tells of unasked
        self.last_error = 0
        self.done = 0  # commands obeyed
        self._held = bytearray()
        self._more = asyncio.Event()

    # -- in

    def heard(self, data: bytes) -> None:
        self._held += data
        self._more.set()

    @property
    def room(self) -> int:
        return BUFFER - len(self._held)

    async def run(self) -> None:
        """Obey until the task is ended."""
        deaf = self.modem.autobaud
        while True:
            line = await self._command()
            if deaf:
                deaf -= 1
                continue
            if self.echo:
                self.modem.wire.say(line + b"\r")
            text = line.decode("latin-1").strip()
            if text:
                await asyncio.sleep(self.modem.chance.uniform(*self.modem.answer_s))
                await self._obey(text)

    async def payload(self, size: int) -> bytes:
        """So many raw bytes from the host."""
        while len(self._held) < size:
            await self._wait()
        data = bytes(self._held[:size])
        del self._held[:size]
        self.modem.wire.listen()
        return data

    async def _command(self) -> bytes:
        while (end := self._held.find(b"\r")) < 0:
            if len(self._held) >= BUFFER:
                self._held.clear()  # no command is as long
            await self._wait()
        line = bytes(self._held[:end]).lstrip(b"\n")
        del self._held[: end + 1]
        self.modem.wire.listen()
        return line

    async def _wait(self) -> None:
        self._more.clear()
        await self._more.wait()

    # -- out

    def line(self, text: str) -> None:
        self.modem.wire.say(f"\r\n{text}\r\n".encode())

    def ok(self) -> None:
        self.line("OK")

    def error(self, code: int = 3) -> None:
        self.last_error = code
        words = CME_WORDS.get(code, f"error {code}")
        self.line(("ERROR", f"+CME ERROR: {code}", f"+CME ERROR: {words}")[self.cmee])

    # -- commands

    async def _obey(self, text: str) -> None:
        self.done += 1
        for pattern, handler in self.commands:
            found = pattern.fullmatch(text)
            if found:
                await handler(found)
                return
        self.modem.complain(f"unknown command {text[:60]!r}")
        self.line("ERROR")

    def _common(self) -> "dict[str, Handler]":
        return {
            "AT": self._nothing,
            r"ATE([01])": self._echo,
            r"AT\+CMEE=([012])": self._cmee,
            r"AT\+CFUN=1,1": self._restart,
            r"AT\+CPIN\?": self._sim,
            r'AT\+CPIN="?(\d{4,8})"?': self._pin,
            r"AT\+C(E|G|)REG=([01])": self._watch,
            r"AT\+C(E|G|)REG\?": self._registration,
            r"AT\+CSQ": self._signal,
            r'AT\+CGDCONT=1,"IP","([^"]*)"': self._apn,
        }

    async def _nothing(self, found: "re.Match[str]") -> None:
        self.ok()

    async def _echo(self, found: "re.Match[str]") -> None:
        self.echo = found[1] == "1"
        self.ok()

    async def _cmee(self, found: "re.Match[str]") -> None:
        self.cmee = int(found[1])
        self.ok()

    async def _restart(self, found: "re.Match[str]") -> None:
        self.ok()
        self.restart()

    async def _sim(self, found: "re.Match[str]") -> None:
        if self.modem.sim.startswith("SIM") or self.modem.sim == "READY":
            self.line(f"+CPIN: {self.modem.sim}")
            self.ok()
        else:
            self.error(14 if self.modem.sim == "busy" else 10)

    async def _pin(self, found: "re.Match[str]") -> None:
        if self.modem.sim != "SIM PIN":
            self.error(3)
        elif self.modem.try_pin(found[1]):
            self.ok()
            self.line("+CPIN: READY")
        else:
            self.error(16 if self.modem.tries else 12)

    async def _watch(self, found: "re.Match[str]") -> None:
        (self.watched.add if found[2] == "1" else self.watched.discard)(found[1])
        self.ok()

    async def _registration(self, found: "re.Match[str]") -> None:
        self.line(f"+C{found[1]}REG: {int(found[1] in self.watched)},{self.modem.stat_of(found[1])}")
        self.ok()

    async def _signal(self, found: "re.Match[str]") -> None:
        self.line(f"+CSQ: {self.modem.heard_csq},99")
        self.ok()

    async def _apn(self, found: "re.Match[str]") -> None:
        self.modem.apn = found[1]
        self.ok()
