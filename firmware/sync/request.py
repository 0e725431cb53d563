"""Asking the fleet, and being answered: a question has one answer for ever, however often it was sent.

Nothing here blocks selling: whoever asks waits, and nobody else. The fleet keeps its answers, so asking again by the same
id never does a thing twice, also after a power cut; for that the question is kept in the local journal when its asker
wants it so, until it is settled. An answer that comes when nobody waits any more is handed to who has signed on for it."""

from firmware.sync import wire
from firmware.sync.patience import Bell, Patience
from hal.ports.faults import Fault, LinkDown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.sync.channel import Channel
    from hal.ports.board import Board

    Body = dict[str, Any]
    Late = Callable[[str, str, Body, str], None]

FIRST_MS, LONGEST_MS = 2000, 16_000  # with the fleet's silence, before the same is sent again
SLACK_S = 2  # the fleet's clock is told in whole seconds, and told late by a slow line
OPEN_MAX = 64  # kept questions that nobody has settled
LATE_MAX = 64
KEPT, LOOSE = "k", "a"  # an id begins with one


class Unanswered(Fault):
    """It was sent, and the deadline is over: nobody here knows whether it was done. Its answer may still come."""


class Refused(Fault):
    """The fleet answered that it did not do it. reason: by the fleet's name for it ("op", "expired", "stranger", ...)."""

    def __init__(self, op: str, reason: str):
        super().__init__(f"{op}: refused: {reason}")
        self.reason = reason


class Waiting:
    """One who waits. answer: None until there is one."""

    def __init__(self, op: str):
        self.op = op
        self.bell = Bell()
        self.answer: "Body | None" = None


