"""The keypad: input events become named keys, debounced, on both edges.

An edge counts at once and shuts its key for debounce_ms; what the contact does meanwhile is bounce. When that time is
over, the key is put right if the contact rests elsewhere than we said. So bounce costs no delay and no edge is lost."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from hal.events import DOWN, Ear, Event, Source, stamp_ms
from hal.keymap import Keymap
from hal.ports.board import Clock, Keys, Log
from hal.ports.keys import Key

if TYPE_CHECKING:
    from hal.ports.board import Input

STRANGERS = 16  # codes without a name that are logged, each once; a hostile device may send thousands
PATIENCE_MS = 5000  # a shift that nobody used is forgotten


def silence() -> None:
    """Nobody wants to know of the shift."""


class Contact:
    """One key. down: as posted; rests: as last heard; shut_at: stamp of the edge that counted last; name: what it means while
    it is down."""

    def __init__(self) -> None:
        self.down = False
        self.rests = False
        self.shut_at = 0
        self.name = ""
        self.timer: asyncio.TimerHandle | None = None


class Shift:
    """The shift of a small pad: tapped, it holds for the next key, and a second tap takes it back; held, for as long."""

    def __init__(self, clock: Clock, told: Callable[[], None]) -> None:
        self._clock = clock
        self._told = told
        self.let_go()

    def let_go(self) -> None:
        """As at the start."""
        self._held = self._waits = False
        self._since_ms = 0

    def move(self, down: bool) -> None:
        """An edge of its key."""
        self._held = down
        if down:
            self._waits = not self._waiting()
            self._since_ms = self._clock.now_ms()
            self._told()

    def use(self) -> bool:
        """A key goes down: is it shifted?"""
        shifted = self._held or self._waiting()
        self._waits = False
        return shifted

    def _waiting(self) -> bool:
        return self._waits and self._clock.now_ms() - self._since_ms <= PATIENCE_MS


class Keypad(Keys):
    """Autorepeat is ignored: firmware times its own holds. shifted: called when the shift of a small pad goes down, so that
    the operator hears it."""

    def __init__(self, source: Source, keymap: Keymap, clock: Clock, log: Log, shifted: Callable[[], None] = silence) -> None:
        self._keymap = keymap
        self._clock = clock
        self._log = log
        self._shift = Shift(clock, shifted)
        codes = (*keymap.keys, *keymap.shifted, *([keymap.shift] if keymap.shift else []))
        self._contacts = {code: Contact() for code in codes}
        self._strangers: set[int] = set()
        self._ear = Ear(source, log, self._hear, self._let_all_go)

    def start(self, post: "Callable[[Input], None]") -> None:
        self._post = post
        self._ear.start()

    def stop(self) -> None:
        """Hear nothing more."""
        self._ear.stop()
        for contact in self._contacts.values():
            self._open(contact)

    def _hear(self, event: Event) -> None:
        contact = self._contacts.get(event.code)
        if contact is None:
            self._stranger(event.code)
            return
        contact.rests = event.value == DOWN
        # by the device's own stamps: after a stall of the loop, edges far apart arrive together
        if contact.timer is None or abs(stamp_ms(event) - contact.shut_at) >= self._keymap.debounce_ms:
            self._settle(event.code, stamp_ms(event))

    def _settle(self, code: int, stamp: int) -> None:
        """Act on the edge if there is one, and shut the key for a while."""
        contact = self._contacts[code]
        self._open(contact)
        if contact.down == contact.rests:
            return
        contact.down = contact.rests
        contact.shut_at = stamp
        shut_ms = self._keymap.debounce_ms
        contact.timer = asyncio.get_running_loop().call_later(shut_ms / 1000, self._settle, code, stamp + shut_ms)
        if code == self._keymap.shift:
            self._shift.move(contact.down)
        else:
            self._move(code, contact)

    def _move(self, code: int, contact: Contact) -> None:
        """Post the edge. A key keeps the name under which it went down, whatever the shift does meanwhile."""
        if contact.down:
            contact.name = (self._keymap.shifted if self._shift.use() else self._keymap.keys).get(code, "")
        if contact.name:  # "": nothing by that key after shift
            self._post(Key(contact.name, contact.down, self._clock.now_ms()))

    def _open(self, contact: Contact) -> None:
        if contact.timer is not None:
            contact.timer.cancel()
            contact.timer = None

    def _let_all_go(self) -> None:
        """The device is gone or has lost edges: nobody can be holding a key that we cannot see."""
        for code, contact in self._contacts.items():
            contact.rests = False
            self._settle(code, contact.shut_at)
        self._shift.let_go()

    def _stranger(self, code: int) -> None:
        if code not in self._strangers and len(self._strangers) < STRANGERS:
            self._strangers.add(code)
            self._log.say("key", f"scan code {code} has no name in the keypad's map")
