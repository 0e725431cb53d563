"""A folder of Python packages for a Pi without a network: `make wheelhouse` on a laptop, `make install WHEELS=DIR` on the Pi.

Wheels where the index has them for that machine. What it has as source alone is built on the Pi, which then needs a compiler."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements-till.lock"
MACHINES = {  # by Debian's and pip's names: glibc of Raspberry Pi OS 12 is 2.36
    "arm64": ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64"),
    "armv7": ("manylinux2014_armv7l", "manylinux_2_17_armv7l", "manylinux_2_31_armv7l", "manylinux_2_35_armv7l"),
}
PIP = ("-q", "--disable-pip-version-check", "--no-deps")
SOURCE = "evdev"  # has no wheel anywhere, and is built on the Pi: apt install gcc python3-dev linux-libc-dev
TOOLS = "gcc python3-dev linux-libc-dev libffi-dev zlib1g-dev libjpeg62-turbo-dev cargo"


def wanted(lock: str, machine: str) -> list[str]:
    """name==version of what a Pi needs, or a PC ("x86_64"): pip would judge the markers by the machine that it runs on."""
    rows = re.findall(r"^([A-Za-z0-9._-]+==[^ \\]+)(?: ; ([^\\\n]*))?", lock, re.MULTILINE)
    other = "!=" if machine == "x86_64" else "=="
    elsewhere = (f"platform_machine {other} 'x86_64'", "sys_platform == 'win32'")
    return [pin for pin, marker in rows if not any(word in marker for word in elsewhere)]


def fetch(pin: str, arch: str, python_version: str, folder: Path) -> bool:
    """The wheel for that machine. False: the index has none."""
    where = [word for platform in MACHINES[arch] for word in ("--platform", platform)]
    only = ["--only-binary=:all:", "--implementation", "cp", "--python-version", python_version, *where]
    return download(pin, only, folder) == 0


def download(pin: str, only: list[str], folder: Path) -> int:
    command = [sys.executable, "-m", "pip", "download", *PIP, *only, "-d", str(folder), pin]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="make wheelhouse", description="packages of Python for a Pi without a network")
    parser.add_argument("--arch", choices=sorted(MACHINES), required=True)
    parser.add_argument("--python-version", required=True, help="3.11 on Raspberry Pi OS 12, 3.13 on 13")
    parser.add_argument("--to", type=Path, required=True, help="a folder; one for each machine and version is made in it")
    chosen = parser.parse_args()
    folder = chosen.to / f"{chosen.arch}-{chosen.python_version}"
    pins = wanted(LOCK.read_text(), chosen.arch)
    absent = [pin for pin in pins if not fetch(pin, chosen.arch, chosen.python_version, folder)]
    for pin in [pin for pin in absent if pin.startswith(SOURCE)]:
        absent.remove(pin)
        download(pin, ["--no-binary=:all:"], folder)
    print(f"{folder}: {len(pins) - len(absent)} of {len(pins)} packages; evdev as source, for gcc python3-dev linux-libc-dev")
    if absent:
        print(f"the index has no wheel for {chosen.arch} of {', '.join(absent)}: on such a Pi, with {TOOLS},")
        print(f"  python3 -m pip wheel --no-deps -w {folder} {' '.join(absent)}")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
