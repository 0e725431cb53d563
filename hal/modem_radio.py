"""From a modem that was just switched on to a data connection: attention, SIM, registration, APN.

A wrong PIN is tried once: three wrong ones lock the SIM, and only its owner's PUK opens it again."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, repeat

from hal.board_file import Modem
from hal.modem_port import Conversation, Refused, Silent
from hal.modem_set import CommandSet
from hal.modem_words import REGISTERED, REGISTRATION, bars, shown

SILENCE_S = 60.0  # without a word from the modem: it hangs (Quectel's TCP/IP note)
QUIET_S = 0.3  # for answers to what was asked before it listened
EAGER_TRIES, PAUSE_S = 15, 4.0  # then with pauses
PROMPT_TRIES = 3  # unanswered attentions, after which it may be waiting for the data of an old send
LAST_TRY = 1  # of the SIM's three: not ours to use
SIM_AGAIN_S = (2.0,) * 10 + (60.0,)  # a SIM may be busy for a while after the start
LOOK_S = 10.0  # between questions after the registration, twice as long each time: its news may have been missed
LONGEST_LOOK_S = 300.0
NET_AGAIN_S = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Hung(OSError):
    """The modem has not answered for so long that it never will."""


class Radio:
    """What the modem knows of SIM and network. place(words) is told where it stands, moved() that the bars changed.

    stat: +CEREG's. pin_refused: for as long as this object lives, over every restart of the modem."""

    def __init__(
        self,
        commands: CommandSet,
        settings: Modem,
        say: Callable[[str], None],
        place: Callable[[str], None],
        moved: Callable[[], None],
    ) -> None:
        self.commands = commands
        self.settings = settings
        self.say = say
        self.place = place
        self.moved = moved
        self.stat = 0
        self._stats: dict[str, int] = {}
        self.bars = 0
        self.pin_refused = False
        self.news = asyncio.Event()

    # -- what the modem tells

    def registration(self, kind: str, stat: int) -> None:
        """kind: of which network, "E" is 4G and "G" what was before it; one of them is enough, and the other may deny it."""
        self._stats[kind] = stat
        stats = list(self._stats.values())
        best = next((stat for stat in stats if stat in REGISTERED), stats[0])
        if best != self.stat:
            self.stat = best
            self.news.set()

    def signal(self, rssi: int) -> None:
        if bars(rssi) != self.bars:
            self.bars = bars(rssi)
            self.moved()

    @property
    def registered(self) -> bool:
        return self.stat in REGISTERED

    @property
    def registration_words(self) -> str:
        return REGISTRATION.get(self.stat, f"registration {self.stat}")

    # -- one step after the other

    async def greet(self, talk: Conversation) -> None:
        """AT until OK: it boots, or finds our baud rate. Raises Hung, PortGone."""
        tries = 0
        while True:
            try:
                await talk.ask(self.commands.steps["attention"])
                await asyncio.sleep(QUIET_S)
                return
            except Refused:
                await asyncio.sleep(QUIET_S)
            except Silent:
                if talk.silent_s is not None and talk.loop.time() - talk.silent_s >= SILENCE_S:
                    raise Hung(f"no answer in {SILENCE_S:.0f} s") from None
            tries += 1
            if tries == PROMPT_TRIES:
                with suppress(Silent):  # a modem that takes no bytes: the next attention says so
                    await talk.flush()
            if tries > EAGER_TRIES:
                await asyncio.sleep(PAUSE_S)

    async def set_up(self, talk: Conversation) -> None:
        """Echo off and the rest. What a model does not know is said and does no harm."""
        for step in self.commands.setup:
            try:
                await talk.ask(step)
            except Refused as fault:
                self.say(f"{step.say}: {fault}")

    async def unlock(self, talk: Conversation) -> None:
        """Until the SIM is ready. Raises Silent, PortGone."""
        for pause_s in repeat_last(SIM_AGAIN_S):
            try:
                answer = await talk.ask(self.commands.steps["sim"])
                state = answer.line["state"] if answer.line else ""
                if state == "READY":
                    return
                if state == "SIM PIN" and await self._enter_pin(talk):
                    continue
                if state != "SIM PIN":
                    self.place("the SIM asks for its PUK" if "PUK" in state else f"the SIM says {shown(state)}")
            except Refused as fault:
                self.place(str(fault))
            await asyncio.sleep(pause_s)

    async def _enter_pin(self, talk: Conversation) -> bool:
        """True when it was taken."""
        if self.pin_refused:
            return False
        if not self.settings.pin:
            self.place("the SIM asks for its PIN, and board.json has none")
            return False
        left = await self._tries_left(talk)
        if left is not None and left <= LAST_TRY:
            self.place(f"the SIM's PIN is not tried: {left} of its tries left")
            return False
        try:
            await talk.ask(self.commands.steps["pin"], pin=self.settings.pin)
        except Silent:
            self.pin_refused = True  # nobody knows whether it was taken
            raise
        except Refused as fault:
            self.pin_refused = True
            self.place(f"the SIM refused the PIN of board.json, which is not tried again: {fault}")
            return False
        self.say("the SIM took its PIN")
        return True

    async def _tries_left(self, talk: Conversation) -> "int | None":
        step = self.commands.steps.get("pin_tries")
        try:
            answer = await talk.ask(step) if step else None
        except Refused:
            return None
        return int(answer.line["left"]) if answer and answer.line else None

    async def register(self, talk: Conversation) -> None:
        """Until a network has us. Raises Silent, PortGone."""
        told, wait_s = -1, LOOK_S
        while True:
            self.news.clear()
            await self.look(talk)
            if self.registered:
                return
            if told != self.stat:
                told = self.stat
                self.place(self.registration_words)
            await within(self.news, wait_s)
            wait_s = min(2 * wait_s, LONGEST_LOOK_S)

    async def look(self, talk: Conversation) -> None:
        """Ask after registration, and signal where there is a network. Raises Silent, PortGone."""
        for step in self.commands.registration:
            with suppress(Refused):
                line = (await talk.ask(step)).line
                if line:
                    self.registration(line["kind"], int(line["stat"]))
        if not self.registered:
            return
        try:
            answer = await talk.ask(self.commands.steps["signal"])
        except Refused:
            return
        if answer.line:
            self.signal(int(answer.line["rssi"]))

    async def data_up(self, talk: Conversation) -> bool:
        """APN and data connection, from a clean state. False when the registration went meanwhile. Raises Silent, PortGone."""
        steps = self.commands.steps
        for pause_s in repeat_last(NET_AGAIN_S):
            try:
                await talk.ask(steps["apn"], apn=self.settings.apn)
                if await self.data_is_up(talk):
                    await self.data_down(talk)  # somebody else's connections hang on it
                answer = await talk.ask(steps["net_up"])
                error = int(answer.line["err"]) if answer.line and "err" in answer.line.groupdict() else 0
                if not error:
                    return True
                self.place(f"no data connection: {self.commands.errors.get(error, error)}")
            except Refused as fault:
                self.place(f"no data connection: {fault}")
            await asyncio.sleep(pause_s)
            await self.look(talk)
            if not self.registered:
                return False
        return False

    async def data_is_up(self, talk: Conversation) -> bool:
        """Raises Refused, Silent, PortGone."""
        answer = await talk.ask(self.commands.steps["net"])
        return bool(answer.line and answer.line["up"] == "1")

    async def data_down(self, talk: Conversation) -> None:
        """Raises Silent, PortGone."""
        try:
            await talk.ask(self.commands.steps["net_down"])
        except Refused:
            return  # it was down


def repeat_last(pauses: "tuple[float, ...]") -> "Iterator[float]":
    """They, and then the last one for ever."""
    return chain(pauses, repeat(pauses[-1]))


async def within(event: asyncio.Event, seconds: "float | None") -> None:
    """Until it is set, but no longer. (asyncio.wait_for of Python 3.11 may lose a cancel.)"""
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((waiting,), timeout=seconds)
    finally:
        waiting.cancel()
