"""The SPI node: the kernel's own requests, one write a transfer, and a node that is not there is a fault of the wire alone."""

import asyncio
import json
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="spidev is Linux's")


def test_a_node_is_set_up_at_its_first_transfer(tmp_path, monkeypatch):
    from hal import panels_spi_node

    asked = []
    monkeypatch.setattr(panels_spi_node.fcntl, "ioctl", lambda node, request, value: asked.append((request, bytes(value))))
    (tmp_path / "spidev0.1").write_bytes(b"")
    node = panels_spi_node.SpiNode(str(tmp_path))
    node.open(0, 1)
    node.max_speed_hz = 8_000_000
    assert not asked
    node.writebytes([0xAE])
    node.writebytes(b"\x01\x02")
    node.close()
    # _IOW('k', 1, __u8), _IOW('k', 3, __u8), _IOW('k', 4, __u32) of linux/spi/spidev.h
    assert asked == [(0x40016B01, b"\0"), (0x40016B03, b"\x08"), (0x40046B04, (8_000_000).to_bytes(4, sys.byteorder))]
    assert (tmp_path / "spidev0.1").read_bytes() == b"\xae\x01\x02"


def test_a_file_that_is_no_node_and_a_node_that_is_not_there_raise_os_error(tmp_path):
    from hal.panels_spi_node import SpiNode

    node = SpiNode(str(tmp_path))
    node.open(0, 0)
    with pytest.raises(FileNotFoundError):
        node.writebytes([0])
    (tmp_path / "spidev0.0").write_bytes(b"")
    with pytest.raises(OSError, match="ioctl"):
        node.writebytes([0])
    node.close()


def test_a_pi_with_its_panel_on_spi_comes_up_without_it(tmp_path):
    from hal.ports.frame import Frame, Text
    from tests.contract.test_pi import Pi

    async def story():
        pi = Pi(tmp_path, panel={"chip": "ssd1322", "bus": "spi", "width_px": 256, "dc_bcm": 9})
        await pi.board.screen.show(Frame("notice", {}, heading=Text("HELLO")))
        assert "panel lost: [Errno 2] No such file or directory: '/dev/spidev0.0'" in pi.log.getvalue()
        await pi.board.close()

    asyncio.run(story())
    assert json.loads((tmp_path / "config/board.json").read_text())["panel"]["chip"] == "ssd1322"
