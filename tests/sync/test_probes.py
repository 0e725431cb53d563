"""An attacker at the fleet's broker: nothing of what he tries is delivered or booked, and everybody else is served.

The control is a mosquitto without our rules: there the same probes get through, so each of them can fail."""

import pytest

from tests.sync.field import Field
from tests.sync.probes import PROBES
from tests.sync.processes import need


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    need("mosquitto")
    made = Field(tmp_path_factory.mktemp("probes"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    need("mosquitto")
    made = Field(tmp_path_factory.mktemp("open"), open_house=True)
    yield made
    made.close()


def test_the_list_is_long_enough():
    assert len(PROBES) >= 40 and len({probe.name for probe in PROBES}) == len(PROBES)
    assert sum(probe.open for probe in PROBES) >= 40


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_nothing_gets_through(field, probe):
    assert probe.act(field) == ""


@pytest.mark.parametrize("probe", [probe for probe in PROBES if probe.open], ids=lambda probe: probe.name)
def test_where_no_rule_stands_it_gets_through(open_house, probe):
    assert probe.act(open_house) != ""
