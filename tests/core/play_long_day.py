"""Plays the long day and prints what both interpreters must agree on, a line each:

    python tests/core/play_long_day.py [live] [more]
    MICROPYPATH=.frozen:. micropython -X heapsize=2M tests/core/play_long_day.py [live] [more]

more: a key more is pressed in the evening. live, under MicroPython: two more lines, bytes in use when the code
is loaded, and the most after any sale, garbage aside."""

import gc
import sys

sys.path.insert(0, ".")

from tests.core.long_day import Day
from tests.core.medium_store import MediumStore

# bytes that may be asked for until garbage is collected: left alone, MicroPython fills the whole heap first, and what
# stays then lies all over it, with no room for a buffer between
THRESHOLD = 1 << 17


class Scale:
    """first, most: of what was in use whenever it was read, bytes."""

    first = most = 0

    def read(self):
        gc.collect()
        self.most = max(self.most, gc.mem_alloc())
        self.first = self.first or self.most


def main(words):
    if sys.implementation.name == "micropython":
        gc.threshold(THRESHOLD)
    scale = Scale()
    if "live" in words:
        scale.read()
    day = Day(MediumStore(), scale.read if "live" in words else lambda: None, "PRINT" if "more" in words else "")
    day.play()
    for name, value in day.prints():
        print(name + ":", value.hex())
    if "live" in words:
        print("loaded:", scale.first)
        print("most in use:", scale.most)


main(sys.argv[1:])
