"""What a broker's files say of each other; that mosquitto takes them is shown by tests/sync."""

import ipaddress
import re

from fleet import mosquitto


def test_the_door_calls_the_broker_by_the_number_where_it_listens(tmp_path):
    mosquitto.write_config(tmp_path, 20001, 20002)
    broker, door = ((tmp_path / name).read_text() for name in ("mosquitto.conf", "door.conf"))
    host, port = re.search(r"^address (\S+):(\d+)$", door, re.M).groups()
    assert ipaddress.ip_address(host).is_loopback
    assert f"listener {port} {host}\n" in broker
