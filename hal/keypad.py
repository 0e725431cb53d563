"""The keypad: input events become named keys, debounced, on both edges.

An edge counts at once and shuts its key for debounce_ms; what the contact does meanwhile is bounce. When that time is
over, the key is put right if the contact rests elsewhere than we said. So bounce costs no delay and no edge is lost."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from hal.events import DOWN, Ear, Event, Source, stamp_ms
from hal.ports.board import Clock, Keys, Log
from hal.ports.keys import Key

if TYPE_CHECKING:
    from hal.ports.board import Input

STRANGERS = 16  # codes without a name that are logged, each once; a hostile device may send thousands


class Contact:
    """One key. down: as posted; rests: as last heard; shut_at: stamp of the edge that counted last."""

    def __init__(self) -> None:
        self.down = False
        self.rests = False
        self.shut_at = 0
        self.timer: asyncio.TimerHandle | None = None


class Keypad(Keys):
    """keymap: scan code (linux/input-event-codes.h) -> key name. Autorepeat is ignored: firmware times its own holds."""

    def __init__(self, source: Source, keymap: dict[int, str], clock: Clock, debounce_ms: int, log: Log) -> None:
        self._keymap = keymap
        self._clock = clock
        self._debounce_ms = debounce_ms
        self._log = log
        self._contacts = {name: Contact() for name in keymap.values()}
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
        name = self._keymap.get(event.code)
        if name is None:
            self._stranger(event.code)
            return
        contact = self._contacts[name]
        contact.rests = event.value == DOWN
        # by the device's own stamps: after a stall of the loop, edges far apart arrive together
        if contact.timer is None or abs(stamp_ms(event) - contact.shut_at) >= self._debounce_ms:
            self._settle(name, stamp_ms(event))

    def _settle(self, name: str, stamp: int) -> None:
        """Post the edge if there is one, and shut the key for a while."""
        contact = self._contacts[name]
        self._open(contact)
        if contact.down == contact.rests:
            return
        contact.down = contact.rests
        contact.shut_at = stamp
        later = asyncio.get_running_loop().call_later
        contact.timer = later(self._debounce_ms / 1000, self._settle, name, stamp + self._debounce_ms)
        self._post(Key(name, contact.down, self._clock.now_ms()))

    def _open(self, contact: Contact) -> None:
        if contact.timer is not None:
            contact.timer.cancel()
            contact.timer = None

    def _let_all_go(self) -> None:
        """The device is gone or has lost edges: nobody can be holding a key that we cannot see."""
        for name, contact in self._contacts.items():
            contact.rests = False
            self._settle(name, contact.shut_at)

    def _stranger(self, code: int) -> None:
        if code not in self._strangers and len(self._strangers) < STRANGERS:
            self._strangers.add(code)
            self._log.say("key", f"scan code {code} has no name in board.json")
