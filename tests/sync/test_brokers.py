"""The list of brokers: what brokers.json may say, and whose turn it is."""

import json
from collections import Counter
from pathlib import Path

import pytest

from hal.brokers import SHUNNED_MS, Broker, Turns, load
from hal.ports.faults import ConfigFault

ROOT = Path(__file__).parents[2]
GOOD = {"host": "mq1.example", "port": 8883, "tls": True}
THREE = tuple(Broker(f"mq{n}", 8883, True) for n in (1, 2, 3))


def config(folder, brokers, **more):
    (folder / "brokers.json").write_text(json.dumps({"brokers": brokers} | more))
    return folder


@pytest.mark.parametrize(
    ("brokers", "key"),
    [
        (None, "brokers"), ([], "brokers"), ({}, "brokers"), (["x"], "brokers.0.host"), ([{"port": 1}], "brokers.0.host"),
        ([GOOD | {"host": ""}], "brokers.0.host"), ([GOOD | {"host": "a\u202eb"}], "brokers.0.host"),
        ([GOOD, {"host": "b", "tls": False}], "brokers.1.port"), ([GOOD | {"port": 0}], "brokers.0.port"),
        ([GOOD | {"port": "1883"}], "brokers.0.port"), ([GOOD | {"port": True}], "brokers.0.port"),
        ([{"host": "a", "port": 1}], "brokers.0.tls"), ([GOOD | {"tls": "yes"}], "brokers.0.tls"), ([GOOD, GOOD], "brokers"),
    ],
)  # fmt: skip
def test_a_wrong_brokers_json_names_the_key(tmp_path, brokers, key):
    with pytest.raises(ConfigFault) as told:
        load(config(tmp_path, brokers))
    assert (told.value.file, told.value.key) == ("brokers.json", key)


@pytest.mark.parametrize(("claim", "key"), [("x", "claim.host"), ({"host": "a"}, "claim.port"), ([], "claim.host")])
def test_a_wrong_claim_names_the_key(tmp_path, claim, key):
    with pytest.raises(ConfigFault) as told:
        load(config(tmp_path, [GOOD], claim=claim))
    assert told.value.key == key


def test_a_missing_or_broken_brokers_json_is_said(tmp_path):
    with pytest.raises(ConfigFault, match=r"brokers.json: cannot be read"):
        load(tmp_path)
    for broken in ("{", "[" * 5000):
        (tmp_path / "brokers.json").write_text(broken)
        with pytest.raises(ConfigFault, match=r"brokers.json: does not parse"):
            load(tmp_path)


def test_a_list_and_the_place_where_certificates_are_asked_for(tmp_path):
    told = load(config(tmp_path, [GOOD, {"host": "::1", "port": 1883, "tls": False}], claim={"host": "c", "port": 8884}))
    assert told.brokers == (Broker("mq1.example", 8883, True), Broker("::1", 1883, False))
    assert told.claim == Broker("c", 8884, True) and not told.loopback


def test_ours_is_in_order():
    assert load(ROOT / "config").loopback


def test_a_fleet_spreads_over_the_brokers_and_the_tills_of_a_dead_one_over_the_rest():
    orders = [tuple(Turns(THREE, lambda: 0).order(f"BARROW-{n:04}")) for n in range(3000)]
    assert min(Counter(orders).values()) > 400 and len(Counter(orders)) == 6
    assert orders == [tuple(Turns(THREE[::-1], lambda: 9).order(f"BARROW-{n:04}")) for n in range(3000)]


def test_one_that_failed_stands_last_until_its_time_is_over():
    now = [1000]
    turns = Turns(THREE, lambda: now[0])
    first, second, third = turns.order("TILL")
    turns.failed(first)
    assert turns.order("TILL") == [second, third, first]
    now[0] += 1
    turns.failed(second)
    assert turns.order("TILL") == [third, first, second]
    now[0] += SHUNNED_MS
    assert turns.order("TILL") == [first, second, third]
    turns.failed(first)
    turns.greeted(first)
    assert turns.order("TILL") == [first, second, third]
