"""Delta debugging (Zeller, ddmin): the fewest lines of a list that still fail."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def shrink(items: "list[T]", fails: Callable[[list[T]], bool], seconds: float = 60) -> "list[T]":
    """A part of items, in their order, that fails still, and of which no single one can go; as far as the time reaches."""
    size = max(1, len(items) // 2)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        at = 0
        smaller = False
        while at < len(items) and time.monotonic() < deadline:
            rest = items[:at] + items[at + size :]
            if rest and fails(rest):
                items, smaller = rest, True
            else:
                at += size
        if size == 1 and not smaller:
            break
        size = max(1, size // 2)
    return items
