"""`make install` into an empty root: what lies there then, twice over, and that what was laid fits together.

Python's packages are left out here (`make install ROOT=out/root` brings them too); the program is run as it was laid."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys

import pytest

from hal import board_file, check, install, wheelhouse, wiring
from hal.__main__ import POWER_ENDS
from hal.clock import RTC, RTC_ALIVE_S
from hal.ports.keys import KEYS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it lays a system of Linux")
CONFIG = install.SOURCE / "config"
BOARD = json.loads((CONFIG / "board.json").read_text())
OVERLAY = (CONFIG / "overlays/barrow-keypad-overlay.dts").read_text()
UNIT = (CONFIG / "units/barrow.service").read_text()
BUSES = {"i2c": (2, 3), "printer": (14, 15), "spi": (8, 10, 11)}


def need(program):
    """Debian's package brings it: without, the test is skipped aloud; CI has it."""
    if shutil.which(program) is None:
        assert os.environ.get("CI") != "true", f"{program} is missing"
        pytest.skip(f"{program} is not installed")


def lay(root, compile_to=lambda source, target: target.write_bytes(b"dtbo"), data=False):
    install.program(root)
    install.shop(root)
    install.system(root, data)
    install.boot(root, compile_to)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return lay(tmp_path_factory.mktemp("root"))


def test_everything_lies_in_an_empty_root(root):
    assert all((root / there).is_file() for _, there in install.LAID)
    assert (root / "etc/systemd/system/multi-user.target.wants/barrow.service").is_symlink()
    assert not (root / "etc/systemd/system/local-fs.target.wants").exists(), "nobody said that there is a data partition"
    assert (root / "var/lib/barrow").stat().st_mode & 0o777 == 0o700
    assert "Storage=volatile" in (root / "etc/systemd/journald.conf.d/barrow.conf").read_text()
    assert (root / "boot/firmware/overlays/barrow-keypad.dtbo").exists()
    assert install.INCLUDE in (root / "boot/firmware/config.txt").read_text()


def test_no_file_of_config_is_forgotten(root):
    units = {f"units/{file.name}" for file in (CONFIG / "units").iterdir()} | {
        f"system/{f.name}" for f in (CONFIG / "system").iterdir()
    }
    assert units < {source for source, _ in install.LAID}
    assert {file.name for file in CONFIG.iterdir()} >= {*install.OURS, *install.THEIRS}


def test_the_program_runs_as_it_was_laid_and_needs_no_other_room(root):
    command = [sys.executable, "-m", "hal", "check", "--config", str(root / "etc/barrow")]
    done = subprocess.run(command, cwd=root / "opt/barrow", capture_output=True, text=True, timeout=60)
    assert "BARROW-0001:" in done.stdout and "Traceback" not in done.stderr, done.stderr
    assert re.search(r"^ok +profile", done.stdout, re.MULTILINE), done.stdout


def test_installed_again_the_shop_keeps_its_files_and_the_program_is_new(tmp_path):
    lay(tmp_path)
    board, stale = tmp_path / "etc/barrow/board.json", tmp_path / "opt/barrow/hal/gone.py"
    board.write_text('{"terminal": "STALL-7"}')
    stale.write_text("")
    (tmp_path / "etc/barrow/text/en.json").write_text("{}")
    lay(tmp_path)
    assert board.read_text() == '{"terminal": "STALL-7"}'
    assert not stale.exists() and len((tmp_path / "etc/barrow/text/en.json").read_text()) > 1000


def test_the_console_leaves_the_printer_s_port_and_config_txt_is_touched_once(tmp_path):
    boot = tmp_path / "boot/firmware"
    boot.mkdir(parents=True)
    (boot / "cmdline.txt").write_text("console=serial0,115200 console=tty1 root=PARTUUID=1-02 quiet\n")
    (boot / "config.txt").write_text("[pi5]\ndtparam=x\n")
    lay(lay(tmp_path))
    assert (boot / "cmdline.txt").read_text() == "console=tty1 root=PARTUUID=1-02 quiet\n"
    assert (boot / "config.txt").read_text() == f"[pi5]\ndtparam=x\n[all]\n{install.INCLUDE}\n"


