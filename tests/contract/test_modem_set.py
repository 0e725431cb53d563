"""config/modems and the modem of board.json: what is checked before anything is opened, and how it is told."""

import json

import pytest

from hal import board_file, modem_set
from hal.modem_words import bars
from hal.ports.faults import ConfigFault
from tests.contract.modem_stand import CONFIG, MAKERS


def changed(maker, **parts):
    told = json.loads((CONFIG / f"modems/{maker}.json").read_text())
    told.update(parts)
    return json.dumps(told)


@pytest.mark.parametrize("maker", MAKERS)
def test_the_sets_that_are_there_are_whole(maker):
    commands = modem_set.load(CONFIG, maker)
    assert commands.name and set(modem_set.STEPS) <= set(commands.steps)
    assert ("read" in commands.steps) == ("data" in commands.news) == ("waiting" in commands.steps)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"piece_bytes": 0}, "modems/x.json: piece_bytes: must be a whole number from 1 to 1500"),
        ({"links": True}, "links: must be a whole number"),
        ({"block": "+QIURC"}, "block: must be a pattern"),
        ({"block": "x"}, "block: names no link, size"),
        ({"steps": {}}, "steps.attention: is missing"),
        ({"steps": []}, "steps: must be an object"),
        ({"setup": {}}, "setup: must be a list"),
        ({"setup": ["ATE0"]}, "setup.0.say: must be a command that begins with AT"),
        ({"setup": [{"say": "ATE0", "limit_s": 0}]}, "setup.0.limit_s: must be seconds, up to 300"),
        ({"registration": [{"say": "AT+CEREG?"}]}, "registration.0.line: must be a pattern"),
        ({"news": {"opened": "a"}}, "news.closed: is missing"),
        ({"steps": {"read": {"say": "AT"}}}, "steps.waiting: belongs to the step read: both, or neither"),
    ],
)
def test_a_set_that_breaks_a_rule_is_refused_by_key(parts, words):
    with pytest.raises(ConfigFault) as fault:
        modem_set.parse("modems/x.json", changed("quectel", **parts))
    assert words in str(fault.value)


def test_a_set_that_is_not_there_or_is_no_json_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigFault, match="cannot be read"):
        modem_set.load(tmp_path, "none")
    with pytest.raises(ConfigFault, match="does not parse"):
        modem_set.parse("modems/x.json", "{")


def board(**modem):
    told = json.loads((CONFIG / board_file.NAME).read_text())
    told["modem"].update(modem)
    return board_file.parse(json.dumps(told))


def test_a_board_without_a_modem_has_none():
    told = json.loads((CONFIG / board_file.NAME).read_text())
    del told["modem"]
    assert board_file.parse(json.dumps(told)).modem is None


def test_a_modem_that_nothing_switches_has_no_line():
    assert board(power_bcm=None).modem.power_bcm is None


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"port": ""}, "modem.port"),
        ({"baud": 115201}, "modem.baud"),
        ({"set": "../x"}, "modem.set"),
        ({"apn": 'a"b'}, "modem.apn"),
        ({"pin": "12"}, "modem.pin"),
        ({"pin": 1234}, "modem.pin"),
        ({"power_bcm": 0}, "modem.power_bcm"),
        ({"power_bcm": 17}, "modem.power_bcm"),
        ({"rtscts": "yes"}, "modem.rtscts"),
    ],
)
def test_a_modem_that_breaks_a_rule_is_refused_by_key(parts, key):
    with pytest.raises(ConfigFault) as fault:
        board(**parts)
    assert fault.value.key == key


def test_bars_are_those_of_the_signal():
    assert [bars(rssi) for rssi in (0, 1, 2, 9, 10, 15, 20, 31, 99)] == [0, 0, 1, 1, 2, 3, 4, 4, 0]
