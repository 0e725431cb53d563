"""More parsers that read bytes from outside: the MQTT packets of a broker that nobody vouches for, and a backup that anybody
may have put on the stick. As fuzz_targets.py has them."""

import asyncio
import json
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pyrage
from hypothesis import strategies as st

from hal import backup
from hal.mqtt_client import V5, V311, Session
from hal.ports.board import Stick
from hal.ports.faults import LinkDown
from hal.restore import read_manifest
from tests.contract.wires import run
from tests.crash.fuzz_targets import SHORT, Check, altered, only, values

PACKET_MAX = 1 << 16
PATIENCE_S = 60
CONNACK = {V5: b"\x20\x03\x00\x00\x00", V311: b"\x20\x02\x00\x00"}
SUBACK = {V5: b"\x90\x04\x00\x01\x00\x00", V311: b"\x90\x03\x00\x01\x00"}
TOPIC = b"shop/BARROW-0001/dn/ack"
PUBLISH = bytes([0x30, 2 + len(TOPIC) + 1 + 12]) + len(TOPIC).to_bytes(2, "big") + TOPIC + b"\0" + b'{"to":1,"h"}'
ENDS = (b"\xe0\x02\x8b\x00", b"\xd0\x00", b"\x40\x02\x00\x02")  # DISCONNECT, PINGRESP, PUBACK


def broker(said: "tuple[bool, bool, list[bytes]]") -> None:
    """Whatever a broker says, the session lives or is over, by LinkDown or by its own word; nothing falls into the loop."""
    five, greets, chunks = said
    version = V5 if five else V311
    strange: list[Any] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: strange.append(context))
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        ended: list[str] = []
        heard: list[tuple[str, bytes]] = []
        session = Session(
            near,
            version,
            "BARROW-0001",
            lambda t, p: heard.append((t, p)),
            lambda text: None,
            lambda why, silent: ended.append(why),
        )

        async def talk() -> None:
            for chunk in ([CONNACK[version], SUBACK[version]] if greets else []) + chunks:
                await asyncio.sleep(0.05)
                try:
                    far.send(chunk)
                except OSError:
                    return

        talking = asyncio.create_task(talk())
        try:
            await session.open("shop/BARROW-0001/dn/#", "shop/BARROW-0001/state", b"{}", 30)
            session.publish("shop/BARROW-0001/up/hello", b"{}", 1, False)
        except LinkDown as fault:
            assert str(fault).isprintable()
        await talking
        await asyncio.sleep(PATIENCE_S)
        session.drop("enough")
        assert all(why.isprintable() for why in ended) and len(ended) <= 1
        assert all(isinstance(topic, str) and len(payload) < PACKET_MAX for topic, payload in heard)
        far.close()

    run(main())
    assert not strange, strange[0].get("exception") or strange[0]


@cache
def shop() -> "tuple[pyrage.x25519.Identity, str]":
    """A shop's key, and its public half."""
    key = pyrage.x25519.Identity.generate()
    return key, str(key.to_public())


def read_back(data: bytes) -> object:
    """All of a file that lies on a stick: headers, members, and the manifest."""
    with tempfile.NamedTemporaryFile(suffix=".tar") as file:
        file.write(data)
        file.flush()
        return read_manifest(Path(file.name), shop()[0])


MANIFEST = {
    "format": 1,
    "terminal": "STALL-0001",
    "at": 1795271520,
    "sales": 2,
    "journals": {"main": {"seq": 2, "head": "ab" * 32}, "desk": {"seq": 1, "head": "cd" * 32}},
    "segments": [{"name": "main-00000001.seg", "size": 4096, "parts": [[0, "ef" * 32]]}],
}


def sealed(told: Any) -> bytes:
    return backup.member("manifest.json", json.dumps(told).encode(), shop()[1]) + Stick.TAR_END


GOOD = sealed(MANIFEST)[:512]
changed = st.dictionaries(st.sampled_from(sorted(MANIFEST)), values, max_size=2).map(lambda some: MANIFEST | some)
packets = st.binary(max_size=60) | altered(PUBLISH) | st.sampled_from((PUBLISH, *ENDS, *CONNACK.values(), *SUBACK.values()))
TARGETS: "dict[str, tuple[st.SearchStrategy[Any], Check]]" = {
    "broker": (st.tuples(st.booleans(), st.booleans(), st.lists(packets, max_size=6)), broker),
    "backup header": (st.binary(max_size=SHORT) | altered(GOOD), only(backup.BackupDamaged, backup.header)),
    "backup": (st.binary(max_size=SHORT) | (changed | values).map(sealed), only(backup.BackupDamaged, read_back)),
}
