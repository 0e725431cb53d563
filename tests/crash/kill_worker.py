"""The program that is killed: sells, and says each sale's number once it is durable. CPython or MicroPython.

    python tests/crash/kill_worker.py FOLDER LAST [DEFECT]        from the top of the repository

Ends by itself after sale LAST. DEFECT plants one: acks-first, sells-again, holds-back. A program that has said too much waits
there for its input to end: where that is a pipe, the kill finds it so, however slow the machine."""

import sys

sys.path.insert(0, ".")

from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from tests.crash.kill_sale import body

SEGMENT = 8192


class Silent:
    """A log that nobody reads."""

    def say(self, who: str, text: str) -> None:
        return


def store_in(folder: str):
    """The real one of this interpreter."""
    if sys.implementation.name == "micropython":
        from tests.crash.mpy_store import FolderStore

        return FolderStore(folder)
    from pathlib import Path

    from hal.store import FileStore, OsDisk
    from hal.worker import Inline

    return FileStore(OsDisk(Path(folder)), Inline(), Silent())


def done(work):
    """The answer of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("it waited")


def say(text: str) -> None:
    """At once, to whoever holds the other end of the pipe."""
    sys.stdout.write(text + "\n")
    if sys.implementation.name != "micropython":
        sys.stdout.flush()


def say_too_early(no: int) -> None:
    say(str(no))
    sys.stdin.readline()


def sell(folder: str, last: int, defect: str) -> None:
    rollup = Rollup()
    journal = Journal(store_in(folder), "main", rollup, Silent(), SEGMENT)
    done(journal.recover())
    if defect == "sells-again" and rollup.sales:
        done(journal.append("sale", rollup.next_no - 1, body(rollup.next_no - 1)))
    while rollup.next_no <= last:
        no = rollup.next_no
        if defect == "acks-first":
            say_too_early(no)
        if defect == "holds-back" and no % 2:
            say_too_early(no)  # and it is written with the next one
            done(journal.append("sale", no, body(no)))
            no += 1
        done(journal.append("sale", no, body(no)))
        say(str(no))


sell(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
