"""A line over a 4G modem on a serial port: its own TCP sockets, by AT commands, in this process. No daemon and no root.

One task lives here for the modem's whole life: it greets it, unlocks the SIM, waits for a network, opens the data connection
and then takes turns on the port; whatever goes wrong brings it back to the step that it has to begin from. A modem that says
nothing for a minute loses its power for a moment, rarely. Facts: the makers' notes named in config/modems/*.json, and
3GPP TS 27.007."""

import asyncio
import socket
from collections.abc import Callable

from hal.absent import pause_s
from hal.board_file import Modem
from hal.modem_port import TICK_S, Conversation, Silent
from hal.modem_power import Rescue, Switch
from hal.modem_radio import Hung, Radio, within
from hal.modem_set import CommandSet
from hal.modem_switch import Switchboard
from hal.modem_words import shown
from hal.ports.board import Clock, Log
from hal.ports.faults import LinkDown
from hal.serial_port import Device, Port, PortGone

WHO = "4g"
POLL_S = 60.0  # signal and registration, between sends: so a hang is noticed too
QUIET_POLL_S = 300.0  # the same, where nothing was carried since: what is lost meanwhile is told unasked
GRACE_S = 10.0  # a registration may be gone for a moment, and the connections live on
BAD_CALLS = 3  # in a row, on a line that looks well: the data connection is made anew
WORDS_KEPT = 20  # kinds of unknown news that are worth a line


class Restarted(OSError):
    """The modem started by itself: it has forgotten everything."""


