"""Delta debugging (Zeller, ddmin): the fewest lines of a list that still fail."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def shrink(items: "list[T]", fails: Callable[[list[T]], bool], tries: int = 400) -> "list[T]":
    """A part of items, in their order, that fails still, and of which no single one can go; as far as `tries` reach."""
    size = max(1, len(items) // 2)
    while tries > 0:
        at = 0
        smaller = False
        while at < len(items) and tries > 0:
            rest = items[:at] + items[at + size :]
            tries -= 1
            if rest and fails(rest):
                items, smaller = rest, True
            else:
                at += size
        if size == 1 and not smaller:
            break
        size = max(1, size // 2)
    return items
