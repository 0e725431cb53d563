"""Chance: from the system's entropy on a till, from a seed on the bench."""

from random import Random as Generator
from random import SystemRandom

from hal.ports.board import Random


class Chance(Random):
    """source: a generator of Python's random; seeded(n) or system() make one."""

    def __init__(self, source: Generator) -> None:
        self._source = source

    def below(self, n: int) -> int:
        return self._source.randrange(n)


def seeded(seed: int) -> Chance:
    """The same answers for the same seed, on every machine."""
    return Chance(Generator(seed))


def system() -> Chance:
    """Answers that nobody can foresee."""
    return Chance(SystemRandom())