class ModemLine:
    """A line as hal/mqtt.py wants it. port_opener: raises OSError while no modem is plugged in.

    where: in words, what it is doing. spent(): bytes of payload both ways; serial_bytes: bytes on the port both ways."""

    name = "4g"
    cost = 1

    def __init__(
        self,
        port_opener: Callable[[], Device],
        commands: CommandSet,
        settings: Modem,
        power_pin: "Switch | None",
        clock: Clock,
        log: Log,
    ) -> None:
        self.commands = commands
        self.log = log
        self.port = Port(None, reopen=port_opener)
        self.state = "off"
        self.where = "not started"
        self.moved: Callable[[], None] = lambda: None
        self.wake = asyncio.Event()
        self.switch = Switchboard(commands, self.say, self._stir)
        self.radio = Radio(commands, settings, self.say, self._place, self._moved)
        self.rescue = Rescue(power_pin, clock)
        self.talk: Conversation | None = None
        self.life: asyncio.Task[None] | None = None
        self.silent_s: float | None = None  # since then it answered nothing
        self.polled = (0.0, 0)  # when it last was asked, and how much was carried by then
        self.settled = False  # from here on, a boot banner is news
        self.tries = 0  # in vain, to find a modem
        self.data_lost = ""
        self.bad_calls = 0
        self.strange: set[str] = set()
        self._serial = 0

    # -- the line

    @property
    def bars(self) -> int:
        return self.radio.bars if self.state == "line" else 0

    @property
    def serial_bytes(self) -> int:
        return self._serial + (self.talk.sent + self.talk.received if self.talk else 0)

    def spent(self) -> int:
        return self.switch.spent

    def start(self, moved: Callable[[], None]) -> None:
        """In the running loop. moved() is called at each change of state or bars."""
        self.moved = moved
        self.life = self.life or asyncio.get_running_loop().create_task(self._live())

    async def dial(self, host: str, port: int) -> socket.socket:
        """A connected, non-blocking socket; the modem asks DNS. Raises LinkDown."""
        if self.state == "off":
            raise LinkDown(f"no 4G: {self.where}")
        return await self.switch.dial(host, port)

    def report(self, good: bool, why: str) -> None:
        """How the last call ended. A modem may believe in a connection that carries nothing."""
        self.bad_calls = 0 if good else self.bad_calls + 1
        if self.bad_calls >= BAD_CALLS and self.state == "line":
            self.bad_calls = 0
            self.data_lost = f"{BAD_CALLS} calls in a row failed, the last one: {why}"
            self._stir()

    def drop(self) -> None:
        """The power of the till is gone: everything ends and nothing is said to anyone."""
        self.moved = lambda: None
        if self.life:
            self.life.cancel()
        self.switch.fall()
        self.port.close()

    # -- its life

    async def _live(self) -> None:
        while True:
            try:
                await self._session()
            except PortGone as fault:
                self._fall(f"no modem: {fault}")
                await asyncio.sleep(pause_s(self.tries))
                self.tries += 1
                self.silent_s = None  # a modem that is not there does not hang
            except Hung:
                self._fall(self.rescue.words())
                await self.rescue.help()
                self.silent_s = None
            except (Restarted, Silent) as fault:
                self._fall(str(fault))

    async def _session(self) -> None:
        """From the first word to the loss of the modem. Raises PortGone, Silent, Hung, Restarted."""
        talk = self.talk = Conversation(self.port, self.commands, self._news, self.switch.block)
        ears = asyncio.get_running_loop().create_task(talk.listen())
        talk.silent_s = self.silent_s
        self.settled = False
        try:
            await self.radio.greet(talk)
            self.settled = True
            self.tries = 0
            await self.radio.set_up(talk)
            await self.radio.unlock(talk)
            while True:
                await self.radio.register(talk)
                await self.switch.clear(talk)
                if await self.radio.data_up(talk):
                    self._rise()
                    await self._serve(talk)
                    await self.switch.clear(talk)
                    await self.radio.data_down(talk)
        finally:
            ears.cancel()
            self.silent_s = talk.silent_s
            self._serial += talk.sent + talk.received
            self.talk = None

    async def _serve(self, talk: Conversation) -> None:
        """Turns on the port, until the data connection is lost. Raises PortGone, Silent, Restarted."""
        loop = asyncio.get_running_loop()
        self.polled = loop.time(), self.switch.spent
        gone_s: float | None = None  # without registration since
        while not self.data_lost:
            self.wake.clear()
            if talk.fault:
                raise talk.fault
            gone_s = None if self.radio.registered else gone_s or loop.time()
            if gone_s and loop.time() - gone_s >= GRACE_S:
                self.data_lost = self.radio.registration_words
            elif self.switch.doubt:
                self.switch.doubt = False
                await self._check_data(talk)
            elif loop.time() >= self._poll_due_s():
                await self._poll(talk)
            elif not await self.switch.turn(talk):
                due = [self._poll_due_s(), self.switch.next_s(), gone_s + GRACE_S if gone_s else None]
                await within(self.wake, max(min(at for at in due if at is not None) - loop.time(), TICK_S))
        self._fall(self.data_lost)

    async def _check_data(self, talk: Conversation) -> None:
        """After a call that failed: is there a data connection at all?"""
        if not await self.radio.data_is_up(talk):
            self.data_lost = "the data connection is gone"

    async def _poll(self, talk: Conversation) -> None:
        await self.radio.look(talk)
        self.polled = asyncio.get_running_loop().time(), self.switch.spent
        self.rescue.answered()

    def _poll_due_s(self) -> float:
        at, spent = self.polled
        return at + (QUIET_POLL_S if self.switch.spent == spent else POLL_S)

    # -- what changes

    def _rise(self) -> None:
        self.data_lost = ""
        self.switch.doubt = False
        self.state = "line"
        self._place(f"{self.radio.registration_words}, data connection open")
        self.moved()

    def _fall(self, why: str) -> None:
        was, self.state = self.state, "off"
        self.data_lost = ""
        self.switch.fall()
        self._place(why)
        if was != "off":
            self.moved()

    def _place(self, words: str) -> None:
        if words != self.where:
            self.where = words
            self.say(words)

    def _moved(self) -> None:
        if self.state == "line":
            self.moved()

    def _stir(self) -> None:
        self.switch.stir()
        self.wake.set()

    def say(self, words: str) -> None:
        self.log.say(WHO, words)

    # -- what the modem says unasked

    def _news(self, text: str) -> None:
        """A line that nobody asked for; "" when the port is gone."""
        for name, pattern in self.commands.news.items():
            found = pattern.fullmatch(text)
            if found:
                self._hear(name, found.groupdict())
                break
        else:
            word = shown(text.split(":")[0])
            if text and word not in self.strange and len(self.strange) < WORDS_KEPT:
                self.strange.add(word)
                self.say(f"the modem says something unknown: {shown(text)}")
        self._stir()

    def _hear(self, name: str, parts: "dict[str, str]") -> None:
        if name == "opened":
            self.switch.opened(int(parts["link"]), int(parts["err"]))
        elif name == "closed":
            self.switch.closed(int(parts["link"]))
        elif name == "data":
            self.switch.waits(int(parts["link"]))
        elif name == "registration":
            self.radio.registration(parts["kind"], int(parts["stat"]))
        elif name == "signal":
            self.radio.signal(int(parts["rssi"]))
        elif name == "net_lost":
            self.data_lost = "the network ended the data connection"
        elif name == "started" and self.settled and self.talk:
            self.talk.fail(Restarted("the modem started by itself"))
