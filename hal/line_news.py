"""What an operator is told of the lines: each trouble once, until it is over."""

from collections.abc import Callable


class News:
    """heed(trouble): hears of it, by Ways' word."""

    def __init__(self) -> None:
        self.heed: Callable[[str], None] = lambda trouble: None
        self._told: set[str] = set()

    def say(self, trouble: str) -> None:
        if trouble not in self._told:
            self._told.add(trouble)
            self.heed(trouble)

    def over(self, *troubles: str) -> None:
        """From now on these are news again."""
        self._told.difference_update(troubles)
