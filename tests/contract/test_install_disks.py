"""Disks that come: what udev itself makes of the laid rules, and what the units' own commands then do, on loop devices with real
file systems in a mount namespace of their own. Nothing of this machine's /dev, /etc, /media or /run is written."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from hal import install

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is udev's and systemd's business")
CONFIG = install.SOURCE / "config"
RULES = CONFIG / "udev/90-barrow.rules"
SYSTEM_RULES = "/usr/lib/udev/rules.d"
USB = 'SUBSYSTEM=="block", ENV{ID_BUS}="usb"\n'  # a loop device says that it hangs on USB
# $1: a folder of rules and a passwd; then loop devices. What follows is the program.
ALONE = """
own=$1; shift
mount -t tmpfs none /run; mount -t tmpfs none /media; mkdir -p /run/udev /run/systemd /media/barrow-mirror /media/barrow-stick
mount --bind "$own/rules" /etc/udev/rules.d; mount --bind "$own/passwd" /etc/passwd; mount --bind "$own/group" /etc/group
mkdir /run/dev; mount -t tmpfs -o dev none /run/dev; mkdir -p /run/dev/disk/by-label
mknod -m 666 /run/dev/null c 1 3
while [ "$1" != -- ]; do
    mknod "/run/dev/${1##*/}" b 7 "${1#/dev/loop}"
    ln -sf "../../${1##*/}" "/run/dev/disk/by-label/$(blkid -p -o value -s LABEL "$1")"
    shift
done
shift; mount --move /run/dev /dev
exec "$@"
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Rules, and a user barrow, of our own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "rules").mkdir()
    shutil.copy(RULES, folder / "rules" / RULES.name)
    (folder / "rules/10-usb.rules").write_text(USB)
    (folder / "passwd").write_text("root:x:0:0::/:/bin/sh\nbarrow:x:4242:4242::/:/bin/false\n")
    groups = ("barrow", "dialout", "gpio", "i2c", "input", "spi")
    (folder / "group").write_text("root:x:0:\n" + "".join(f"{name}:x:{4242 + i}:\n" for i, name in enumerate(groups)))
    return folder


