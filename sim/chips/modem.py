"""The virtual 4G modem: AT commands on a serial line, a SIM, a cell, and real TCP connections through `far(host, port)`.

It shares no code with hal/modem*.py: both were written from the makers' notes. It works on a socket pair in virtual time and
on a pty in real time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from sim.chips.modem_air import Far
from sim.chips.modem_hardware import STATS, Hardware
from sim.chips.modem_quectel import Quectel
from sim.chips.modem_simcom import Simcom
from sim.chips.modem_uart import INPUT
from sim.chips.uart import Wire

MAKERS: "dict[str, type[Quectel] | type[Simcom]]" = {"quectel": Quectel, "simcom": Simcom}
NOISE = ("+CEREG: {stat}", "+CSQ: {csq},99", '+QIND: "csq",{csq},99', "RING", '+CMTI: "SM",3', "+CTZV: +8", "")


class Modem(Hardware):
    """A modem, fed and booting. far: gives the far end of a call.

    Knobs: csq (0..31, 99), pin ("" for none) and tries of its SIM, sim (also "SIM PUK", "busy", or "" for none), autobaud
    (commands that it does not hear after a boot), answer_s (from, to: before an answer), boot_s, register_s, noise (lines
    unasked a second), split (bytes, the longest piece that its output is cut into), stuck_close, only_4g (+CGREG says
    "unknown"), rate, latency, loss. To read: errors (commands refused), pin_entries, starts, powered, received and sent (bytes
    on the line), air_up and air_down (bytes of payload), stat (+CEREG), host (the till's end, unless a wire was given)."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, far: Far, maker: str = "quectel", baud: int = 115200, seed: int = 0, pin: str = ""
    ) -> None:
        super().__init__(loop, far, baud, seed, self._heard, self._room)
        self.maker = maker
        self.pin = pin
        self.starts = 0
        self.boot_s = 3.0
        self.register_s = 1.0
        self.powered = False
        self.hung = False
        self.on_change: Callable[[], None] = lambda: None  # for who draws it
        self._noise = 0.0
        self._registration = "home"
        self._tasks: set[asyncio.Task[None]] = set()
        self._life: Quectel | Simcom | None = None
        self.supply(True)

    # -- the wire

    def plug(self, wire: "Wire | None" = None) -> None:
        """Another wire, or a new pair of ends; the old one hangs up."""
        self.wire.plug(wire)

    def take_host(self) -> "Wire":
        """A new pair, and the till's end of it: what opening the port gives."""
        self.wire.plug()
        assert self.wire.host is not None
        return self.wire.host

    def unplug(self) -> None:
        """Pull the cable."""
        self.wire.unplug()

    # -- the air

    @property
    def registration(self) -> str:
        """ "home", "roaming", "searching", "denied", "unknown" or "idle": what the network makes of this SIM."""
        return self._registration

    @registration.setter
    def registration(self, word: str) -> None:
        if word not in STATS:
            raise ValueError(f"registration is one of {', '.join(STATS)}")
        self._registration = word
        self._register()

    def drop(self, loud: bool = True) -> None:
        """The cell is gone. Loud: the modem notices, and its connections die; silent: only nothing gets through."""
        self.air.clear.clear()
        if not loud:
            return
        self.covered = False
        self._register()
        if self._life:
            self._life.vanish()
            self._life.data_lost()

    def restore(self) -> None:
        """The cell is back."""
        self.air.clear.set()
        self.covered = True
        if self._life and self.sim == "READY" and not self.served:
            self._do(self._find_network())

    def signal(self, csq: int) -> None:
        """Stronger or weaker from now on, and the modem says so unasked."""
        self.csq = csq
        if self._life:
            words = '+QIND: "csq",' if self.maker == "quectel" else "+CSQ: "
            self._life.talk.line(f"{words}{self.heard_csq},99")

    # -- its life

    def supply(self, on: bool) -> None:
        """The line that feeds it."""
        if on == self.powered:
            return
        self.powered = on
        self._end()
        if on:
            self._begin()

    def hang(self) -> None:
        """From now on it does nothing at all; only the supply helps."""
        self.hung = True
        self._end()

    def reboot(self) -> None:
        """It starts by itself, as after a fault of its own."""
        if self.powered and not self.hung:
            self._end()
            self._begin()

    def close(self) -> None:
        """The end of this modem."""
        self.supply(False)
        self.unplug()
        self.air.close()

    @property
    def noise(self) -> float:
        """Lines that nobody asked for, a second."""
        return self._noise

    @noise.setter
    def noise(self, a_second: float) -> None:
        self._noise = a_second
        if self._life and a_second:
            self._do(self._chatter())

    # -- inside

    def _begin(self) -> None:
        self.hung = False
        self.starts += 1
        self.stat = 0
        if self.sim == "READY" and self.pin:
            self.sim = "SIM PIN"
        self._do(self._boot())

    def _end(self) -> None:
        """Nothing runs, nothing is said, and no far end is told."""
        for task in self._tasks:
            task.cancel()
        if self._life:
            self._life.vanish()
            self._life = None
        self.wire.silence()
        self.wire.listen()

    def unlocked(self) -> None:
        self._do(self._find_network())

    def _do(self, work: "Coroutine[Any, Any, None]") -> None:
        task = self.air.task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _boot(self) -> None:
        await asyncio.sleep(self.boot_s)
        self._life = life = MAKERS[self.maker](self, self.reboot)
        life.talk.line("RDY")
        if self.sim:
            life.talk.line(f"+CPIN: {self.sim}")
        self._do(life.talk.run())
        if self._noise:
            self._do(self._chatter())
        if self.sim == "READY":
            await self._find_network()

    async def _find_network(self) -> None:
        self._set_stat(STATS["searching"])
        await asyncio.sleep(self.register_s)
        self._register()
        if self._life and self.served:
            self._life.talk.line("PB DONE")
            self._life.talk.line("+CTZV: +8")

    def _register(self) -> None:
        if self._life and self.sim == "READY":
            self._set_stat(STATS[self._registration] if self.covered else STATS["searching"])

    def _set_stat(self, stat: int) -> None:
        if stat == self.stat or self._life is None:
            return
        self.stat = stat
        for kind in sorted(self._life.talk.watched):
            self._life.talk.line(f"+C{kind}REG: {self.stat_of(kind)}")
        self.on_change()

    async def _chatter(self) -> None:
        while self._noise and self._life:
            await asyncio.sleep(self.chance.expovariate(self._noise))
            words = self.chance.choice(NOISE).format(stat=self.stat, csq=self.heard_csq)
            self._life.talk.line(words)

    def _heard(self, data: bytes) -> None:
        if self._life and not self.hung:
            self._life.talk.heard(data)

    def _room(self) -> int:
        return self._life.talk.room if self._life else INPUT
