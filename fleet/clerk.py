"""The collector's mind: some messages in, for each the answers out, one transaction for all of them.

Messages are opened first; then one booking takes the batches and hellos in the order in which they came; after COMMIT
their answers are given away, and not before. It does no I/O but the ledger's, and knows of no broker."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from firmware.sync import wire
from firmware.sync.wire import WireFault
from fleet import doorkeeper
from fleet.answers import Answers
from fleet.booking import Booking
from fleet.db import DbDown, DbFault
from fleet.documents import Documents, Wrong
from fleet.ledger import Ledger
from fleet.letters import Hello, Sheet, open_batch, open_hello, sheet_of
from fleet.refusals import Refusals
from fleet.till_keys import Gathering, TillKeys
from fleet.trust import FORK, SEAL, Trust, Verdict, signed_by

RAW_MAX = 8 << 20  # bytes of records that one transaction takes; a longer group becomes several

NO_DOUBT = Verdict()

Message = tuple[str, bytes]


class Letter(NamedTuple):
    """An opened message. batch or hello is set for what is booked; else tail says what it is, or refused why it is
    nothing: "" is answered with silence."""

    terminal: str
    tail: str
    payload: bytes
    sheet: Sheet | None = None
    hello: Hello | None = None
    sealed: bool = False
    refused: str | None = None

    @property
    def booked(self) -> bool:
        return self.sheet is not None or self.hello is not None


class Clerk:
    """now: UTC seconds. log: one line about what was refused, without its content. sign: with the fleet's document key,
    for what tills are told; None where there is none."""

    def __init__(
        self, ledger: Ledger, now: Callable[[], int], log: Callable[[str], None], sign: Callable[[bytes], bytes] | None
    ) -> None:
        self.ledger = ledger
        self.trust = Trust(ledger)
        self.now = now
        self.log = log
        self.sign = sign
        self.answers = Answers(ledger, now, sign)
        self.documents = Documents(ledger, now)
        for op, handler in self.documents.ops().items():
            self.answers.add(op, handler, stored=False)
        self.tills = Gathering(TillKeys(ledger, now), self.documents)
        self.refusals = Refusals(ledger)
        self.doorkeeper = doorkeeper.Doorkeeper(ledger, now)
        self.refused = 0

    def handle(self, messages: Sequence[Message]) -> list[list[Message]]:
        """What to publish in answer to each (topic, payload). Whatever comes in, it does not raise for that: only DbDown,
        when the ledger cannot be reached, and then nothing may be acknowledged."""
        at = self.now()
        answers: list[list[Message]] = []
        for letters in self._groups(messages, at):
            answers += self._booked(letters, at)
        return answers

    def _groups(self, messages: Sequence[Message], at: int) -> Iterator[list[Letter]]:
        """Opened, in groups that fit a transaction."""
        letters: list[Letter] = []
        raw = 0
        for topic, payload in messages:
            letters.append(self._open(topic, payload, at))
            sheet = letters[-1].sheet
            raw += sum(map(len, sheet.batch.lines)) if sheet else 0
            if raw > RAW_MAX:
                yield letters
                letters, raw = [], 0
        if letters:
            yield letters

    # ---- opening: no lock is held

    def _open(self, topic: str, payload: bytes, at: int) -> Letter:
        terminal = tail = ""
        try:
            if topic.startswith(doorkeeper.TOPIC):
                return Letter(wire.door.claimed(topic), doorkeeper.TOPIC, payload)
            terminal, tail = wire.terminal_of(topic)
            if tail == wire.UP_BATCH:
                return Letter(terminal, tail, payload, sheet=sheet_of(open_batch(terminal, payload), at))
            if tail == wire.UP_HELLO:
                hello = open_hello(terminal, payload)
                seal = hello.seal
                return Letter(
                    terminal, tail, payload, hello=hello, sealed=bool(seal and signed_by(seal.key, seal.said, seal.signature))
                )
            if tail == wire.STATE:
                return Letter(terminal, tail, payload, refused=None if wire.read_state(payload) else "")
            if tail != wire.UP_REQ:
                raise WireFault(f"topic: {tail!r} is not one that this collector knows", "topic")
            return Letter(terminal, tail, payload)
        except WireFault as fault:
            self._refused(terminal, fault.reason, f"refused a message to {topic[:80]!r}: {fault}")
            err = "form" if tail == wire.UP_BATCH else ""
            return Letter(terminal, tail, b"", refused="version" if isinstance(fault, wire.WireVersion) else err)

    # ---- booking

    def _booked(self, letters: Sequence[Letter], at: int) -> list[list[Message]]:
        """The answers. If the ledger refuses the group for something in it, each letter is tried by itself, and the one
        that it is stays without an answer."""
        try:
            return self._transaction(letters, at)
        except DbDown:
            raise
        except DbFault as fault:
            if len(letters) > 1:
                return [self._booked([letter], at)[0] for letter in letters]
            self.log(f"{letters[0].terminal}: the ledger failed on a message, which is not acknowledged: {fault}")
            return [[]]

    def _transaction(self, letters: Sequence[Letter], at: int) -> list[list[Message]]:
        keys = self.trust.keys(sorted({letter.terminal for letter in letters if letter.sheet}))
        genuine = [by_its_till(letter, keys.get(letter.terminal, b"")) for letter in letters]
        answers: list[list[Message]] = [[]] * len(letters)
        terminals = [letter.terminal for letter in letters if letter.booked]
        if terminals:
            with self.ledger.booking(terminals, at) as booking:
                for number, letter in enumerate(letters):
                    if letter.sheet:
                        known = letter.terminal in keys
                        take = self._batch if known else self._unheard
                        answers[number] = take(booking, letter.terminal, letter.sheet, genuine[number])
                    elif letter.hello:
                        answers[number] = self._hello(booking, letter.terminal, letter.hello, letter.sealed)
        for number, letter in enumerate(letters):
            if not letter.booked:
                answers[number] = self._other(letter)
        return answers

    def _unheard(self, booking: Booking, terminal: str, sheet: Sheet, genuine: bool) -> list[Message]:
        """Of a till whose key is not known: its hello went by while nobody listened, and a gap makes it say that again."""
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(*booking.heads[terminal], gap=sheet.batch.first))]

    def _batch(self, booking: Booking, terminal: str, sheet: Sheet, genuine: bool) -> list[Message]:
        if not genuine:
            words = "a batch signed with another key" if sheet.batch.signature else "a batch that is not signed"
            booking.alarm(terminal, SEAL, 0, words)
            self.log(f"{terminal}: ALARM seal: {words}, up to record {sheet.batch.last}")
            return self._refuse(terminal, SEAL, booking.heads[terminal])
        answer = booking.take(sheet)
        if answer.err:
            self.log(f"{terminal}: ALARM {answer.err} at record {answer.at}")
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(*answer))]

    def _hello(self, booking: Booking, terminal: str, hello: Hello, sealed: bool) -> list[Message]:
        verdict = self.trust.hear(booking, terminal, hello, sealed)
        if verdict.refused:
            self.log(f"{terminal}: ALARM {verdict.refused}: a hello that is not this till's")
            return self._refuse(terminal, verdict.refused, booking.heads[terminal])
        if verdict.forked:
            self.log(f"{terminal}: ALARM fork at record {verdict.forked}, by its hello")
        if verdict.cloned:
            self.log(f"{terminal}: ALARM clone: two tills with one key")
        return self._welcome(terminal, booking.heads[terminal], verdict)

    # ---- the rest

    def _other(self, letter: Letter) -> list[Message]:
        terminal = letter.terminal
        if letter.refused is not None:
            return self._refuse(terminal, letter.refused, self.ledger.head(terminal)) if letter.refused else []
        if letter.tail == wire.STATE:
            return self._welcome(terminal, self.ledger.head(terminal))
        try:
            if letter.tail == doorkeeper.TOPIC:
                return self.doorkeeper.hear(terminal, letter.payload)
            messages, why = self.answers.take(terminal, letter.payload)
        except WireFault as fault:
            self._refused(terminal, fault.reason, f"{terminal}: refused a request: {fault}")
            return []
        if why:
            self._refused(terminal, why, f"{terminal}: refused a request: {why}")
        return messages

    def news(self) -> list[Message]:
        """For whom something new is out, since the last look: a notice for each of them. What was refused is written down."""
        try:
            self.refusals.flush(self.now())
            return [
                self._signed(wire.topic(terminal, wire.DN_NOTICE), wire.notice(self.documents.hint(terminal)))
                for terminal in self.documents.news()
            ]
        except DbFault as fault:
            self.log(f"the ledger failed, nobody is told what is out: {fault}")
            return []

    def gather(self) -> None:
        """The list of the tills' keys, made anew and given out when it is another one."""
        try:
            out = self.tills.look(self.sign) if self.sign else None
            if out:
                self.log(f"{out.kind} {out.version} is out for every till: {out.length} bytes")
        except (DbFault, Wrong) as fault:
            self.log(f"no new list of the tills' keys: {fault}")

    def _welcome(self, terminal: str, head: tuple[int, bytes], verdict: Verdict = NO_DOUBT) -> list[Message]:
        err, docs = FORK if verdict.forked else "", self.documents.hint(terminal)
        welcome = wire.welcome(*head, self.now(), err, verdict.forked, docs)
        return [self._signed(wire.topic(terminal, wire.DN_WELCOME), welcome)]

    def _signed(self, topic: str, message: bytes) -> Message:
        return topic, wire.countersigned(topic, message, self.sign) if self.sign else message

    def _refuse(self, terminal: str, err: str, head: tuple[int, bytes]) -> list[Message]:
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(*head, err=err))]

    def _refused(self, terminal: str, reason: str, words: str) -> None:
        """Counted, and said without its content."""
        self.refused += 1
        self.log(words)
        try:
            self.refusals.note(terminal, reason, self.now())
        except DbFault as fault:
            self.log(f"the ledger failed, a refusal is not counted: {fault}")


def by_its_till(letter: Letter, key: bytes) -> bool:
    """A batch whose head is signed by this key?"""
    return letter.sheet is not None and signed_by(key, letter.sheet.batch.said, letter.sheet.batch.signature)
