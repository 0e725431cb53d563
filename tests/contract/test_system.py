"""The contract of what the machine itself gives: clock, configuration files, log, chance."""

import asyncio
import io
import struct

import pytest

from firmware.flows.log_out import LINES
from hal.clock import RTC, SYNCHRONISED, SystemClock
from hal.clock_kept import ClockKept, set_rtc
from hal.files import ConfigFiles
from hal.log import Ring, StreamLog
from hal.ports.faults import ConfigFault
from hal.random import seeded, system

# -- clock


class Times:
    """The machine's two clocks."""

    def __init__(self):
        self.up, self.wall = 50.0, 1_800_000_000.0

    def pass_s(self, seconds):
        self.up += seconds
        self.wall += seconds


def ticking(root, offset_s=0):
    times = Times()
    return times, SystemClock(lambda: times.up, lambda: times.wall, offset_s, root)


def looked(clock):
    """As beside the loop now and then (hal/looks.py)."""
    clock.heed(clock.read())
    return clock


def vouch(root, name, text=""):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_timers_do_not_care_what_the_wall_says(tmp_path):
    times, clock = ticking(tmp_path)
    times.pass_s(1.5)
    times.wall -= 7200
    assert clock.now_ms() == 1500 and clock.utc_s() == 1_800_000_000 - 7199


def test_nobody_vouches_for_a_bare_pi(tmp_path):
    assert not ticking(tmp_path)[1].trusted()


@pytest.mark.parametrize(("since_epoch", "trusted"), [("1800000000\n", True), ("946684800\n", False), ("", False)])
def test_an_rtc_vouches_unless_its_cell_was_empty(tmp_path, since_epoch, trusted):
    vouch(tmp_path, RTC, since_epoch)
    clock = looked(ticking(tmp_path)[1])
    assert clock.trusted() is trusted


def test_an_rtc_that_the_system_s_clock_was_not_set_from_vouches_for_nothing(tmp_path):
    vouch(tmp_path, RTC, "1800000000\n")
    times, clock = ticking(tmp_path)
    assert not clock.trusted(), "nobody has read it yet"
    assert looked(clock).trusted()
    times.wall -= 3600
    assert not looked(clock).trusted()


def test_the_operator_vouches_until_the_network_knows_better(tmp_path):
    times, clock = ticking(tmp_path, offset_s=3600)
    clock.set(1_900_000_000)
    times.pass_s(10)
    times.wall += 5  # somebody sets the system's clock; the operator's word stands
    assert clock.trusted() and clock.utc_s() == 1_900_000_010
    assert clock.wall_ms() == (1_900_000_010 + 3600) * 1000
    vouch(tmp_path, SYNCHRONISED)
    assert clock.utc_s() == 1_800_000_015 and clock.trusted()


class Lines:
    """A log of one list."""

    def __init__(self):
        self.said = []

    def say(self, who, text):
        self.said.append(text)


def test_a_person_s_word_for_the_time_is_written_once_as_late_as_it_is_then(tmp_path):
    times, clock = ticking(tmp_path)
    written, log = [], Lines()
    kept = ClockKept(clock, log, {"clock": written.append, "RTC": written.append})
    assert kept.read() == []
    clock.set(1_900_000_000)
    times.pass_s(7)  # the bus was busy
    kept.heed(kept.read())
    assert written == [1_900_000_007] * 2 and log.said[1] == "the RTC is set to 1900000007 s"
    assert kept.read() == [] and len(written) == 2
    clock.set(1_900_000_000)
    assert len(kept.read()) == 2, "set again"


def test_a_clock_that_cannot_be_set_is_said_and_the_other_is_set_all_the_same(tmp_path):
    _, clock = ticking(tmp_path)
    written, log = [], Lines()

    def refuses(_):
        raise PermissionError(1, "Operation not permitted")

    kept = ClockKept(clock, log, {"clock": refuses, "RTC": written.append})
    clock.set(1_900_000_000)
    kept.heed(kept.read())
    assert "the clock is not set: [Errno 1] Operation not permitted" in log.said and written == [1_900_000_000]
    nowhere = ClockKept(clock, log, {"RTC": lambda at_s: set_rtc(at_s, tmp_path / "rtc0")})
    clock.set(1_900_000_001)
    assert "No such file" in nowhere.read()[0]
    clock.set(1)
    assert kept.read()[1] == "the RTC is left alone: 1 s is too long ago" and len(written) == 1


def test_a_clock_that_another_program_has_open_is_set_at_a_later_look(tmp_path):
    times, clock = ticking(tmp_path)
    written, busy = [], [True]

    def rtc(at_s):
        if busy[0]:
            raise OSError(16, "Device or resource busy")
        written.append(at_s)

    system = []
    kept = ClockKept(clock, Lines(), {"clock": system.append, "RTC": rtc})
    clock.set(1_900_000_000)
    assert kept.read()[1] == "the RTC is not set: [Errno 16] Device or resource busy"
    times.pass_s(10)
    assert kept.read() == [] and not written, "said once"
    busy[0] = False
    times.pass_s(10)
    assert kept.read() == ["the RTC is set to 1900000020 s"] and written == [1_900_000_020]
    assert kept.read() == [] and len(written) == len(system) == 1