@pytest.fixture
def plug(tmp_path):
    """Makes an ext4 of that label and plugs it in: its /dev/loopN. Pulled out at the end."""
    if os.getuid() != 0:
        pytest.skip("only root has loop devices")
    for program, package in {"losetup": "mount", "mkfs.ext4": "e2fsprogs", "udevadm": "udev", "unshare": "util-linux"}.items():
        if shutil.which(program) is None:
            assert os.environ.get("CI") != "true", f"{program} is missing"
            pytest.skip(f"{program} is not installed: apt install {package}")
    used = []

    def ext4(label):
        image = tmp_path / f"{label}.img"
        with image.open("wb") as file:
            file.truncate(8 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-L", label, image], check=True)
        return loop(image)

    def loop(image):
        done = subprocess.run(["losetup", "--find", "--show", image], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"no loop device here: {done.stderr.strip()}")
        used.append(done.stdout.strip())
        return used[-1]

    yield ext4
    for device in used:
        subprocess.run(["losetup", "--detach", device], check=True)


def alone(own, devices, *command):
    """What a program said in a mount namespace of its own, where these devices are."""
    shell = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", ALONE, "alone", str(own), *devices, "--", *command]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"barrow\.rules:\d", done.stderr), done.stderr  # udev names a line that it does not understand
    return done.stdout


def wanted(own, device):
    """Units that udev has systemd start for a device that came."""
    said = alone(own, [device], "udevadm", "test", "--action=add", f"/sys/class/block/{device.removeprefix('/dev/')}")
    found = re.search(r"^ *SYSTEMD_WANTS=(.*)$", said, re.MULTILINE)
    return found[1].split() if found else []


# -- what udev says


def test_the_rules_come_behind_those_that_find_out_what_a_disk_is_called():
    assert RULES.name > "60-persistent-storage.rules" and ("udev/" + RULES.name) in {source for source, _ in install.LAID}
    assert not re.search(r"SYSTEMD_WANTS.*\\", RULES.read_text()), "systemd took the backslash out until 2025"


def test_every_unit_that_a_rule_names_is_laid():
    named = re.findall(r'SYSTEMD_WANTS}\+="([^"]+)"', RULES.read_text())
    laid = {there.rpartition("/")[2] for _, there in install.LAID}
    assert len(named) == 3 and {re.sub(r"@[^.]*\.", "@.", unit) for unit in named} <= laid


def test_udev_knows_a_second_disk_by_its_label(own, plug):
    assert wanted(own, plug("barrow-mirror")) == ["barrow-mirror.service"]


def test_udev_knows_a_stick_and_leaves_the_system_s_own_disks_alone(own, plug):
    stick = plug("HOLIDAY")
    assert wanted(own, stick) == [f"barrow-stick@{stick.removeprefix('/dev/')}.service"]
    for label in ("bootfs", "rootfs", "barrow-data"):
        assert wanted(own, plug(label)) == [], label


def test_udev_understands_every_line(own, plug, tmp_path):
    device = plug("HOLIDAY")
    wanted(own, device)
    bad = shutil.copytree(own, tmp_path / "bad")
    (bad / "rules" / RULES.name).write_text('SUBSYSTEM=="rtc", GROUP="nobody-here"\n')
    with pytest.raises(AssertionError, match="nobody-here"):
        wanted(bad, device)


def test_as_60_barrow_rules_they_saw_neither(own, plug, tmp_path):
    """The control: under their first name."""
    early = shutil.copytree(own, tmp_path / "early")
    (early / "rules" / RULES.name).rename(early / "rules/60-barrow.rules")
    assert wanted(early, plug("barrow-mirror")) == []


# -- what systemd then does


def commands(unit, key, instance=""):
    """The command lines of a unit, as systemd would run them; a "-" in front is kept."""
    text = (CONFIG / "units" / unit).read_text().replace("%i", instance).replace("$$", "$")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def shell(lines):
    """As one script; each must succeed, but those with a "-"."""
    return "\n".join(f"{line[1:]} || true" if line.startswith("-") else line for line in lines)


def refused(line):
    """Ends the script where this command succeeds: `set -e` does not heed a "!"."""
    return f"if {line}; then exit 9; fi\n"


MOUNTED = "stat -c '%U %a' {0}; findmnt -rno OPTIONS --mountpoint {0}; ls {0}"


def test_the_second_disk_becomes_the_till_s_and_may_be_pulled_out_and_come_back(own, plug):
    device = plug("barrow-mirror")
    start, stop = shell(commands("barrow-mirror.service", "ExecStart")), shell(commands("barrow-mirror.service", "ExecStopPost"))
    folder = "/media/barrow-mirror"
    work = (
        f"{start}\ntouch {folder}/main-1.seg; exec 3<{folder}/main-1.seg\n{stop}\n{refused(f'mountpoint -q {folder}')}{start}\n"
    )
    user, options, *names = alone(own, [device], "sh", "-euc", work + MOUNTED.format(folder)).splitlines()
    assert user == "barrow 700" and "main-1.seg" in names
    assert {"noatime", "nodev", "nosuid", "noexec", "commit=60", "errors=remount-ro"} <= set(options.split(","))


def test_a_stick_becomes_the_till_s_and_a_second_one_or_a_part_of_the_system_is_refused(own, plug):
    device, other = plug("HOLIDAY"), plug("OTHER")
    folder = "/media/barrow-stick"

    def of(key, path):
        return shell(commands("barrow-stick@.service", key, path.removeprefix("/dev/")))

    first = f"{of('ExecCondition', device)}\n{of('ExecStart', device)}\n"
    stays = refused(of("ExecCondition", other)) + refused(of("ExecStart", other))  # one is in; or comes at the same moment
    moved = f"{of('ExecStop', device)}\nmkdir /run/boot; mount {other} /run/boot\n" + refused(of("ExecCondition", other))
    user, options, *_ = alone(own, [device, other], "sh", "-euc", first + MOUNTED.format(folder)).splitlines()
    assert user.startswith("barrow ") and {"noatime", "nodev", "nosuid", "noexec"} <= set(options.split(","))
    alone(own, [device, other], "sh", "-euc", first + stays + moved)


def test_the_shell_of_a_unit_is_read_as_systemd_reads_it():
    """No line has a quote or a backslash that systemd and a shell would take differently."""
    for unit in (CONFIG / "units").iterdir():
        for line in re.findall(r"^Exec\w+=(.*)$", unit.read_text(), re.MULTILINE):
            assert "\\" not in line and shlex.split(line), unit.name
