"""Server processes that belong together: started one after the other, watched, and ended together, by their ids.

Each leaves NAME.pid and NAME.log in the folder, so that an operator, or a test, can end one of them alone."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

READY_S = 30
STOP_S = 20
LOOK_S = 0.1


class Children:
    """folder: where their files are, made if it is not there. user: who they run as, None for whoever we are.
    goodbye: the signal that ends one in order."""

    def __init__(self, folder: Path, user: str | None = None, goodbye: signal.Signals = signal.SIGTERM) -> None:
        self.folder = folder
        self.user = user
        self.goodbye = goodbye
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], ready: Callable[[], bool]) -> None:
        """Returns when ready() says so. Raises OSError with the last words of one that ended, or stayed silent, instead."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, user=self.user, group=self.user, extra_groups=[]
                if self.user else None, start_new_session=True, cwd=self.folder,
            )  # fmt: skip
        self.running[name] = process
        (self.folder / f"{name}.pid").write_text(f"{process.pid}\n")
        end = time.monotonic() + READY_S
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                raise OSError(f"{name} did not start: {last_words(log)}")
            time.sleep(LOOK_S)

    def watch(self, died: Callable[[str], None]) -> None:
        """For ever: died(name) once for each that ends. What to do about it is the caller's."""
        while True:
            for name in [name for name, process in self.running.items() if process.poll() is not None]:
                del self.running[name]
                died(name)
            time.sleep(LOOK_S)

    def stop(self) -> None:
        """The youngest first."""
        for name, process in reversed(self.running.items()):
            process.send_signal(self.goodbye)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            (self.folder / f"{name}.pid").unlink(missing_ok=True)
        self.running.clear()


def last_words(log: Path) -> str:
    """The last line that says something."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"


def unprivileged(name: str, folder: Path) -> str | None:
    """The user that a server which refuses to be root runs as; the folder is made its own. None where we are not root."""
    if os.geteuid() != 0:
        return None
    import pwd  # not on every system that can read this file

    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
    return name
