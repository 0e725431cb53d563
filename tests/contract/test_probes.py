"""What `python -m hal check` finds beside nodes that open: each found, absent, and sick."""

import os
import sys
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hal import check, probes
from hal.serial_port import open_serial

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="check is for a Pi")
NOW_S, DAY_S = 1_795_000_000, 86_400


@pytest.fixture
def line():
    """A pty: (its end at the till, open; the modem's end)."""
    master, slave = os.openpty()
    device = open_serial(os.ttyname(slave), 115200)
    yield device, master
    device.close()
    os.close(master)
    os.close(slave)


def test_a_modem_is_known_by_its_ok(line):
    device, far = line
    modem = threading.Thread(target=lambda: os.write(far, b"AT\r\r\nOK\r\n" if os.read(far, 16) == b"AT\r" else b"ERROR"))
    modem.start()
    assert probes.modem_answers(device)
    modem.join()


def test_a_modem_that_only_echoes_is_none(line, monkeypatch):
    monkeypatch.setattr(probes, "MODEM_S", 0.05)
    device, far = line
    os.write(far, b"AT\r")
    assert not probes.modem_answers(device)


class Chip:
    def __init__(self, status):
        self.status = status

    def read_byte(self, address):
        if self.status is None:
            raise OSError(121, "Remote I/O error")
        return self.status


@pytest.mark.parametrize(
    ("status", "soldered", "words"),
    [
        (0x43, "ssd1309", ", like the ssd1309 of board.json"),
        (0x08, "sh1106", ", like the sh1106 of board.json"),
        (0x48, "ssd1306", ", more like an SH1106 than the ssd1306 of board.json"),
        (0x06, "sh1106", ", more like an SSD1306 or SSD1309 than the sh1106 of board.json"),
        (0x0F, "ssd1306", ""),
        (None, "ssd1306", ""),
    ],
)
def test_a_panel_gives_a_hint_of_its_maker(status, soldered, words):
    assert probes.chip_hint(Chip(status), 0x3C, soldered) == words


def test_a_store_in_memory_is_found(tmp_path):
    (tmp_path / "mounts").write_text(f"""/dev/sda1 / ext4 rw 0 0
tmpfs {tmp_path}/ram tmpfs rw 0 0
tmpfs /media/root-rw tmpfs rw 0 0
overlay {tmp_path}/root overlay rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,workdir=/w 0 0
overlay {tmp_path}/box overlay rw,lowerdir=/l,upperdir=/var/lib/box/u 0 0
""")
    found = [probes.in_memory(tmp_path / name, tmp_path / "mounts") for name in ("ram", "root", "box", "elsewhere")]
    assert found == [True, True, False, False]
    assert not probes.in_memory(tmp_path, tmp_path / "nobody-tells")


def test_battery_and_supply_are_told_in_words(tmp_path):
    assert probes.battery(tmp_path) == "no gauge, so it is taken as full"
    assert probes.supply(tmp_path) == "no sensor for the 5 V here"
    for name, text in (("b/capacity", "41"), ("b/status", "Discharging"), ("h/name", "rpi_volt"), ("h/in0_lcrit_alarm", "0")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert probes.battery(tmp_path) == "41 %, Discharging"
    assert probes.supply(tmp_path) == "the 5 V are well"
    (tmp_path / "h/in0_lcrit_alarm").write_text("1\n")
    with pytest.raises(OSError, match="too low"):
        probes.supply(tmp_path)


def signed(until):
    """A certificate that ends then, PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "STALL-0001")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    made = builder.not_valid_before(datetime.fromtimestamp(NOW_S - 400 * DAY_S, UTC)).not_valid_after(
        datetime.fromtimestamp(until, UTC)
    )
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def test_a_certificate_is_good_ends_soon_or_has_ended(tmp_path):
    path = tmp_path / "till.crt"
    with pytest.raises(OSError, match="is not there"):
        probes.certificate(path, NOW_S)
    path.write_bytes(signed(NOW_S + 90 * DAY_S))
    assert probes.certificate(path, NOW_S).endswith("good until 2027-02-16")
    path.write_bytes(signed(NOW_S + 3 * DAY_S))
    assert probes.certificate(path, NOW_S).endswith("which is soon")
    path.write_bytes(signed(NOW_S - DAY_S))
    with pytest.raises(OSError, match="ended on 2026-11-17"):
        probes.certificate(path, NOW_S)


def test_the_brokers_and_what_they_want_are_named(tmp_path):
    (tmp_path / "brokers.json").write_text('{"brokers": [{"host": "mq1.example", "port": 8883, "tls": true}]}')
    board = SimpleNamespace(store=str(tmp_path))
    found = {part: (there, words) for part, there, words in check.fleet(tmp_path, board, NOW_S)}
    assert found["brokers"] == (True, "mq1.example:8883")
    assert not found["fleet"][0] and "fleet-ca.crt is not there" in found["fleet"][1] and not found["papers"][0]
