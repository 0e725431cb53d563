"""The virtual keypad: keys pressed by name become input events, bouncing if asked to."""

import asyncio

from hal.keymap import Keymap
from sim.chips.keyboard import Keyboard


class KeypadChip(Keyboard):
    """keymap: of this kind of keypad, from config/keymaps. Knobs: press, release, unplug, plug, bounce_ms.

    On a pad with a shift, a finger holds the shift down for as long as the key that needs it."""

    def __init__(self, keymap: Keymap, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("keypad", loop)
        self.keymap = keymap
        self.bounce_ms = 0  # how long a contact chatters after each edge, at 1 ms a swing

    def press(self, name: str) -> None:
        """Down, and it stays down. Raises KeyError when there is no such key."""
        for code in self.keymap.strokes(name):
            self._move(code, True)

    def release(self, name: str) -> None:
        """Up. Raises KeyError when there is no such key."""
        for code in reversed(self.keymap.strokes(name)):
            self._move(code, False)

    def _move(self, code: int, down: bool) -> None:
        self.edge(code, down)
        for ms in range(1, self.bounce_ms, 2):
            self.loop.call_later(ms / 1000, self.edge, code, not down)
            self.loop.call_later((ms + 1) / 1000, self.edge, code, down)
