"""Lays Barrow into a root: `sudo make install` on Raspberry Pi OS, or `make install ROOT=DIR` into an image.

Runs before anything is installed, so it needs the standard library alone. It lays, again and again with the same end: the
program and its own Python packages below /opt/barrow, the shop's files below /etc/barrow (what stands there is kept), units,
udev rules, users and folders for systemd, a log in memory, and the keypad's overlay. It writes nothing else."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from hal.wheelhouse import wanted

SOURCE = Path(__file__).parents[1]
PROGRAM, SHOP = "opt/barrow", "etc/barrow"
ROOMS = ("firmware", "hal")
OURS = ("keymaps", "modems", "overlays", "text")  # of config: comes with the program
THEIRS = ("board.json", "brokers.json", "profiles")  # of config: the shop's own
LOCK = "requirements-till.lock"
LAID = (  # below config -> below the root
    ("units/barrow.service", "etc/systemd/system/barrow.service"),
    ("units/barrow-stick@.service", "etc/systemd/system/barrow-stick@.service"),
    ("units/var-lib-barrow.mount", "etc/systemd/system/var-lib-barrow.mount"),
    ("units/barrow-clock.service", "etc/systemd/system/barrow-clock.service"),
    ("units/barrow-mirror.service", "etc/systemd/system/barrow-mirror.service"),
    ("udev/90-barrow.rules", "etc/udev/rules.d/90-barrow.rules"),
    ("system/journald.conf", "etc/systemd/journald.conf.d/barrow.conf"),
    ("system/sysusers.conf", "usr/lib/sysusers.d/barrow.conf"),
    ("system/tmpfiles.conf", "usr/lib/tmpfiles.d/barrow.conf"),
    ("system/modules.conf", "etc/modules-load.d/barrow.conf"),
)
GONE = (r"etc/systemd/system/media-barrow\x2dmirror.mount", "etc/udev/rules.d/60-barrow.rules")  # of earlier versions
PACKAGES = {  # what must be there -> the Debian packages that bring it, and what for
    "usr/bin/dtc": "device-tree-compiler (the keypad's overlay)",
    "usr/bin/gcc": "gcc libc6-dev linux-libc-dev (evdev comes as source)",
    "usr/include/python3*/Python.h": "python3-dev (evdev comes as source)",
    "usr/lib/python3*/ensurepip": "python3-venv",
    "usr/lib/python3/dist-packages/lgpio.py": "python3-lgpio (drawer, buzzer, lamps)",
}
LOADERS = {  # below the root, or its usr
    "lib/ld-linux-aarch64.so.1": "aarch64",
    "lib/ld-linux-armhf.so.3": "armv7l",
    "lib64/ld-linux-x86-64.so.2": "x86_64",
}
PIP = ("-q", "--disable-pip-version-check", "--no-cache-dir", "--ignore-installed")
CONSOLE = re.compile(r"console=(serial0|ttyAMA0|ttyS0),\d+ ?")  # of cmdline.txt: the printer hangs on that port
INCLUDE = "include barrow.txt"


def missing(root: Path, packages: dict[str, str] = PACKAGES) -> list[str]:
    """Debian packages that are not there, with what for."""
    return [words for where, words in packages.items() if not any(root.glob(where))]


def program(root: Path) -> None:
    """The two rooms that a till runs, and its own data; an old version leaves nothing behind."""
    for room in ROOMS:
        shutil.rmtree(root / PROGRAM / room, ignore_errors=True)
        shutil.copytree(SOURCE / room, root / PROGRAM / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in OURS:
        shutil.rmtree(root / SHOP / name, ignore_errors=True)
        shutil.copytree(SOURCE / "config" / name, root / SHOP / name)
    shutil.copy(SOURCE / LOCK, root / PROGRAM / LOCK)


def shop(root: Path) -> None:
    """Files that a shop changes: laid once, and then theirs."""
    for name in THEIRS:
        source, there = SOURCE / "config" / name, root / SHOP / name
        if source.is_dir():
            for file in sorted(source.rglob("*.json")):
                keep(file, there / file.relative_to(source))
        else:
            keep(source, there)


def keep(source: Path, there: Path) -> None:
    if not there.exists():
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, there)


def system(root: Path, data: bool) -> None:
    """Units and rules. data: there is a partition barrow-data, and the till must not run without it."""
    for source, there in LAID:
        (root / there).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / "config" / source, root / there)
        (root / there).chmod(0o644)
    for there in GONE:
        (root / there).unlink(missing_ok=True)
    enable(root, "multi-user.target", "barrow.service")
    if data:
        enable(root, "local-fs.target", "var-lib-barrow.mount")
    for folder in ("var/lib/barrow", "media/barrow-mirror", "media/barrow-stick"):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder).chmod(0o700)  # whose they are is systemd-tmpfiles' business, once there is a user


def enable(root: Path, target: str, unit: str) -> None:
    """As `systemctl enable`, which wants a systemd that runs."""
    link = root / f"etc/systemd/system/{target}.wants" / unit
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(f"/etc/systemd/system/{unit}")


def boot(root: Path, compile_to: Callable[[Path, Path], None]) -> None:
    """The overlay, and what config.txt and cmdline.txt must say; both are touched once."""
    folder = (
        root / "boot/firmware" if (root / "boot/firmware").is_dir() or not (root / "boot/config.txt").exists() else root / "boot"
    )
    (folder / "overlays").mkdir(parents=True, exist_ok=True)
    compile_to(SOURCE / "config/overlays/barrow-keypad-overlay.dts", folder / "overlays/barrow-keypad.dtbo")
    shutil.copy(SOURCE / "config/overlays/barrow.txt", folder / "barrow.txt")
    config, line = folder / "config.txt", folder / "cmdline.txt"
    said = config.read_text() if config.exists() else ""
    if INCLUDE not in said.splitlines():
        config.write_text(f"{said.rstrip()}\n[all]\n{INCLUDE}\n".lstrip())
    if line.exists() and CONSOLE.search(line.read_text()):
        line.write_text(CONSOLE.sub("", line.read_text()))


def compile_overlay(source: Path, target: Path) -> None:
    """By dtc, of the package device-tree-compiler. Raises CalledProcessError, OSError."""
    subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", target, source], check=True)


def machine_of(python: str) -> str:
    """What it runs on, as uname -m says. Raises OSError, CalledProcessError."""
    asked = [python, "-c", "import platform; print(platform.machine())"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def machine_in(root: Path) -> str:
    """The same of the system that lies there, by its dynamic loader; "" where there is none."""
    found = (name for loader, name in LOADERS.items() if (root / loader).exists() or (root / "usr" / loader).exists())
    return next(found, "")


def pin(file: Path) -> str:
    """name==version of a wheel or a source, written as the lock does."""
    name, _, rest = file.name.removesuffix(".tar.gz").partition("-")
    version = rest.partition("-")[0]
    return f"{re.sub('[._]+', '-', name).lower()}=={version}"


def files(folder: Path, machine: str) -> list[list[Path]]:
    """The packages that lie in a folder: wheels, then what is built here from source, by the setuptools among the wheels.
    machine: as uname -m says. Raises OSError that names those of the lock which are not there."""
    there = {pin(file): file for file in folder.iterdir() if file.name.endswith((".whl", ".tar.gz"))}
    pins = wanted((SOURCE / LOCK).read_text(), machine)
    absent = [name for name in pins if name not in there]
    if absent:
        raise OSError(f"{folder} lacks {', '.join(absent)}, which {LOCK} names")
    wheels = [there[name] for name in pins if there[name].suffix == ".whl"]
    sources = [there[name] for name in pins if there[name].suffix != ".whl"]
    return [batch for batch in (wheels, sources) if batch]


def packages(root: Path, python: str, batches: list[list[Path]]) -> None:
    """The till's own Python packages; the system's are seen too, for lgpio. By their hashes; or from files, a batch after the
    other, and nothing else is asked for: a wheel that was built here from source has a hash of its own."""
    venv = root / PROGRAM / "venv"
    subprocess.run([python, "-m", "venv", "--clear", "--system-site-packages", venv], check=True)
    given = [["--no-deps", "--no-build-isolation", *map(str, batch)] for batch in batches]
    for what in given or [["--require-hashes", "-r", str(SOURCE / LOCK)]]:
        subprocess.run([str(venv / "bin/python"), "-m", "pip", "install", *PIP, *what], check=True)
    where = ["-q", "-s", str(root), "-p", "/", str(root / PROGRAM / "firmware"), str(root / PROGRAM / "hal")]
    subprocess.run([venv / "bin/python", "-m", "compileall", *where], check=True)


def live() -> None:
    """On the Pi itself: users, folders, rules and units as from the next boot on."""
    for command in (
        ["systemd-sysusers"],
        ["systemd-tmpfiles", "--create", "barrow.conf"],
        ["systemctl", "daemon-reload"],
        ["udevadm", "control", "--reload"],
    ):
        subprocess.run(command, check=True)


def image(root: Path) -> None:
    """In a system that is not running: its next boot makes the user, even if it has booted before. systemd-sysusers.service looks
    for users only when /usr is newer than /etc/.updated (systemd.unit(5), ConditionNeedsUpdate)."""
    os.utime(root / "usr")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make install", description="lay Barrow into a root")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the system lies")
    parser.add_argument("--data", action="store_true", help="the partition barrow-data holds the journals")
    parser.add_argument("--python", default="/usr/bin/python3", help="of that system")
    parser.add_argument("--wheels", type=Path, help="a folder of packages, in place of the network")
    parser.add_argument("--files-only", action="store_true", help="no packages of Python")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    root = chosen.root.resolve()
    live_system = root == Path("/")
    absent = missing(root) if live_system else []
    if absent:
        print("apt install, first:", *absent, sep="\n  ", file=sys.stderr)
        return 5
    try:
        machine, there = machine_of(chosen.python), machine_in(root)
        if there not in ("", machine):
            raise OSError(f"{root} is a system for {there}, and {chosen.python} runs on {machine}: run this within it")
        batches = files(chosen.wheels, machine) if chosen.wheels else []
    except (OSError, subprocess.CalledProcessError) as fault:
        print(fault, file=sys.stderr)
        return 5
    program(root)
    shop(root)
    system(root, chosen.data)
    boot(root, compile_overlay)
    if not chosen.files_only:
        packages(root, chosen.python, batches)
    if live_system:
        live()
    else:
        image(root)
    print(f"Barrow lies in {root}. Change {SHOP}/board.json (its name first), then reboot.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
