"""The collector: takes batches off the broker, has the ledger book them, and answers what the ledger then says.

handle() is all of its mind and does no I/O but the ledger's, so a test can call it; run() puts it behind a broker."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from socket import socket

from firmware.sync import wire
from firmware.sync.wire import WireFault
from fleet.answers import Answers
from fleet.client import Client
from fleet.db import DbFault
from fleet.ledger import Ledger
from fleet.refusals import Refusals
from fleet.trust import FORK, SEAL, Trust, Verdict

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
KEEPALIVE_S = 60
SUBSCRIPTIONS = ["barrow/v1/+/up/#", "barrow/v1/+/st"]
DICTIONARIES = {wire.DICTIONARY_VERSION: wire.DICTIONARY}

NO_DOUBT = Verdict()

Message = tuple[str, bytes]


class Collector:
    """now: UTC seconds. log: one line about what was refused, without its content. name: this collector's, on the broker.
    sign: with the fleet's document key, for what tills are told; None where there is none."""

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], int],
        log: Callable[[str], None] = lambda line: None,
        name: str = "collector",
        sign: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.name = name
        self.ledger = ledger
        self.trust = Trust(ledger)
        self.now = now
        self.log = log
        self.sign = sign
        self.answers = Answers(ledger, now, sign)
        self.refusals = Refusals(ledger)
        self.refused = 0

    def handle(self, topic: str, payload: bytes) -> list[Message]:
        """What to publish in answer. Whatever comes in, it never raises; without an answer the till sends again."""
        terminal = ""
        try:
            terminal, tail = wire.terminal_of(topic)
            if tail == wire.UP_REQ:
                return self._request(terminal, payload)
            if tail == wire.UP_BATCH:
                return self._batch(terminal, payload)
            if tail == wire.UP_HELLO:
                return self._hello(terminal, payload)
            if tail == wire.STATE:
                return self._welcome(terminal) if wire.read_state(payload) else []
            raise WireFault(f"topic: {tail!r} is not one that this collector knows", "topic")
        except WireFault as fault:
            self._refused(terminal, fault.reason, f"refused a message to {topic[:80]!r}: {fault}")
            return self._refuse(terminal, "version") if isinstance(fault, wire.WireVersion) else []
        except DbFault as fault:
            self.log(f"the ledger failed, nothing is acknowledged: {fault}")
        return []

    def _batch(self, terminal: str, payload: bytes) -> list[Message]:
        try:
            batch = wire.read_batch(inflate(payload))
            if batch.terminal != terminal:
                raise WireFault("batch header: t: not the terminal of the topic")
        except WireFault as fault:
            self._refused(terminal, fault.reason, f"{terminal}: refused a batch: {fault}")
            return self._refuse(terminal, "version" if isinstance(fault, wire.WireVersion) else "form")
        if not self.trust.signs(batch, self.now()):
            self.log(f"{terminal}: ALARM seal: a batch up to record {batch.last} is not signed by this till")
            return self._refuse(terminal, SEAL)
        answer = self.ledger.take(batch, self.now())
        if answer.err:
            self.log(f"{terminal}: ALARM {answer.err} at record {answer.at}")
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(*answer))]

    def _hello(self, terminal: str, payload: bytes) -> list[Message]:
        verdict = self.trust.hear(terminal, payload, self.now())
        if verdict.refused:
            self.log(f"{terminal}: ALARM {verdict.refused}: a hello that is not this till's")
            return self._refuse(terminal, verdict.refused)
        if verdict.forked:
            self.log(f"{terminal}: ALARM fork at record {verdict.forked}, by its hello")
        return self._welcome(terminal, verdict)

    def _welcome(self, terminal: str, verdict: Verdict = NO_DOUBT) -> list[Message]:
        seq, h = self.ledger.head(terminal)
        err = FORK if verdict.forked else ""
        topic, welcome = wire.topic(terminal, wire.DN_WELCOME), wire.welcome(seq, h, self.now(), err, verdict.forked)
        return [(topic, wire.countersigned(topic, welcome, self.sign) if self.sign else welcome)]

    def _request(self, terminal: str, payload: bytes) -> list[Message]:
        messages, why = self.answers.take(terminal, payload)
        if why:
            self._refused(terminal, why, f"{terminal}: refused a request: {why}")
        return messages

    def _refused(self, terminal: str, reason: str, words: str) -> None:
        """Counted, and said without its content."""
        self.refused += 1
        self.log(words)
        try:
            self.refusals.note(terminal, reason, self.now())
        except DbFault as fault:
            self.log(f"the ledger failed, a refusal is not counted: {fault}")

    def _refuse(self, terminal: str, err: str) -> list[Message]:
        seq, h = self.ledger.head(terminal)
        return [(wire.topic(terminal, wire.DN_ACK), wire.ack(seq, h, err=err))]

    async def run(self, dial: Callable[[], Awaitable[socket]], ready: Callable[[], None] = lambda: None) -> None:
        """Collect for ever, over connection after connection. dial() gives a connected socket or raises.

        A retained birth, which the broker shows us as we subscribe, is a till that may wait for us: it is welcomed."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                client = Client(await dial(), self._heard)
                await client.open(self.name, SUBSCRIPTIONS, KEEPALIVE_S)
                pause = FIRST_PAUSE_S
                ready()
                await client.serve()
            except Exception as fault:  # whatever a dial of another room may raise: it is no reason to stop collecting
                self.log(f"no broker: {fault}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _heard(self, topic: str, payload: bytes, retained: bool) -> list[Message]:
        if topic.endswith("/" + wire.STATE) and not retained:
            return []  # a till that comes now says hello itself
        return self.handle(topic, payload)


def inflate(payload: bytes) -> bytes:
    """The text of a published batch. Raises WireFault, and never makes more than MAX_RAW bytes."""
    dictionary = DICTIONARIES.get(payload[0]) if payload else None
    if dictionary is None:
        raise WireFault("batch: its dictionary is not known here")
    unpacker = zlib.decompressobj(-15, dictionary)
    try:
        text = unpacker.decompress(payload[1:], wire.MAX_RAW + 1)
    except zlib.error as fault:
        raise WireFault(f"batch: not deflated: {fault}") from fault
    if len(text) > wire.MAX_RAW:
        raise WireFault(f"batch: more than {wire.MAX_RAW} bytes of text")
    if not unpacker.eof or unpacker.unused_data:
        raise WireFault("batch: the deflated stream does not end where the message does")
    return text
