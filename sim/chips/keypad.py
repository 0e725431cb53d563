"""The virtual keypad: keys pressed by name become input events, bouncing if asked to."""

import asyncio

from sim.chips.keyboard import Keyboard


class KeypadChip(Keyboard):
    """keymap: scan code -> key name, the one of config/board.json. Knobs: press, release, unplug, plug, bounce_ms."""

    def __init__(self, keymap: dict[int, str], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("keypad", loop)
        self.codes = {name: code for code, name in keymap.items()}
        self.bounce_ms = 0  # how long a contact chatters after each edge, at 1 ms a swing

    def press(self, name: str) -> None:
        """Down, and it stays down. Raises KeyError when there is no such key."""
        self._move(self.codes[name], True)

    def release(self, name: str) -> None:
        """Up. Raises KeyError when there is no such key."""
        self._move(self.codes[name], False)

    def _move(self, code: int, down: bool) -> None:
        self.edge(code, down)
        for ms in range(1, self.bounce_ms, 2):
            self.loop.call_later(ms / 1000, self.edge, code, not down)
            self.loop.call_later((ms + 1) / 1000, self.edge, code, down)