class Requests:
    """channel: where the fleet is. boot: the number drawn at power on; with the length of the local journal
    it makes this boot's ids ones that no other boot had."""

    def __init__(self, board: "Board", channel: "Channel", boot: int, desk_journal: "Journal", desk: "Desk"):
        self._board = board
        self._channel = channel
        self._desk_journal = desk_journal
        self._desk = desk
        self._stem = f"{desk_journal.seq:x}-{boot:x}"
        self._count = 0
        self._waiting: dict[str, Waiting] = {}
        self._answered: list[str] = []  # ids, the newest last
        self._late: list[Body] = []
        self._handlers: dict[str, Late] = {}

    # ---- who asks

    async def ask(self, op: str, body: "Body", deadline_ms: int, kept: bool = False) -> "Body":
        """The fleet's answer. LinkDown: it was never sent. Unanswered: it was, and deadline_ms are over. Refused.

        kept: it stands in the local journal before it is sent, until `settle`; raises StoreFull, StoreBroken too."""
        end = self._board.clock.now_ms() + deadline_ms
        self._count += 1
        id = f"{KEPT if kept else LOOSE}{self._stem}-{self._count:x}"
        wire.request(id, 0, op, body)  # what no reader would take is its asker's mistake, before anything is journaled
        if kept and len(self._desk.asked) >= OPEN_MAX:
            raise Refused(op, "full")
        await self._reach(id, op, end)
        if kept:
            await self._desk_journal.append("ask", 0, {"id": id, "op": op, "body": body})
        return await self._put(id, op, body, end)

    async def again(self, id: str, deadline_ms: int) -> "Body":
        """The answer to a kept question, from the local journal or from the fleet. Raises like `ask`."""
        asked = self._desk.asked[id]
        if "answer" in asked:
            return self._word(asked["op"], asked["answer"], asked["err"])
        end = self._board.clock.now_ms() + deadline_ms
        await self._reach(id, asked["op"], end)
        return await self._put(id, asked["op"], asked["body"], end)

    async def settle(self, id: str) -> None:
        """Its asker has done what the answer told: it is kept no longer. Raises StoreFull, StoreBroken."""
        if id in self._desk.asked:
            await self._desk_journal.append("settled", 0, {"id": id})

    def open(self) -> "list[tuple[str, str, Body]]":
        """(id, op, body) of every kept question that is not settled, also of earlier boots."""
        asked = self._desk.asked
        return [(id, asked[id]["op"], asked[id]["body"]) for id in sorted(asked)]

    def on_late(self, op: str, handler: "Late") -> None:
        """handler(op, id, body, err) is called for every answer to op that came when nobody waited for it; err: the name
        of a refusal, "" for none. That of a kept question is in the journal by then, until `settle`."""
        self._handlers[op] = handler

    # ---- the courier's side

    def moved(self) -> None:
        """The session is not what it was."""
        for id in self._waiting:
            self._waiting[id].bell.ring()

    @property
    def late(self) -> bool:
        """Is there something to `heed`?"""
        return len(self._late) > 0

    def heard(self, answer: "Body") -> None:
        """An answer came down, checked and the fleet's."""
        id = answer["id"]
        if id in self._answered:
            return  # we asked twice, and it answered twice
        waiting = self._waiting.get(id)
        if waiting is not None and waiting.op == answer["op"]:
            waiting.answer = answer
            waiting.bell.ring()
        elif len(self._late) < LATE_MAX:
            self._late.append(answer)
        else:
            return  # the fleet still has it
        self._answered = self._answered[1 - LATE_MAX :] + [id]

    async def heed(self) -> None:
        """Journal and hand on what came late. Raises StoreFull, StoreBroken; what it could not journal waits."""
        while self._late:
            answer = self._late[0]
            id, op, body, err = answer["id"], answer["op"], answer["body"], answer["err"]
            asked = self._desk.asked.get(id)
            if asked is not None and asked["op"] == op and "answer" not in asked:
                await self._desk_journal.append("answer", 0, {"id": id, "answer": body, "err": err})
            self._late.pop(0)
            if id[0] == KEPT and asked is None:
                continue  # settled long ago
            self._board.log.say("net", f"late: an answer to {op}, {id}")
            if op in self._handlers:
                self._handlers[op](op, id, body, err)

    # ---- within

    async def _reach(self, id: str, op: str, end: int) -> None:
        """Until the fleet can be asked. Raises LinkDown: nothing was sent."""
        waiting = self._waiting[id] = Waiting(op)
        try:
            while not self._channel.ready:
                left = end - self._board.clock.now_ms()
                if not self._channel.online or left <= 0:
                    raise LinkDown(f"{op}: not asked, the fleet is not there")
                await waiting.bell.wait(left)
        finally:
            self._waiting.pop(id, None)

    async def _put(self, id: str, op: str, body: "Body", end: int) -> "Body":
        waiting = self._waiting[id] = Waiting(op)
        try:
            answer = await self._sent(waiting, id, body, end)
        finally:
            self._waiting.pop(id, None)
        return self._word(op, answer["body"], answer["err"])

    async def _sent(self, waiting: Waiting, id: str, body: "Body", end: int) -> "Body":
        clock, channel = self._board.clock, self._channel
        late_s = channel.fleet_s() + (end - clock.now_ms() + 999) // 1000 + SLACK_S
        topic = wire.topic(self._board.terminal, wire.UP_REQ)
        payload = wire.signed(topic, wire.request(id, late_s, waiting.op, body), self._board.keystore)
        patience = Patience(self._board.random, FIRST_MS, LONGEST_MS)
        session, due, sent = 0, 0, False
        while waiting.answer is None:
            now = clock.now_ms()
            if now >= end:
                raise Unanswered(f"{waiting.op}: no answer by its deadline")
            if channel.ready and (channel.session != session or now >= due):
                session, due = channel.session, now + patience.next()
                try:
                    await channel.post(topic, payload)
                    sent = True
                except LinkDown:
                    if not sent:
                        raise
                continue
            await waiting.bell.wait(min(end, due) - now if channel.ready else end - now)
        return waiting.answer

    def _word(self, op: str, body: "Body", err: str) -> "Body":
        if err:
            raise Refused(op, err)
        return body
