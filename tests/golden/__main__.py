"""`make golden-accept [F=SCRIPT]`: take today's pictures as golden, after looking at them. CI never accepts."""

import os
import sys

from tests.golden import book, gallery


def main() -> int:
    if "--accept" not in sys.argv or "CI" in os.environ:
        print("usage: python -m tests.golden --accept [SCRIPT]; never with CI set")
        return 2
    only = "".join(word for word in sys.argv[1:] if word != "--accept")
    pages = [book.read(path, accept=True) for path in book.scripts(only)]
    for page in pages:
        taken = [name for name, (_, state) in page.seen.items() if state == "accepted"]
        print(f"{page.script} {page.lang}: {', '.join(taken) if taken else 'as it was'} {page.why}")
    if not only:
        for name in book.unused(pages):
            (book.FOLDER / name).unlink()
            print(f"{name}: no scenario shows it, removed")
    print(gallery.write([book.read(path) for path in book.scripts()], book.ROOT / "out"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
