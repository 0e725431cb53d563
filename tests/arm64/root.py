"""A Debian for arm64 in a folder, and programs run in it by qemu-user.

All that is mounted for a program is mounted in a namespace of its own, which the kernel clears when the last process there has
ended, however it ended: nothing can be left mounted, and no process can be left behind."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

SUITE = "bookworm"  # Debian 12, as Raspberry Pi OS 12
PACKAGES = (
    *(
        "python3",
        "python3-venv",
        "python3-dev",
        "gcc",
        "libc6-dev",
        "linux-libc-dev",
        "device-tree-compiler",
    ),  # as install.md says
    *("make", "git", "ca-certificates", "systemd", "udev"),  # a Raspberry Pi has them
    *("mosquitto", "procps", "umockdev", "nats-server", "postgresql"),  # tests have them do something
)
TOOLS = {  # program -> Debian's package, on this machine
    "debootstrap": "debootstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "update-binfmts": "binfmt-support",
    "git": "git",
}
HANDLER = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
NEIGHBOURS = ("/etc/resolv.conf", "/etc/pip.conf", "~/.config/pip/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
OWN_NAMESPACE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")  # it ends with us
FOLDERS = ("proc", "dev/pts", "dev/shm", "mnt")
HOSTS = "127.0.0.1 localhost\n::1 localhost\n"  # a Pi's image brings it, debootstrap does not
# $1 is the root, $2 how many files of this machine follow, each with where it lies there; then the program. The shell stays,
# as the first process of its namespace, and sees to orphans.
ENTER = """
root=$1; files=$2; shift 2
mount -t proc proc "$root/proc"
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs shm "$root/dev/shm"
mount --bind "$root" "$root/mnt"
while [ "$files" -gt 0 ]; do mount --bind -o ro "$1" "$root$2"; shift 2; files=$((files - 1)); done
chroot "$root" "$@" || exit
"""


class NotHere(Exception):
    """What this machine lacks, and the command that brings it."""


def need(found: Callable[[str], "str | None"] = shutil.which, user: "int | None" = None) -> None:
    """Raises NotHere. user: the number of who runs this; nobody is asked for."""
    absent = sorted({package for program, package in TOOLS.items() if not found(program)})
    if absent:
        raise NotHere(f"a root for arm64 needs: apt install {' '.join(absent)}")
    if (os.getuid() if user is None else user) != 0:
        raise NotHere("a root is made and entered by root alone: sudo make arm64")
    if not HANDLER.exists() or "enabled" not in HANDLER.read_text():
        raise NotHere("the kernel does not hand programs of arm64 to qemu: update-binfmts --enable qemu-aarch64")


class Root:
    """The folder of one Debian. make() it once; run() programs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole = folder / "etc/barrow-root"  # says of which packages; written last

    def stands(self) -> bool:
        return self._whole.exists() and self._whole.read_text() == self._said()

    def make(self) -> None:
        """Raises CalledProcessError. What was left of a broken one is removed first."""
        shutil.rmtree(self.folder, ignore_errors=True)
        debs = self.folder.parent / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        what = ["--arch=arm64", "--variant=minbase", f"--include={','.join(PACKAGES)}", f"--cache-dir={debs}"]
        subprocess.run(["nice", *OWN_NAMESPACE, "debootstrap", *what, SUITE, self.folder], check=True, env=surroundings())
        (self.folder / "etc/hosts").write_text(HOSTS)
        self._whole.write_text(self._said())

    def run(self, *command: "str | Path", where: str = "/", check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        """In the root, niced. Raises CalledProcessError when check."""
        for folder in FOLDERS:
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        files = list(self._neighbours())
        pairs = [str(path) for pair in files for path in pair]
        chroot = [self.folder, str(len(files)), *pairs, "/usr/bin/env", "-C", where, *command]
        return subprocess.run(["nice", *OWN_NAMESPACE, "sh", "-euc", ENTER, "enter", *chroot], env=surroundings(), check=check)

    def _neighbours(self) -> "Iterator[tuple[Path, str]]":
        """Files of this machine by which apt's and pip's servers are reached, and where they lie in the root."""
        named = [value for key, value in surroundings().items() if key in (*CERTIFICATES, "PIP_CERT")]
        for name in dict.fromkeys([*NEIGHBOURS, *named]):
            here, there = Path(name).expanduser(), name.replace("~", "/root")
            if here.is_file():
                (self.folder / there[1:]).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / there[1:]).touch()
                yield here, there

    def _said(self) -> str:
        return f"{SUITE} {' '.join(PACKAGES)}\n{HOSTS}"


def surroundings() -> "dict[str, str]":
    """The environment there: of this machine's only what reaches the servers of packages."""
    reach = {k: v for k, v in os.environ.items() if k.startswith("PIP_") or k.lower().endswith("_proxy") or k in CERTIFICATES}
    quiet = {"PIP_QUIET": "1"}  # folders of this machine that pip's settings name are not there, which pip says for each package
    return {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **reach, **quiet}
