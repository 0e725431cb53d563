"""What comes down from the fleet: read, checked to be the fleet's, and kept until the courier heeds it.

What is not for us, not sound or not signed by the fleet is counted and said without its content, and forgotten."""

from firmware.sync import wire
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hal.ports.board import Board

MAIL_MAX = 16  # messages that wait to be heeded; beyond it the oldest goes, and the fleet repeats itself
# An ack is not signed: it must hold against our own chain, and the next welcome sets right what a liar made of it.
READERS = {wire.DN_ACK: wire.read_ack, wire.DN_WELCOME: wire.read_welcome, wire.DN_RES: wire.read_answer}
READERS |= {wire.DN_NOTICE: wire.read_notice}
UNSIGNED = (wire.DN_ACK,)


class Letter:
    """tail: of the topic that it came on. word: its fields, checked. payload: its bytes."""

    def __init__(self, tail: str, word: "dict[str, Any]", payload: bytes):
        self.tail = tail
        self.word = word
        self.payload = payload


class Inbox:
    """refused: how often, by reason. forged() is called for a message that only somebody else can have written."""

    def __init__(self, board: "Board", forged: "Callable[[], object]"):
        self.refused: dict[str, int] = {}
        self.letters: list[Letter] = []
        self._board = board
        self._forged = forged

    def open(self, topic: str, payload: bytes) -> "Letter | None":
        """A sound message of the fleet's to this till; None for any other."""
        try:
            return self._open(topic, payload)
        except WireFault as fault:
            self.refused[fault.reason] = self.refused.get(fault.reason, 0) + 1
            self._board.log.say("net", f"ignored a message: {fault}")
            return None

    def _open(self, topic: str, payload: bytes) -> Letter:
        terminal, tail = wire.terminal_of(topic)
        if terminal != self._board.terminal or tail not in READERS:
            raise WireFault(f"topic: {topic[:80]!r} is not for this till", "topic")
        word = READERS[tail](payload)
        if tail not in UNSIGNED and not wire.vouched(topic, payload, self._board.keystore):
            self._forged()
            raise WireFault(f"{tail}: not signed by the fleet", "seal")
        return Letter(tail, word, payload)

    def keep(self, letter: Letter) -> None:
        """It waits."""
        self.letters = self.letters[1 - MAIL_MAX :] + [letter]