def test_a_data_partition_is_waited_for_where_there_is_one(tmp_path):
    lay(tmp_path, data=True)
    assert (tmp_path / "etc/systemd/system/local-fs.target.wants/var-lib-barrow.mount").is_symlink()
    assert "RequiresMountsFor=/var/lib/barrow" in UNIT


@pytest.mark.parametrize(("unit", "label"), [("var-lib-barrow.mount", "data"), ("barrow-mirror.service", "mirror")])
def test_a_disk_of_the_till_s_is_checked_before_it_is_mounted(unit, label):
    text, check = (CONFIG / "units" / unit).read_text(), rf"systemd-fsck@dev-disk-by\x2dlabel-barrow\x2d{label}.service"
    assert f"Requires={check}\n" in text
    assert check in " ".join(re.findall("^After=(.*)$", text, re.MULTILINE)).split()


def test_the_till_waits_for_a_second_disk_that_is_being_mounted():
    assert "Before=barrow.service" in (CONFIG / "units/barrow-mirror.service").read_text().splitlines()


def test_the_debian_packages_that_are_missing_are_named(tmp_path):
    assert any("python3-dev" in words for words in install.missing(tmp_path))
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/dtc").write_text("")
    assert not any("device-tree-compiler" in words for words in install.missing(tmp_path))


def test_systemd_understands_every_unit(root):
    need("systemd-analyze")
    stub = root / "opt/barrow/venv/bin/python"
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text("#!/bin/sh\n")
    stub.chmod(0o755)
    text = UNIT.replace("/opt/barrow/venv/bin/python", str(stub))
    copy = root / "etc/systemd/system/barrow.service"
    copy.write_text(text)
    units = [str(root / there) for _, there in install.LAID if there.endswith((".service", ".mount"))]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, timeout=60)
    assert "barrow" not in done.stderr, done.stderr
    copy.write_text("[Service]\nType=notify\nWatchdogSec=soon\nExecStart=/bin/true\n")
    bad = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60)
    assert "barrow.service:3" in bad.stderr, "the control"


def test_the_unit_is_watched_starts_again_and_switches_off_when_the_power_ends():
    lines = UNIT.splitlines()
    assert {"Type=notify", "WatchdogSec=20", "Restart=always", "StartLimitIntervalSec=0"} <= set(lines)
    assert f"RestartPreventExitStatus={POWER_ENDS}" in lines and f'"$EXIT_STATUS" != {POWER_ENDS}' in UNIT


def test_the_till_may_set_the_clocks_by_which_it_says_the_time():
    assert re.search(r"^ExecStart=.* run .*--set-clocks$", UNIT, re.MULTILINE) and "AmbientCapabilities=CAP_SYS_TIME" in UNIT
    assert 'KERNEL=="rtc0", GROUP="barrow"' in (CONFIG / "udev/90-barrow.rules").read_text()


@pytest.mark.parametrize(("says", "set_to"), [("1900000000", "-u -s @1900000000\n"), ("946684800", ""), ("", "")])
def test_the_system_s_clock_is_set_from_an_rtc_that_runs(says, set_to, tmp_path):
    """By the unit's own command; what it would set is noted."""
    unit = (CONFIG / "units/barrow-clock.service").read_text()
    line = " && ".join(re.findall("^Exec(?:Condition|Start)=(.*)$", unit, re.MULTILINE))
    assert str(RTC_ALIVE_S) in line and f"/{RTC}" in line
    (tmp_path / "rtc").write_text(f"{says}\n")
    (tmp_path / "date").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    (tmp_path / "date").chmod(0o755)
    (tmp_path / "asked").touch()
    command = line.replace(f"/{RTC}", str(tmp_path / "rtc")).replace("$$", "$")
    done = subprocess.run(["sh", "-c", command], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, timeout=60)
    assert (tmp_path / "asked").read_text() == set_to and (done.returncode == 0) is bool(set_to)


