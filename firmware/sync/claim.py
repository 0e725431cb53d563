"""Claiming: how a till that its brokers do not let in comes by a certificate.

It asks at the fleet's door as long as it has none, and shows a code meanwhile; somebody gives the code to the fleet, and
the next answer brings the certificate. A till that has one, and is not let in for long, asks there too: it may have been
revoked. Selling waits for none of this."""

from firmware.sync import door
from firmware.sync.patience import Bell, Patience
from hal.ports.faults import Fault, LinkDown, WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.journal.journal import Journal
    from hal.ports.board import Board, Identity, Link

KEEPALIVE_S = 60
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 2000, 60_000  # between two calls at the door
ANSWER_MS = 10_000  # for one answer; then the question is put again
WATCHED_MS, UNWATCHED_MS = 5000, 60_000  # between two questions: while somebody looks at the code, and else
SHUT_OUT_MS = 120_000  # a till with a certificate that is kept out so long asks why
MAIL_MAX = 8


class Claim:
    """changed() is called when state is not what it was. enrolled() once, when there is a certificate.

    state: ASKING, the door was not reached yet; WAITING, the fleet knows this till's code; ENROLLED; REFUSED; or STRANGE,
    what came is not for this till or not from its fleet. watched: somebody looks at the code."""

    ASKING, WAITING, ENROLLED, REFUSED, STRANGE = "asking", door.WAITING, door.ENROLLED, door.REFUSED, "strange"

    def __init__(
        self,
        board: "Board",
        identity: "Identity",
        link: "Link",
        journal: "Journal",
        changed: "Callable[[], None]",
        enrolled: "Callable[[], None]",
    ):
        self._board = board
        self._identity = identity
        self._link = link
        self._journal = journal
        self._changed = changed
        self._enrolled = enrolled
        self._bell = Bell()
        self._pause = Patience(board.random, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
        self._mail: "list[dict[str, object]]" = []
        self._code = ""
        self._watched = False
        self._offline_ms = 0  # since when a line is up and no broker lets us in; 0, it is not so
        self.state = Claim.ENROLLED if identity.held() else Claim.ASKING

    def code(self) -> str:
        """What stands on the screen. Raises OSError where no key can be made."""
        if not self._code:
            board = self._board
            self._code = door.code(board.terminal, self._identity.public(), board.keystore.public())
        return self._code

    def watch(self, somebody: bool) -> None:
        """Somebody looks at the code, or no longer does."""
        self._watched = somebody
        self._bell.ring()

    def moved(self) -> None:
        """The line, or the session with the broker, is not as it was."""
        self._bell.ring()

    def on_message(self, topic: str, payload: bytes) -> None:
        """Of the door. What is not sound is logged without its content and forgotten."""
        try:
            if topic != door.down(self._code):
                raise WireFault(f"topic: {topic[:80]!r} is not for this till")
            self._mail.append(door.read_answer(payload))
        except WireFault as fault:
            self._say(f"ignored a message at the door: {fault}")
        self._mail = self._mail[-MAIL_MAX:]
        self._bell.ring()

    async def run(self) -> None:
        """Never returns."""
        self._link.start(lambda event: self._bell.ring(), self.on_message)
        while True:
            await self._due()
            try:
                await self._call()
                self._pause.reset()
                continue
            except LinkDown as fault:
                why = f"{fault}"
            except Fault as fault:
                why = f"{fault}"
            except (OSError, ValueError) as fault:
                self._become(Claim.STRANGE)
                why = f"{fault}"
            await self._hang_up()
            ms = self._pause.next()
            self._say(f"claim: {why}; again in {ms} ms")
            await self._rest(ms, ms)

    async def _due(self) -> None:
        """Until there is a reason to ask, and a line to do it by."""
        while True:
            clock = self._board.clock
            if not self._shut_out():
                self._offline_ms = 0
            elif not self._offline_ms:
                self._offline_ms = clock.now_ms() or 1
            if self._line_up() and not self._identity.held():
                return
            left = self._offline_ms + SHUT_OUT_MS - clock.now_ms() if self._offline_ms else None
            if left is not None and left <= 0:
                self._offline_ms = clock.now_ms()
                return
            await self._bell.wait(left)

    def _line_up(self) -> bool:
        return self._board.link.state != "off"

    def _shut_out(self) -> bool:
        return self._board.link.state == "line"

    async def _call(self) -> None:
        """Ask, and ask again until the answer ends it. Raises LinkDown, Fault, OSError, ValueError."""
        claim, board = self.code(), self._board
        asked = door.ask(claim, board.terminal, self._identity.request(), board.keystore)
        self._mail = []
        await self._link.connect(claim, door.down(claim), "", b"", KEEPALIVE_S)
        while True:
            await self._link.publish(door.up(claim), asked, 1, False)
            await self._rest(ANSWER_MS, ANSWER_MS)
            if self._mail and await self._heed(self._mail.pop(0)):
                await self._hang_up()
                return
            await self._rest(UNWATCHED_MS, WATCHED_MS)
            self._check_line()

    async def _rest(self, ms: int, watched_ms: int) -> None:
        """Until the time is over, which is another one while somebody looks, or something has come."""
        began = self._board.clock.now_ms()
        while not self._mail:
            left = began + (watched_ms if self._watched else ms) - self._board.clock.now_ms()
            if left <= 0 or not await self._bell.wait(left):
                return

    def _check_line(self) -> None:
        if self._link.state != "online":
            raise LinkDown("the call at the door ended")

    async def _heed(self, answer: "dict[str, object]") -> bool:
        """True when there is no more to ask. Raises like _call."""
        state = answer["state"]
        if state == Claim.ENROLLED:
            await self._take(answer)
            return True
        self._become(f"{state}")
        return self._identity.held()

    async def _take(self, answer: "dict[str, object]") -> None:
        """The journal has it before the till does: a cut in between claims again, and is told the same."""
        certificate, documents, first = answer["crt"], answer["doc"], answer["first"]
        if not isinstance(certificate, bytes) or not isinstance(documents, bytes):
            raise ValueError("no certificate came")
        self._identity.check(certificate, documents)
        if not self._identity.held():
            clock = self._board.clock
            body = {"claim": self._code, "first": first, "at": clock.utc_s(), "trusted": clock.trusted()}
            await self._journal.append("enrolled", 0, body)
            self._say("enrolled: this till has its certificate")
        await self._identity.take(certificate, documents)  # a renewed one too
        self._enrolled()
        self._become(Claim.ENROLLED)

    async def _hang_up(self) -> None:
        if self._link.state == "online":
            await self._link.disconnect()

    def _become(self, state: str) -> None:
        if self.state != state:
            self.state = state
            self._say(f"claim: {state}")
            self._changed()

    def _say(self, text: str) -> None:
        self._board.log.say("net", text)
