"""What the fleet says, and what follows from it: one message after another is taken to heart.

An answer to a question and a notice are handed on as they come. A welcome and an acknowledgement wait until the session can
heed them, for what follows from those is journaled."""

from firmware.sync import wire
from firmware.sync.inbox import Inbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.sync.again import Again
    from firmware.sync.channel import Channel
    from firmware.sync.inbox import Letter
    from firmware.sync.outbox import Outbox
    from firmware.sync.request import Requests
    from firmware.sync.standing import Standing
    from hal.ports.board import Board


class Listener:
    """answers: to what the till asked, in this session. docs(out): hears what is out for this till."""

    def __init__(
        self,
        board: "Board",
        standing: "Standing",
        channel: "Channel",
        outbox: "Outbox",
        again: "Again",
        requests: "Requests",
        docs: "Callable[[dict[str, int]], None]",
    ):
        self.answers = 0
        self._inbox = Inbox(board, standing.doubt)
        self._keystore = board.keystore
        self._log = board.log
        self._standing = standing
        self._channel = channel
        self._outbox = outbox
        self._again = again
        self._requests = requests
        self._docs = docs
        self._parted = False  # the fleet was told, in this session, that its past is not ours

    def opened(self) -> None:
        """A new session: what was said in the one before counts no longer."""
        self._inbox.letters = []
        self.answers, self._parted = 0, False

    def closed(self) -> None:
        """The session is over, and whoever waits for an answer hears of that."""
        self._requests.moved()

    def heard(self, topic: str, payload: bytes) -> bool:
        """Something came down. False when it is nothing of the fleet's to this till."""
        letter = self._inbox.open(topic, payload)
        if letter is None:
            return False
        if letter.tail == wire.DN_RES:
            self.answers += 1
            self._requests.heard(letter.word)
        elif letter.tail == wire.DN_NOTICE:
            self._docs(letter.word["docs"])
        else:
            self._inbox.keep(letter)
        return True

    @property
    def mail(self) -> bool:
        """Is there anything to heed?"""
        return bool(self._inbox.letters) or self._requests.late

    async def heed(self) -> bool:
        """Take one message to heart. True when it answers what was sent."""
        if self._requests.late:
            await self._requests.heed()
            return False
        letter = self._inbox.letters.pop(0)
        if letter.tail == wire.DN_WELCOME:
            return await self._welcomed(letter)
        word = letter.word
        if word["err"]:
            return self._refused(word)
        if word["gap"]:
            self._channel.settled = False  # the ledger lost what it had acknowledged: once patience is over, ask where it stands
            return False
        if word["to"] <= self._standing.to:
            return self._again.taken()  # or an old one, come late or twice
        return await self._standing.settle(word["to"], word["h"])

    def _refused(self, word: "dict[str, Any]") -> bool:
        """Nothing was booked. True when that is the answer; else it is asked again with patience: somebody may mend it."""
        err = word["err"]
        if err == "fork":
            return self._standing.part(word["at"])
        if err in ("key", "seal"):
            self._standing.shun()
        elif err == "version":
            self._standing.estrange(word["v"])
        else:
            self._log.say("net", f"the fleet could not take it: {err} at {word['at']}")
        return False

    async def _welcomed(self, letter: "Letter") -> bool:
        """Where the ledger stands is where we go on, forwards (an ack was lost) or back (a ledger was restored).

        It answers whatever waits: one that comes unasked is from a collector that has just come back."""
        word = letter.word
        self._channel.welcomed(word["utc"])
        self._requests.moved()
        self._docs(word.get("docs", {}))
        self._standing.owe()
        if word["err"] == "fork":
            self._standing.part(word["at"])
            return True
        await self._standing.settle(word["ack"], word["h"])
        if self._standing.fork and not self._parted:
            self._parted = True  # once a session, which may end before the fleet has heard it
            await self._outbox.hello(word["ack"])
        elif not self._standing.fork and self._keystore.fleet():
            await self._standing.anchor(word["ack"], word["h"], letter.payload)
        return True