def test_no_sick_device_keeps_the_till_from_starting():
    """What the till waits for, `Before=` it, has a bound: systemd gives a oneshot none of its own, nor the check of a disk."""
    before = [path for path in (CONFIG / "units").iterdir() if "\nBefore=barrow.service\n" in path.read_text()]
    assert {path.name for path in before} == {"barrow-clock.service", "barrow-mirror.service"}
    for path in before:
        assert int(re.search(r"^JobTimeoutSec=(\d+)$", path.read_text().partition("[Service]")[0], re.MULTILINE)[1]) <= 20
        assert re.search(r"^Timeout(Start)?Sec=\d+$", path.read_text(), re.MULTILINE)


# -- the keypad's overlay and the wiring


def matrix():
    """(rows, columns, {(row, column): code}) of the overlay."""
    rows, columns = (
        [int(pin) for pin in re.findall(r"&gpio (\d+) 1", line)] for line in re.findall(r"(?:row|col)-gpios = .*", OVERLAY)
    )
    words = [int(word, 16) for word in re.findall(r"0x([0-9a-f]{8})", OVERLAY)]
    return rows, columns, {(word >> 24, word >> 16 & 0xFF): word & 0xFFFF for word in words}


def keymap():
    """Scan codes that mean a key."""
    return set(json.loads((CONFIG / "keymaps/matrix-28.json").read_text())["keys"])


def test_every_key_of_board_json_has_its_place_in_the_matrix_and_no_other():
    rows, columns, keys = matrix()
    assert keymap() == {str(code) for code in keys.values()}
    assert set(keys) == {(row, column) for row in range(len(rows)) for column in range(len(columns))} and len(keys) == len(KEYS)


def test_no_pin_of_the_header_has_two_uses():
    rows, columns, _ = matrix()
    gpio = BOARD["gpio"]
    used = [*rows, *columns, gpio["drawer_bcm"], gpio["buzzer_bcm"], *gpio["lamps_bcm"].values(), BOARD["modem"]["power_bcm"]]
    used += [pin for pins in BUSES.values() for pin in pins] + [gpio["power_key_bcm"]]
    assert len(set(used)) == len(used) and set(used) <= set(range(2, 28))
    pulled = re.search(r"brcm,pins = <([\d ]+)>", OVERLAY)
    assert [int(pin) for pin in pulled[1].split()] == [*rows, *columns]
    assert sorted(board_file.MATRIX_LINES) == sorted([*rows, *columns]) and f"{board_file.MATRIX} {{" in OVERLAY


def test_the_overlay_compiles(tmp_path):
    need("dtc")
    install.compile_overlay(CONFIG / "overlays/barrow-keypad-overlay.dts", tmp_path / "k.dtbo")
    assert (tmp_path / "k.dtbo").read_bytes()[:4] == bytes.fromhex("d00dfeed")
    (tmp_path / "bad.dts").write_text(OVERLAY.replace("};", "", 1))
    with pytest.raises(subprocess.CalledProcessError):
        install.compile_overlay(tmp_path / "bad.dts", tmp_path / "bad.dtbo")


def test_the_buzzer_s_line_has_the_kernel_s_pwm_and_its_group_may_write_there():
    text, rules = (CONFIG / "overlays/barrow.txt").read_text(), (CONFIG / "udev/90-barrow.rules").read_text()
    pin, function = re.search(r"^dtoverlay=pwm,pin=(\d+),func=(\d)$", text, re.MULTILINE).groups()
    assert (int(pin), int(function)) in {(12, 4), (13, 4), (18, 2), (19, 2)} and int(pin) == BOARD["gpio"]["buzzer_bcm"]
    assert re.search(r"^SUBSYSTEM==.pwm.*chgrp -R gpio /sys%p", rules, re.MULTILINE)
    assert "m barrow gpio" in (CONFIG / "system/sysusers.conf").read_text()