def test_the_rtc_is_told_in_its_own_words(tmp_path):
    (tmp_path / "rtc0").touch()
    heard = []
    set_rtc(1_900_000_000, tmp_path / "rtc0", lambda fd, request, fields: heard.append((request, struct.unpack("9i", fields))))
    assert heard == [(0x4024700A, (40, 46, 17, 17, 2, 130, 0, 0, 0))]  # 2030-03-17 17:46:40; the month from 0, the year from 1900


# -- files


def read(files, name):
    return asyncio.run(files.read(name))


@pytest.fixture
def config(tmp_path):
    for name in ("text/en.json", "profiles/market/merchant.json", "other/merchant.json"):
        vouch(tmp_path / "config", name, name)
    vouch(tmp_path, "secret.json", "secret")
    return tmp_path / "config"


def test_profile_is_the_chosen_one_by_name_or_by_path(config):
    assert read(ConfigFiles(config, "market"), "profile/merchant.json") == b"profiles/market/merchant.json"
    assert read(ConfigFiles(config, str(config / "other")), "profile/merchant.json") == b"other/merchant.json"
    assert read(ConfigFiles(config, "market"), "text/en.json") == b"text/en.json"


@pytest.mark.parametrize("name", ["profile/catalogue.json", "nothing.json", "text"])
def test_what_cannot_be_read_is_named_with_a_reason(config, name):
    with pytest.raises(ConfigFault) as caught:
        read(ConfigFiles(config, "market"), name)
    assert caught.value.file == name and caught.value.reason in ("is not there", "is a folder")


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "text/../../secret.json", "profile/../x", "", "a\0b", ".env"])
def test_no_name_leads_out_of_the_folder(config, name):
    with pytest.raises(ConfigFault, match="is not a name of a configuration file"):
        read(ConfigFiles(config, "market"), name)


def test_no_link_leads_out_of_the_folder(config):
    (config / "link.json").symlink_to(config.parent / "secret.json")
    with pytest.raises(ConfigFault, match="leads out of its folder"):
        read(ConfigFiles(config, "market"), "link.json")


# -- log


def test_a_line_has_the_wall_time_who_and_what():
    stream = io.StringIO()
    log = StreamLog(stream, lambda: 1795271526012)
    log.say("jrn", "sale 0148 synced")
    assert stream.getvalue() == "14:32:06.012 jrn sale 0148 synced\n"


def test_nothing_from_outside_reaches_a_terminal_raw():
    stream = io.StringIO()
    StreamLog(stream, lambda: 0).say("key", "a\x1b[2J\r\n\x9b\u202eb\ud800 中文 é")
    line = stream.getvalue()
    assert line == "00:00:00.000 key a\\x1b[2J\\r\\n\\x9b\\u202eb\\ud800 中文 é\n"


def test_a_log_that_is_full_costs_the_line_and_not_the_till():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    log = StreamLog(Full(), lambda: 0)
    log.say("sys", "x")
    narrow = StreamLog(io.TextIOWrapper(io.BytesIO(), encoding="ascii"), lambda: 0)
    narrow.say("sys", "中")
    assert log.lost == narrow.lost == 1


def test_a_huge_line_is_cut():
    stream = io.StringIO()
    StreamLog(stream, lambda: 0).say("net", "x" * 1_000_000)
    assert len(stream.getvalue()) < 1100


def test_a_log_outlives_the_till_that_died_and_never_grows(tmp_path):
    log = StreamLog(io.StringIO(), lambda: 0, Ring(tmp_path, most=20_000))
    for number in range(1000):
        log.say("sys", f"line {number} 中")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 20_000
    log.say("sys", "the task selling died")
    after = StreamLog(io.StringIO(), lambda: 0, Ring(tmp_path, most=20_000))
    after.say("sys", "up again")
    assert [line.split(" sys ")[1] for line in after.recent(3)] == ["line 999 中", "the task selling died", "up again"]


def test_as_many_lines_are_kept_as_a_stick_takes_away():
    log = StreamLog(io.StringIO(), lambda: 0)
    for number in range(2 * LINES):
        log.say("sys", f"line {number}")
    assert len(log.recent(LINES)) == LINES == len(log.recent(10 * LINES)), "and no more"


def test_a_ring_whose_disk_fails_costs_the_line_and_not_the_till(tmp_path):
    ring = Ring(tmp_path)
    ring.close()
    log = StreamLog(io.StringIO(), lambda: 0, ring)
    log.say("sys", "x")
    assert log.lost == 1 and log.recent(1) == ["00:00:00.000 sys x"]


# -- chance


def test_chance_is_the_same_for_the_same_seed_and_stays_in_its_bounds():
    one, two = seeded(7), seeded(7)
    assert [one.below(100) for _ in range(20)] == [two.below(100) for _ in range(20)]
    assert all(0 <= system().below(3) < 3 for _ in range(100))
