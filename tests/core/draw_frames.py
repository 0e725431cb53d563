"""Draws frames and prints a SHA-256 of each panel's bytes, a line each:

    python tests/core/draw_frames.py FILE        MICROPYPATH=.frozen:. micropython -X heapsize=2M tests/core/draw_frames.py FILE

FILE: a line of JSON for each frame, [width, frame as in tests/core/frames.py, modules of its code in hex or null]. live,
under MicroPython: a last line, the most bytes in use while one was drawn, the letters included."""

import binascii
import gc
import hashlib
import json
import sys

sys.path.insert(0, ".")

from hal.draw.render import render
from tests.core.frames import unpacked
from tests.core.test_draw import glyphs

THRESHOLD = 1 << 17  # as in play_long_day.py


def main(path, live):
    if sys.implementation.name == "micropython":
        gc.threshold(THRESHOLD)
    most, letters = 0, glyphs()
    with open(path, "rb") as file:
        line = file.readline()
        while line:
            width, frame, code = json.loads(line)
            modules = code and [binascii.unhexlify(row) for row in code]
            pages = render(unpacked(frame), letters, width=width, modules=modules)
            print(binascii.hexlify(hashlib.sha256(pages).digest()).decode())
            if live:
                gc.collect()
                most = max(most, gc.mem_alloc())
            line = file.readline()
    if live:
        print("most in use:", most)


main(sys.argv[1], "live" in sys.argv)
