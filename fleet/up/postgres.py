"""PostgreSQL with a synchronous standby: what a collector was told is committed is on two disks.

When the primary ends, the standby is promoted. Here one process owns both, so it knows that the old one is gone and will not
come back by itself; on two machines that is a job for Patroni, with these same settings. Ports: base the primary, base+1 the
standby. Collectors name both, and PostgreSQL's own client finds the one that takes writes."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from fleet.up.children import Children, last_words, unprivileged
from fleet.up.ports import HOST, claim

DEPLOY = Path(__file__).parents[1] / "deploy"
NEWEST_FIRST = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
USER, DATABASE = "barrow", "barrow"
SERVERS = ("a", "b")


class Cluster:
    """Two servers in a folder. The file `primary` there says which of them takes writes; the other is its standby."""

    def __init__(self, folder: Path, base: int) -> None:
        """Raises OSError where PostgreSQL is not installed."""
        self.folder = folder
        self.ports = {name: base + i for i, name in enumerate(SERVERS)}
        self.user = unprivileged("postgres", folder)
        self.children = Children(folder, self.user, signal.SIGINT)  # SIGTERM would wait for whoever is connected
        self.password = folder / "password"
        self._told = folder / "primary"
        bins = [path for path in NEWEST_FIRST if (path / "initdb").exists()]
        if not bins and shutil.which("initdb") is None:
            raise OSError("PostgreSQL is not installed: apt install postgresql")
        self.bin = bins[0] if bins else Path(str(shutil.which("initdb"))).parent

    def start(self) -> None:
        """Make what is not there yet, and start both. Raises OSError."""
        try:
            if not self._told.exists():
                self._make(SERVERS[0])
            primary, standby = self.roles()
            self._serve(primary, "synchronous_standby_names=*")
            if not (self.folder / standby).exists():
                self._copy(primary, standby)
            self._serve(standby, "synchronous_standby_names=")
            keep(self.folder / "url", self.url())
        except BaseException:
            self.children.stop()
            raise

    def roles(self) -> tuple[str, str]:
        """(primary, standby)."""
        primary = self._told.read_text().strip()
        return primary, next(name for name in SERVERS if name != primary)

    def promote(self) -> None:
        """The primary is gone: the standby takes writes, and waits for nobody until the next start copies it. What the old
        one has is set aside, so that it never comes back by mistake. Raises OSError."""
        old, new = self.roles()
        aside = next(path for i in range(1000) if not (path := self.folder / f"{old}.ended{i}").exists())
        (self.folder / old).rename(aside)
        keep(self._told, new)
        self._run("pg_ctl", "promote", "-w", "-D", str(self.folder / new))

    def told(self) -> str:
        """For whoever started them; the password is in the folder."""
        ports = ",".join(f"{HOST}:{port}" for port in self.ports.values())
        return f"PostgreSQL and its standby on {ports}; collect with --db as in {self.folder / 'url'}"

    def url(self) -> str:
        """For `--db`."""
        hosts = ",".join(f"{HOST}:{port}" for port in self.ports.values())
        word = self.password.read_text().strip()
        return f"postgresql://{USER}:{word}@{hosts}/{DATABASE}?target_session_attrs=read-write"

    def watch(self, say: Callable[[str], None]) -> None:
        """For ever."""

        def died(name: str) -> None:
            why = last_words(self.folder / f"{name}.log")
            if name == self.roles()[0]:
                self.promote()
                say(f"the primary {name} ended: {why}; {self.roles()[0]} takes writes now, alone until the next start")
            else:
                say(f"the standby {name} ended, and nothing is committed until it is back: {why}")
                self._serve(name, "synchronous_standby_names=")

        self.children.watch(died)

    def _make(self, name: str) -> None:
        keep(self.password, secrets.token_hex(16))
        if self.user:
            shutil.chown(self.password, self.user)
        data = self.folder / name
        told = ["-U", USER, "--pwfile", str(self.password), "-E", "UTF8", "--locale=C", "-A", "scram-sha-256"]
        self._run("initdb", "-D", str(data), *told)
        with (data / "postgresql.conf").open("a") as conf:
            conf.write((DEPLOY / "postgresql.conf").read_text(encoding="utf-8"))
        (data / "pg_hba.conf").write_text((DEPLOY / "pg_hba.conf").read_text(encoding="utf-8"))
        keep(self._told, name)

    def _copy(self, primary: str, standby: str) -> None:
        port = str(self.ports[primary])
        source = f"host={HOST} port={port} user={USER}"
        self._run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-d", source, "-D", str(self.folder / standby))
        if not (self.folder / "url").exists():  # the first start of all: nobody waits for a standby yet
            self._run("createdb", "-h", HOST, "-p", port, "-U", USER, DATABASE, local=True)

    def _serve(self, name: str, setting: str) -> None:
        """Raises OSError."""
        port = self.ports[name]
        claim(port)
        command = [str(self.bin / "postgres"), "-D", str(self.folder / name), "-p", str(port), "-c", setting]
        self.children.start(name, command, lambda: self._ready(port))

    def _ready(self, port: int) -> bool:
        asked = [str(self.bin / "pg_isready"), "-q", "-h", HOST, "-p", str(port)]
        return subprocess.run(asked, check=False).returncode == 0

    def _run(self, program: str, *args: str, local: bool = False) -> None:
        """local: its commit does not wait for a standby. Raises OSError."""
        env: dict[str, str] = {**os.environ, "PGPASSFILE": "/dev/null"}
        if self.password.exists():
            env["PGPASSWORD"] = self.password.read_text().strip()
        if local:
            env["PGOPTIONS"] = "-c synchronous_commit=local"
        command: Sequence[str] = [str(self.bin / program), *args]
        done = subprocess.run(
            command, check=False, env=env, user=self.user, group=self.user, extra_groups=[] if self.user else None,
            capture_output=True, text=True, cwd=self.folder,
        )  # fmt: skip
        if done.returncode:
            raise OSError(f"{program}: {done.stderr.strip()[-300:]}")


def keep(path: Path, word: str) -> None:
    """In a file that nobody else may read."""
    path.touch(mode=0o600)
    path.write_text(word + "\n")
