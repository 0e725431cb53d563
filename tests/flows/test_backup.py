"""A backup made on the bench, by keys, through the real drivers: whoever has the shop's key can bring it back."""

from pathlib import Path

import pytest

from hal import backup
from hal.__main__ import Recovered
from hal.restore import drill
from sim.headless import Options, run_script
from sim.script.parse import load
from sim.script.play import PASSED

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lang", ["", ".zh"])
def test_what_the_scenario_leaves_on_its_stick_can_be_brought_back(tmp_path, lang):
    result = run_script(
        load(ROOT / f"sim/scenarios/backup{lang}.sale"), Options(golden=ROOT / "tests/golden", out=tmp_path, echo=None)
    )
    assert result.code == PASSED, result.report
    stick = tmp_path / "stick"
    stick.mkdir()
    for name, data in result.world.rig.stick.held().items():
        (stick / name).write_bytes(data)
    held = ["BARROW-0001-000001.tar", "BARROW-0001-000002.tar", "BARROW-0001-LOG.TXT"]
    assert sorted(path.name for path in stick.iterdir()) == held
    key = backup.identity((ROOT / "sim/demo-shop.key").read_text(encoding="utf-8"))
    manifest, chain = drill(backup.newest(stick), key, tmp_path / "store", Recovered)
    sold = [record for record in result.world.books.read().records if record["kind"] == "sale"]
    assert manifest.sales == len(sold) == 3 and manifest.terminal == "BARROW-0001"
    assert (chain.seq, chain.head) == (manifest.stands["main"][0], bytes.fromhex(manifest.stands["main"][1]))
