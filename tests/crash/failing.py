"""A medium of the model whose nth call goes wrong, once or until it is mended."""

import errno
import random
from collections.abc import Callable
from typing import Any

from tests.crash.medium import Medium

# kind -> (errno, whether it stays so until the power is switched off and on)
KINDS = {"eio": (errno.EIO, False), "enospc": (errno.ENOSPC, False), "short": (errno.EIO, False)}
KINDS |= {"dead": (errno.EIO, True), "read-only": (errno.EROFS, True), "full": (errno.ENOSPC, True)}
READS = ("names", "size", "pread")


class Failing:
    """A Medium whose nth call goes wrong. calls: how many there were, failed: how many of them did. healed: it works again:
    the power was off, or somebody made room."""

    def __init__(self, medium: Medium, kind: str, at: int, chance: random.Random) -> None:
        self.medium = medium
        self.kind = kind
        self.at = at
        self.calls = 0
        self.failed = 0
        self.healed = False
        self._chance = chance
        self._errno, self._stays = KINDS[kind]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            mine = self.calls == self.at or (self._stays and self.calls > self.at)
            self.calls += 1
            if mine and not self.healed and not (name in READS and self.kind in ("read-only", "full", "enospc", "short")):
                self._fail(name, args)
            return getattr(self.medium, name)(*args)

        return call

    def _fail(self, name: str, args: Any) -> None:
        self.failed += 1
        if name == "pwrite" and self.kind == "short":
            file, offset, data = args
            self.medium.pwrite(file, offset, data[: self._chance.randrange(1, len(data))])
        if name == "fdatasync":
            self.lose(args[0])
        raise OSError(self._errno, self.kind)

    def lose(self, name: str) -> None:
        """A sync that failed: of what waited the medium has taken some, and it calls all of it clean (fsyncgate)."""
        states = list(self.medium.states(self._chance, 8))
        left = self._chance.choice(states)
        if name in left and name in self.medium.held:
            self.medium.held[name] = left[name]
            self.medium.seen[name] = bytearray(left[name])
            self.medium.waiting = {place: kept for place, kept in self.medium.waiting.items() if place[0] != name}

    def power_cycle(self) -> "Failing":
        """Off and on: what waited is as chance has it, and the fault is gone."""
        after = Failing(Medium(self._chance.choice(list(self.medium.states(self._chance, 16)))), self.kind, -1, self._chance)
        after.calls = self.calls
        after.healed = True
        return after
