"""`make install` from its command line to its last line, into an image that has booted once; and what it then asks of a running
system. Python's packages are empty ones with the lock's names: `make bench` and `make arm64` take the real ones."""

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distributions

import pytest

from hal import install, wheelhouse

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it lays a system of Linux")
PINS = wheelhouse.wanted((install.SOURCE / install.LOCK).read_text(), platform.machine())
LONG_AGO_S = 1_600_000_000
COMMANDS = ("systemd-sysusers", "systemd-tmpfiles", "systemctl", "udevadm")


def need(program):
    """Debian's package brings it: without, the test is skipped aloud; CI has it."""
    if shutil.which(program) is None:
        assert os.environ.get("CI") != "true", f"{program} is missing"
        pytest.skip(f"{program} is not installed")


def wheel(folder, pin):
    """A package of that name and version with one empty module: its wheel."""
    name, _, version = pin.replace("-", "_").partition("==")
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as made:
        made.writestr(f"stub_{name}.py", "")
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")


def old(path):
    path.mkdir(parents=True, exist_ok=True)
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """An image that has booted once with an earlier Barrow, after the whole command."""
    need("dtc")
    root, wheels = tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("wheels")
    for pin in PINS:
        wheel(wheels, pin)
    for there in (*install.GONE, "etc/.updated"):
        (root / there).parent.mkdir(parents=True, exist_ok=True)
        (root / there).touch()
    old(root / "usr")
    os.utime(root / "etc/.updated", (LONG_AGO_S, LONG_AGO_S))  # systemd-update-done.service copies it from /usr
    command = ["hal.install", "--root", str(root), "--data", "--wheels", str(wheels), "--python", sys.executable]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)
        assert install.main() == 0
    return root


def test_the_whole_command_lays_all_of_it(image):
    assert all((image / there).is_file() for _, there in install.LAID)
    assert (image / "boot/firmware/overlays/barrow-keypad.dtbo").read_bytes()[:4] == bytes.fromhex("d00dfeed")
    assert (image / "etc/systemd/system/local-fs.target.wants/var-lib-barrow.mount").is_symlink()
    assert (image / "etc/barrow/board.json").is_file()


def test_the_till_s_python_has_the_packages_of_the_lock_and_no_more(image):
    site = next((image / install.PROGRAM / "venv").glob("lib/python3*/site-packages"))
    there = {f"{each.name}=={each.version}" for each in distributions(path=[str(site)])}
    pip = {pin for pin in there if pin.startswith(("pip==", "setuptools=="))}
    assert there - pip == {pin.replace("-", "_") for pin in PINS} - pip


def test_the_program_is_compiled_for_where_it_will_lie(image):
    compiled = next((image / install.PROGRAM / "hal/__pycache__").glob("pi.*.pyc"))
    assert b"/opt/barrow/hal/pi.py" in compiled.read_bytes() and str(image).encode() not in compiled.read_bytes()


def test_what_an_earlier_version_laid_and_this_one_does_not_is_gone(image):
    assert not any((image / there).exists() for there in install.GONE)


def test_an_image_that_has_booted_gets_its_user_at_its_next_boot(image):
    assert (image / "usr").stat().st_mtime > (image / "etc/.updated").stat().st_mtime, "ConditionNeedsUpdate=/etc"


def test_the_user_may_use_what_a_till_uses_and_owns_its_folders(image, tmp_path):
    need("systemd-sysusers")
    there = shutil.copytree(image / "usr/lib", tmp_path / "usr/lib")
    (tmp_path / "etc").mkdir()
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", there / "sysusers.d/barrow.conf"], check=True, timeout=60)
    groups = dict(line.split(":")[::3] for line in (tmp_path / "etc/group").read_text().splitlines())
    assert "barrow" in groups and {"dialout", "gpio", "i2c", "input", "spi"} <= {
        name for name, who in groups.items() if "barrow" in who.split(",")
    }
    user = next(line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("barrow:"))
    assert user.endswith(":/var/lib/barrow:/usr/sbin/nologin")


# -- on the Pi itself


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Stand-ins on PATH: each notes what it was asked, and fails where there is a file of its name and ".fails"."""
    for name in COMMANDS:
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/asked\n[ ! -e "$0.fails" ]\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "asked"


def test_a_running_system_gets_user_and_folders_before_its_rules_and_units_are_read(asked):
    install.live()
    lines = asked.read_text().splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert lines[1:] == ["systemd-tmpfiles --create barrow.conf", "systemctl daemon-reload", "udevadm control --reload"]


def test_a_running_system_that_makes_no_user_stops_the_installation(asked):
    (asked.parent / "systemd-sysusers.fails").touch()
    with pytest.raises(subprocess.CalledProcessError):
        install.live()
    assert asked.read_text() == "systemd-sysusers \n"
