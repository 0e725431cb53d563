"""Bytes from a stick that anybody may have written: a backup's header, its members, its manifest, and a key file.

Only the parser's own fault, whatever comes."""

import json
import tempfile
from pathlib import Path

import pyrage
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hal import backup
from hal.ports.board import Stick
from hal.restore import Manifest, read_manifest

KEY = pyrage.x25519.Identity.generate()
PUBLIC = str(KEY.to_public())
GOOD = backup.member("manifest.json", b"{}", PUBLIC)[:512]
SOUND = {
    "format": 1,
    "terminal": "STALL-0001",
    "at": 1795271520,
    "sales": 2,
    "journals": {"main": {"seq": 2, "head": "ab" * 32}, "desk": {"seq": 1, "head": "cd" * 32}},
    "segments": [{"name": "main-00000001.seg", "size": 4096, "parts": [[0, "ef" * 32]]}],
}
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4))


def manifest_of(data: bytes) -> "Manifest | None":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "STALL-0001-000001.tar"
        path.write_bytes(data)
        try:
            return read_manifest(path, KEY)
        except backup.BackupDamaged:
            return None


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=600) | st.tuples(st.integers(0, 511), st.binary(min_size=1, max_size=20)))
def test_any_header(noise):
    block = noise if isinstance(noise, bytes) else (GOOD[: noise[0]] + noise[1] + GOOD[noise[0] + len(noise[1]) :])[:512]
    try:
        head = backup.header(block)
    except backup.BackupDamaged:
        return
    assert head is None or 0 <= head.size <= backup.MEMBER_MAX


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_any_file(data):
    assert manifest_of(data) is None


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(SOUND)), values, min_size=1, max_size=2) | values)
@example({"at": float("inf")})
@example({"segments": [{"name": "main-00000001.seg", "size": 4096, "parts": [[-512, ""]]}]})
def test_any_manifest(change):
    told = SOUND | change if isinstance(change, dict) else change
    found = manifest_of(backup.member("manifest.json", json.dumps(told).encode(), PUBLIC) + Stick.TAR_END)
    assert found is None or (
        found.terminal.isascii() and found.at >= 0 and all(min(s.parts, default=0) >= 0 for s in found.segments)
    )


def test_the_sound_one_is_read():
    """The control: what is refused above is refused for what was changed."""
    assert manifest_of(backup.member("manifest.json", json.dumps(SOUND).encode(), PUBLIC) + Stick.TAR_END) is not None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100))
def test_any_key_file(text):
    try:
        backup.identity(text)
    except ValueError as fault:
        assert not text.strip() or text.strip() not in str(fault) or len(text.strip()) < 8
