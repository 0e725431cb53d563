"""The modem's switchboard: which links there are, and whose turn it is on the port.

One turn closes what is over, opens what was asked for, fetches what waits in the modem, and sends one piece."""

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import suppress

from hal.modem_port import Conversation, Refused
from hal.modem_set import CommandSet
from hal.modem_sockets import Call, Link, Stage
from hal.modem_words import shown
from hal.ports.faults import LinkDown

HOST = re.compile(r"[A-Za-z0-9._:-]{1,100}")  # it stands between quotes in a command
CALL_S = 150.0
FULL_AGAIN_S = 0.2  # until a full modem may have room
FULL_S = 60.0  # a modem that has no room for so long has no air
SLOW_S = 10.0  # a till that reads nothing for so long holds up every other link
PEEK_S = 5.0  # after the last traffic: the news of waiting bytes may have been lost between two commands


class Switchboard:
    """wake: called when there is a turn to take. spent: bytes of payload carried, both ways. doubt: a call failed in a way
    that may mean that the data connection is gone."""

    def __init__(self, commands: CommandSet, say: Callable[[str], None], wake: Callable[[], None]) -> None:
        self.commands = commands
        self.say = say
        self.wake = wake
        self.links: dict[int, Link] = {}
        self.calls: list[Call] = []
        self.spent = 0
        self.doubt = False
        self._stale: list[int] = []  # numbers that the modem may still hold
        self._talk: Conversation | None = None
        self._last = -1  # number of the link that was used last

    # -- for the till

    async def dial(self, host: str, port: int) -> socket.socket:
        """Raises LinkDown."""
        if not HOST.fullmatch(host):
            raise LinkDown(f"{shown(host)!r} is no name of a host")
        link = self._new_link()
        self.calls.append(Call(link, host, port))
        self.wake()
        try:
            await asyncio.wait((link.opened,), timeout=CALL_S)
            if not link.opened.done():
                raise LinkDown(f"no answer to the call in {CALL_S:.0f} s")
            error = link.opened.result()
            if error:
                self.doubt = True
                raise LinkDown(f"{self.commands.errors.get(error, 'the call failed')} ({error})")
        except BaseException as fault:
            link.till.close()
            link.close()
            if isinstance(fault, OSError):
                raise LinkDown(str(fault)) from fault
            raise
        return link.till

    def _new_link(self) -> Link:
        for step in range(1, self.commands.links + 1):
            number = (self._last + step) % self.commands.links
            if number not in self.links:
                self._last = number
                link = self.links[number] = Link(number, self.wake)
                return link
        raise LinkDown(f"all {self.commands.links} links are in use")

    def fall(self) -> None:
        """The data connection is gone, and every link with it."""
        self._stale += self.links
        for link in self.links.values():
            link.gone()
        self.links.clear()
        self.calls.clear()
        self._talk = None

    async def clear(self, talk: Conversation) -> None:
        """Give back the numbers of the links that fell: the modem wants it said. Raises Silent, PortGone."""
        while self._stale:
            with suppress(Refused):
                await talk.ask(self.commands.steps["close"], link=self._stale.pop())

    def stir(self) -> None:
        """Let the modem speak again once nobody is behind with reading."""
        if self._talk and not self._talk.open.is_set() and not any(link.crowded for link in self.links.values()):
            self._talk.open.set()

    # -- what the modem tells

    def opened(self, number: int, error: int) -> None:
        link = self.links.get(number)
        if link and link.stage is Stage.OPENING and not link.opened.done():
            link.opened.set_result(error)
            if not error:
                link.begin()  # at once: the far end may speak first

    def closed(self, number: int) -> None:
        link = self.links.get(number)
        if link is None or link.stage is not Stage.OPEN:
            return
        if "read" in self.commands.steps:
            link.unread = link.left = True
        else:
            link.hang_up()
        self.wake()

    def waits(self, number: int) -> None:
        """The modem keeps bytes of this link."""
        link = self.links.get(number)
        if link:
            link.unread = True
            self.wake()

    def block(self, head: "re.Match[str]", data: bytes) -> None:
        """Bytes of a link."""
        link = self.links.get(int(head["link"]))
        if link is None:
            return
        self.spent += len(data)
        link.give(data)
        if link.crowded and self._talk and self._talk.open.is_set() and "read" not in self.commands.steps:
            self._talk.open.clear()
            link.loop.call_later(SLOW_S, self._too_slow, link)

    def _too_slow(self, link: Link) -> None:
        if link.crowded:
            self.say(f"link {link.number}: nobody reads what came; closed")
            link.close()

    # -- one turn

    async def turn(self, talk: Conversation) -> bool:
        """Do what is due, one piece of each kind; False when nothing was. Raises Silent, PortGone."""
        self._talk = talk
        did = await self._close_one(talk) or await self._open_one(talk)
        did = await self._read_one(talk) or did
        return await self._send_one(talk) or did

    def next_s(self) -> "float | None":
        """Loop time of the next thing that is due by itself."""
        times = [link.resume_s for link in self.links.values() if link.pending]
        times += [link.peek_s for link in self.links.values() if link.peek_s is not None]
        return min(times, default=None)

    async def _close_one(self, talk: Conversation) -> bool:
        link = next((link for link in self.links.values() if link.stage is Stage.CLOSING), None)
        if link is None:
            return False
        self.calls = [call for call in self.calls if call.link is not link]
        with suppress(Refused):  # it was closed already
            await talk.ask(self.commands.steps["close"], link=link.number)
        link.gone()
        self.links.pop(link.number, None)
        return True

    async def _open_one(self, talk: Conversation) -> bool:
        if not self.calls:
            return False
        call = self.calls.pop(0)
        opened = call.link.opened
        try:
            await talk.ask(self.commands.steps["open"], link=call.link.number, host=call.host, port=call.port)
        except Refused as fault:
            why = await talk.reason(fault)
            if not opened.done():
                opened.set_exception(why)
                opened.exception()
            self.doubt = True
        return True

    async def _read_one(self, talk: Conversation) -> bool:
        step = self.commands.steps.get("read")
        if step is None:
            return False
        await self._peek(talk)
        link = next((link for link in self.links.values() if link.hungry), None)
        if link is None:
            return False
        try:
            head = (await talk.ask(step, link=link.number)).line
        except Refused:
            head = None  # nothing waits
        link.peek_s = link.loop.time() + PEEK_S
        if head is None or int(head["rest"]) == 0:
            link.unread = False
            if link.left:
                link.hang_up()
        return True

    async def _peek(self, talk: Conversation) -> None:
        for link in list(self.links.values()):
            if link.peek_s is None or link.loop.time() < link.peek_s:
                continue
            link.peek_s = None
            with suppress(Refused):
                answer = await talk.ask(self.commands.steps["waiting"], link=link.number)
                link.unread = link.unread or bool(answer.line and int(answer.line["size"]))

    async def _send_one(self, talk: Conversation) -> bool:
        """One piece of the link that has waited longest."""
        now = asyncio.get_running_loop().time()
        link = next((link for link in self.links.values() if link.pending and now >= link.resume_s), None)
        if link is None:
            return False
        data = link.take(self.commands.piece_bytes)
        if not data:
            return True
        self.links[link.number] = self.links.pop(link.number)
        try:
            answer = await talk.send(self.commands.steps["send"], data, link=link.number)
        except Refused as fault:
            if link.stage is Stage.OPEN and not link.left:
                self.say(f"link {link.number} takes no bytes: {fault}")
                link.close()
            return True
        done = len(data) if answer.good else 0
        if answer.line and "done" in answer.line.groupdict():
            done = min(max(int(answer.line["done"]), 0), done)
        self.spent += done
        link.sent(data, done)
        if "read" in self.commands.steps:
            link.peek_s = link.loop.time() + PEEK_S
        if not done:
            self._full(link)
        return True

    def _full(self, link: Link) -> None:
        now = link.loop.time()
        link.resume_s = now + FULL_AGAIN_S
        if link.full_since_s is not None and now - link.full_since_s >= FULL_S:
            self.say(f"link {link.number}: nothing goes out for {FULL_S:.0f} s; closed")
            link.close()
