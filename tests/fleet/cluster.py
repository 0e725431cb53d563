"""A PostgreSQL of a test's own: its data in a folder of /tmp, its port on loopback, its processes ended by their id."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from sim.loopback import free_port

READY_S = 30
SETTINGS = """listen_addresses = '127.0.0.1'
unix_socket_directories = ''
autovacuum = off
log_min_messages = fatal
"""


def programs():
    """Where Debian keeps initdb and postgres; None without them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    somewhere = shutil.which("initdb")
    return Path(somewhere).parent if somewhere else None


def need():
    """Skip aloud without PostgreSQL; where CI promised it, fail."""
    if programs() is None:
        told = "PostgreSQL is not here: apt install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


class Cluster:
    """up() and down(), as often as a test likes; remove() at the end. durable: with fsync, as a shop would have it."""

    def __init__(self, durable=False, settings=""):
        self.bin, self.port, self.process = programs(), free_port(), None
        self.folder = Path(tempfile.mkdtemp(prefix="barrow-pg-"))
        self.user = None
        if os.geteuid() == 0:  # postgres does not run as root
            self.user = pwd.getpwnam("postgres")
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.data = self.folder / "data"
        order = [
            self.bin / "initdb",
            "-D",
            self.data,
            "-U",
            "fleet",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-instructions",
        ]
        subprocess.run(self.ours(*order, "--no-sync"), check=True, capture_output=True, timeout=60, cwd="/")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS + f"port = {self.port}\nfsync = {'on' if durable else 'off'}\n" + settings)

    def ours(self, *order):
        drop = ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"] if self.user else []
        return [*drop, *map(str, order)]

    def url(self, name="postgres", **options):
        return f"postgresql://fleet@127.0.0.1:{self.port}/{name}" + "".join(f"?{key}={value}" for key, value in options.items())

    def up(self):
        """Takes connections when it returns."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        self.process = subprocess.Popen(self.ours(self.bin / "postgres", "-D", self.data), **quiet)
        end = time.monotonic() + READY_S
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False).returncode:
            assert time.monotonic() < end and self.process.poll() is None, "PostgreSQL did not start"
            time.sleep(0.05)
        return self

    def kill(self):
        """At once (SIGQUIT), without a checkpoint: as a crash, but its children go too."""
        self.end(signal.SIGQUIT)

    def end(self, number=signal.SIGINT):
        process, self.process = self.process, None
        if process:
            process.send_signal(number)  # setpriv became postgres: this is the postmaster's id
            process.wait(30)

    def remove(self):
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
