"""How much a printer has in its buffer, by reckoning: for one that nothing holds up, and that drops what does not fit."""

from collections import deque

AHEAD = 384  # bytes before the head: a few lines and the code below them, and far from full even where buffers are small


class Pace:
    """Pieces of what is printed, each with its bytes and the dots of paper that it takes. Times are the loop's, in seconds."""

    def __init__(self, dots_per_s: int):
        self._dots_per_s = dots_per_s
        self._waiting: deque[tuple[float, int]] = deque()  # when the head is through with a piece, its bytes
        self.free_at = 0.0  # when it is through with all

    def wait_s(self, size: int, now: float) -> float:
        """Seconds until `size` bytes more are not too many. A piece that alone is too many waits for all before it."""
        while self._waiting and self._waiting[0][0] <= now:
            self._waiting.popleft()
        held = sum(held for _, held in self._waiting)
        until = now
        for done_at, bytes_held in self._waiting:
            if held + size <= AHEAD:
                break
            held -= bytes_held
            until = done_at
        return until - now

    def sent(self, size: int, dots: int, now: float) -> None:
        """The last byte of a piece is on its way."""
        self.free_at = max(self.free_at, now) + dots / self._dots_per_s
        self._waiting.append((self.free_at, size))
