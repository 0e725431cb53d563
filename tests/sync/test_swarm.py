"""A small swarm, from its command line; and its judge, who must see what is lost, doubled and altered."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from fleet.ledger import Ledger
from sim.swarm.score import Judged, Score
from tests.fleet.till import TILL, batch, sales
from tests.sync.processes import ROOT


def test_a_few_tills_sell_and_the_ledger_has_each_sale_once(tmp_path):
    chart = tmp_path / "swarm.svg"
    told = ["--terminals", "6", "--rate", "12", "--seconds", "2", "--chart", str(chart), "--json"]
    done = subprocess.run([sys.executable, "-m", "sim.swarm", *told], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    row = json.loads(done.stdout.splitlines()[-1])
    assert row["sent"] == row["acknowledged"] > 5 and row["lost"] == row["doubled"] == row["altered"] == 0
    assert 0 < row["p50_ms"] <= row["p99_ms"]
    assert "6 tills" in "".join(ElementTree.parse(chart).getroot().itertext())


def test_its_judge_sees_what_is_lost_doubled_and_altered():
    ledger, judged = Ledger(":memory:"), Judged()
    ledger.take(batch(sales(5)), 0)
    judged.till(ledger, TILL, sales(5), 5)
    assert judged.clean
    ledger.db.execute("DELETE FROM frames WHERE seq = 2")
    ledger.db.execute("UPDATE frames SET payload = ? WHERE seq = 3", (b"{}",))
    ledger.db.execute("UPDATE frames SET no = 5 WHERE seq = 4")
    judged.till(ledger, TILL, sales(5), 5)
    assert (judged.lost, judged.altered, judged.doubled) == (1, 1, 1)


def test_a_pause_is_the_longest_silence_of_the_fleet_after_a_kill():
    known = {("T", no): no + 0.25 for no in range(10) if no not in (5, 6)}
    score = Score({("T", no): float(no) for no in range(10)}, known, [(4.5, "broker")])
    assert score.pauses(9.5) == [("broker", 2.75)]  # from the kill to the next word
