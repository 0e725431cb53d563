"""What `make arm64` leaves out, says and counts; it runs by itself, not in `make test` (README, "On arm64")."""

from pathlib import Path

import pytest

from tests.arm64 import suite
from tests.arm64.left_out import LEFT_OUT
from tests.arm64.root import NotHere, need

HOUSE = Path(__file__).parents[2]
REPORT = """<testsuites><testsuite>
<testcase classname="tests.core.test_money" name="test_rounds"/>
<testcase classname="tests.core.test_money" name="test_halves"><failure message="1 is not 2"/></testcase>
<testcase classname="tests.sync.test_tls" name="test_starts"><error message="no port"/></testcase>
<testcase classname="tests.sync.test_tls" name="test_broker"><skipped message="mosquitto is not here"/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_is_left_out_is_there_and_has_a_reason(path):
    file, _, test = path.partition("::")
    assert (HOUSE / file).is_file() and file.startswith("tests/")
    assert f"def {test.partition('[')[0]}(" in (HOUSE / file).read_text() or not test
    assert len(LEFT_OUT[path]) > 20


def test_no_folder_of_tests_is_forgotten():
    assert {path.parent.name for path in (HOUSE / "tests").glob("*/test_*.py")} == set(suite.ORDER)


def test_a_machine_without_the_tools_is_told_the_packages():
    with pytest.raises(NotHere, match="apt install binfmt-support debootstrap git qemu-user-static"):
        need(lambda program: None, user=0)
    with pytest.raises(NotHere, match="apt install debootstrap"):
        need(lambda program: None if program == "debootstrap" else program, user=0)
    with pytest.raises(NotHere, match="sudo make arm64"):
        need(lambda program: program, user=1000)


def test_the_table_tells_what_passed_failed_was_skipped_and_left_out(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    outcome = suite.read(report, "tests/core", 1, {"tests/core/test_x.py": "no such call under qemu-user"}, 61.4)
    assert outcome.row() == ("tests/core", "3", "1", "2", "1", "1", "61") and not outcome.good
    told = suite.table([outcome])
    assert (
        "FAILED tests.core.test_money::test_halves: 1 is not 2" in told
        and "FAILED tests.sync.test_tls::test_starts: no port" in told
    )
    assert "LEFT OUT tests/core/test_x.py: no such call" in told and "SKIPPED 1: mosquitto is not here" in told


def test_a_run_that_left_no_report_is_not_a_good_one(tmp_path):
    absent = tmp_path / "report.xml"
    assert not suite.read(absent, "tests/core", 0, {}, 1.0).good
    assert "BROKEN, pytest ended with 4" in suite.table([suite.read(absent, "tests/core", 4, {}, 1.0)])
    assert not suite.read(absent, "tests/core", 5, {}, 1.0).good, "no tests, and none of them is left out"
    assert suite.read(absent, "tests/core", 5, {"tests/core/test_x.py": "why"}, 1.0).good