def test_the_bus_runs_as_fast_as_board_json_says():
    assert f"i2c_arm_baudrate={BOARD['i2c']['clock_hz']}" in (CONFIG / "overlays/barrow.txt").read_text()


def test_spi_is_had_by_the_overlay_that_leaves_the_keypad_and_the_power_key_their_lines():
    line = re.search(r"^dtoverlay=spi.*$", (CONFIG / "overlays/barrow.txt").read_text(), re.MULTILINE)[0]
    assert line == "dtoverlay=spi0-1cs,no_miso" and "dtparam=spi" not in check.SPI_HELP
    assert line in check.SPI_HELP and line in (CONFIG / "README.md").read_text()


# -- packages


def pins(name):
    return set(re.findall(r"^([a-z0-9-]+==[^ ]+)", (install.SOURCE / name).read_text(), re.MULTILINE))


def test_a_till_has_the_versions_that_were_tested():
    till = pins("requirements-till.lock")
    assert till < pins("requirements.lock") and "pyserial==3.5" in till
    assert not {"pytest", "uvicorn", "amqtt", "mypy"} & {pin.split("==")[0] for pin in till}


def test_a_folder_of_packages_must_hold_each_one_of_the_lock(tmp_path):
    wanted = wheelhouse.wanted((install.SOURCE / install.LOCK).read_text(), "x86_64")
    wheels = [tmp_path / f"{name.replace('-', '_').replace('==', '-')}-py3-none-any.whl" for name in wanted]
    wheels.pop(0)
    for file in wheels:
        file.touch()
    with pytest.raises(OSError, match=f"lacks {wanted[0]}, which {install.LOCK} names"):
        install.files(tmp_path, "x86_64")
    source = tmp_path / f"{wanted[0].replace('==', '-')}.tar.gz"
    source.touch()
    (tmp_path / "other-1.0.tar.gz").touch()  # nobody asked for it
    assert install.files(tmp_path, "x86_64") == [wheels, [source]]  # the source last: setuptools builds it


def test_another_machine_s_root_is_left_alone(tmp_path, monkeypatch, capsys):
    here = platform.machine()
    loader = next(loader for loader, name in install.LOADERS.items() if name != here)
    (tmp_path / "usr" / loader).parent.mkdir(parents=True)
    (tmp_path / "usr" / loader).touch()
    monkeypatch.setattr(sys, "argv", ["install", "--root", str(tmp_path), "--python", sys.executable])
    assert install.main() == 5
    assert f"runs on {here}: run this within it" in capsys.readouterr().err
    assert not (tmp_path / "opt").exists()


def test_each_machine_is_given_its_own_evdev():
    lock = (install.SOURCE / install.LOCK).read_text()
    pi, pc = wheelhouse.wanted(lock, "arm64"), wheelhouse.wanted(lock, "x86_64")
    assert {pin.split("==")[0] for pin in set(pi) ^ set(pc)} == {"evdev", "evdev-binary"}
    assert any(pin.startswith("evdev==") for pin in pi) and not any(pin.startswith("colorama==") for pin in pi + pc)


def test_the_wiring_drawing_is_that_of_board_json():
    assert (CONFIG / "wiring.svg").read_text() == wiring.drawing(BOARD, OVERLAY), "make wiring"
    assert len(wiring.HEADER) == 40 and sorted(pin for pin in wiring.HEADER if isinstance(pin, int)) == list(range(28))
    rows, columns, _ = matrix()
    assert {pin for pin, (_, kind) in wiring.labels(BOARD, OVERLAY).items() if kind == "keypad"} == {*rows, *columns}
