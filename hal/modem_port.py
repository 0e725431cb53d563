"""The talk with a modem on its port: one command at a time, and whatever it says unasked in between.

Two tasks use it: `listen` hears, one other asks. A line that a command asked for is its answer; every other is news."""

import asyncio
import re
from collections.abc import Callable
from typing import NamedTuple

from hal.modem_parser import Block, Line, Prompt, Said, Splitter
from hal.modem_set import CommandSet, Step
from hal.modem_words import CME, shown
from hal.serial_port import READ_SIZE, Port, PortGone, PortStalled

WRITE_MS = 5000
TICK_S = 0.001  # the loop's timers may come a rounding early
BLOCK_MS = 5000  # a block whose bytes stop coming for so long was cut: what follows are lines again
QUIET_MS = 3_600_000  # a modem that says nothing is listened to for this long, and then again


class Refused(OSError):
    """The modem said no. code: its number, 0 where it gave none."""

    def __init__(self, why: str, code: int = 0):
        super().__init__(why)
        self.code = code


class Silent(OSError):
    """No answer in time: nobody knows what the modem does now."""


class Answer(NamedTuple):
    """good: False where it was `not now`. line: the match of what was asked for."""

    good: bool
    line: "re.Match[str] | None"


class Exchange:
    """One command on its way."""

    def __init__(self, step: Step, said: str, block: bool, done: "asyncio.Future[Answer]") -> None:
        self.step = step
        self.said = said
        self.block = block  # a block is the answer
        self.line: re.Match[str] | None = None
        self.good = False
        self.reason = ""
        self.done = done
        self.prompt: asyncio.Future[None] = done.get_loop().create_future()

    def settle(self, answer: "Answer | OSError") -> None:
        if self.done.done():
            return
        if isinstance(answer, OSError):
            self.done.set_exception(answer)
            self.done.exception()  # somebody may no longer wait
        else:
            self.done.set_result(answer)


class Conversation:
    """news(text) hears each line that nobody asked for; block(head, data) each raw block.

    silent_s: loop time of the first question since its last answer, None where it answered all. sent, received: bytes on
    the port."""

    def __init__(
        self, port: Port, commands: CommandSet, news: Callable[[str], None], block: "Callable[[re.Match[str], bytes], None]"
    ) -> None:
        self.port = port
        self.commands = commands
        self.news = news
        self.block = block
        self.splitter = Splitter(commands.block)
        self.loop = asyncio.get_running_loop()
        self.exchange: Exchange | None = None
        self.fault: OSError | None = None
        self.open = asyncio.Event()  # shut while nobody can take more blocks: then the modem has to wait too
        self.open.set()
        self.shut_s = 0.0  # how long it has been shut so far
        self.silent_s: float | None = None
        self.sent = 0
        self.received = 0

    async def listen(self) -> None:
        """Until the port is gone: then what waits fails, and `fault` says why."""
        try:
            while True:
                data = await self.port.read(READ_SIZE, BLOCK_MS if self.splitter.in_block else QUIET_MS)
                if data:
                    self.received += len(data)
                    self._hear(self.splitter.feed(data))
                elif self.splitter.in_block:
                    self.splitter.reset()
                if not self.open.is_set():
                    shut = self.loop.time()
                    await self.open.wait()
                    self.shut_s += self.loop.time() - shut
        except PortGone as fault:
            self.fail(fault)
            self.news("")

    def fail(self, fault: OSError) -> None:
        """The talk is over: what waits now, and whatever is asked later, raises this."""
        self.fault = fault
        if self.exchange:
            self.exchange.settle(fault)

    async def ask(self, step: Step, **blanks: object) -> Answer:
        """Say it, and wait for its final line. Raises Refused, Silent, PortGone."""
        exchange = self._begin(step, blanks)
        try:
            await self._write(exchange.said.encode() + b"\r")
            return await self._wait(exchange.done, step)
        finally:
            self.exchange = None

    async def send(self, step: Step, data: bytes, **blanks: object) -> Answer:
        """Say it, and data at the prompt. Raises Refused, Silent, PortGone."""
        exchange = self._begin(step, {**blanks, "size": len(data)})
        self.splitter.prompting = True
        try:
            await self._write(exchange.said.encode() + b"\r")
            await self._wait_first(exchange.prompt, exchange.done, step)
            if not exchange.done.done():
                await self._write(data)
            return await self._wait(exchange.done, step)
        finally:
            self.splitter.prompting = False
            self.exchange = None

    async def reason(self, fault: Refused) -> Refused:
        """Of a bare ERROR, from a modem that keeps it for who asks. Raises Silent, PortGone."""
        step = self.commands.steps.get("why")
        if step is None or fault.code:
            return fault
        try:
            line = (await self.ask(step)).line
        except Refused:
            return fault
        code = int(line["code"]) if line else 0
        return Refused(f"{self.commands.errors[code]} ({code})", code) if code in self.commands.errors else fault

    async def flush(self) -> None:
        """End a send that was broken off: a modem that waits for its data gets it, any other hears empty lines."""
        await self._write(b"\r" * self.commands.piece_bytes)

    def _begin(self, step: Step, blanks: "dict[str, object]") -> Exchange:
        if self.fault:
            raise self.fault
        if self.silent_s is None:
            self.silent_s = self.loop.time()
        said = step.say.format(**blanks) if blanks else step.say
        self.exchange = Exchange(step, said, step.say == self._read_say(), self.loop.create_future())
        return self.exchange

    def _read_say(self) -> str:
        step = self.commands.steps.get("read")
        return step.say if step else ""

    async def _write(self, data: bytes) -> None:
        try:
            await self.port.write(data, WRITE_MS)
        except PortStalled as fault:
            raise Silent(f"the modem takes no bytes: {fault}") from fault
        self.sent += len(data)

    async def _wait(self, done: "asyncio.Future[Answer]", step: Step) -> Answer:
        await self._wait_first(done, done, step)
        if self.fault is None:
            self.silent_s = None
        return done.result()

    async def _wait_first(
        self, one: "asyncio.Future[None] | asyncio.Future[Answer]", two: "asyncio.Future[Answer]", step: Step
    ) -> None:
        """Until either is there. The time in which nobody listened does not count. Raises Silent."""
        left_s = step.limit_s
        while left_s > TICK_S:
            began, shut = self.loop.time(), self.shut_s
            await asyncio.wait({one, two}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            if one.done() or two.done():
                return
            await self.open.wait()
            left_s += (self.shut_s - shut) - (self.loop.time() - began)
        raise Silent(f"no answer to {step.say.split('=')[0].split('?')[0]} in {step.limit_s:g} s")

    def _hear(self, said: "list[Said]") -> None:
        for item in said:
            if isinstance(item, Line):
                self._line(item.text)
            elif isinstance(item, Block):
                self._block(item)
            elif isinstance(item, Prompt) and self.exchange and not self.exchange.prompt.done():
                self.exchange.prompt.set_result(None)

    def _block(self, block: Block) -> None:
        if self.exchange and self.exchange.block:
            self.exchange.line = block.head
        self.block(block.head, block.data)

    def _line(self, text: str) -> None:
        if self.exchange is None:
            if text not in ("OK", "ERROR"):  # the end of an answer for which nobody waits any more
                self.news(text)
        elif not self._answers(self.exchange, text):
            self.news(text)

    def _answers(self, exchange: Exchange, text: str) -> bool:
        """Is this line part of the answer?"""
        step = exchange.step
        if text == exchange.said:
            return True  # echo
        if step.line and (found := step.line.fullmatch(text)):
            exchange.line = found
        elif step.again and step.again.fullmatch(text):
            exchange.settle(Answer(False, exchange.line))
        elif found := step.bad.fullmatch(text):
            exchange.settle(self._refusal(exchange, found["why"] if "why" in step.bad.groupindex else None))
        elif step.good.fullmatch(text):
            exchange.good = True
        elif self.commands.reason and (found := self.commands.reason.fullmatch(text)):
            exchange.reason = found["why"]
            return False  # it may be news as well
        else:
            return False
        if exchange.good and (exchange.line or not step.need):
            exchange.settle(Answer(True, exchange.line))
        return True

    def _refusal(self, exchange: Exchange, told: "str | None") -> Refused:
        """In words: what the final line says, or else the maker's own line before it."""
        mine, own = (CME, self.commands.errors) if told else (self.commands.errors, CME)
        told = told or exchange.reason
        code = int(told) if told.isdecimal() else 0
        words = mine.get(code) or own.get(code) or shown(told) or "ERROR"
        return Refused(f"{words} ({code})" if code else words, code)
