"""MicroPython draws every golden frame, and frames of every shape, on either width of panel, as CPython does: to the byte."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.ports.frame import Frame, Text
from hal.qr import modules
from tests.core.frames import packed, unpacked
from tests.flows.test_micropython import DAY_HEAP, ROOT, micropython, needs_micropython, run
from tests.golden.draw_frames import chinese, english, icons

WIDTHS = (128, 256)
Drawn = tuple[Frame, int, str]


def code(frame: Frame) -> "list[bytes] | None":
    return modules(frame.qr) if frame.qr else None


def drawn_by(interpreter: list[str], frames: list[Drawn], folder: Path) -> list[str]:
    """The hashes of their panels' bytes."""
    lines = []
    for frame, width, _ in frames:
        rows = code(frame)
        lines.append(json.dumps([width, packed(frame), rows and [row.hex() for row in rows]], ensure_ascii=False))
    (folder / "frames").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run(interpreter, ROOT, str(folder / "frames"), program="tests/core/draw_frames.py")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


def samples() -> list[Drawn]:
    glyphs = panel_glyphs()
    found = []
    for frame in [*english(), *chinese(), *icons()]:
        for width in WIDTHS:
            pages = render(frame, glyphs, width=width, modules=code(frame))
            found.append((frame, width, hashlib.sha256(pages).hexdigest()))
    return found


@needs_micropython
def test_every_golden_frame_is_the_same_bytes(pages, tmp_path):
    """What MicroPython draws is what the virtual panel decoded off the wire."""
    shots = [shot for page in pages for shot in page.shots.values()]
    frames = [(frame, len(held) // 8, hashlib.sha256(held).hexdigest()) for frame, held in shots if frame.id != "off"]
    assert len(frames) > 100 and {width for _, width, _ in frames} == set(WIDTHS)
    assert {frame.lang for frame, _, _ in frames} == {"en", "zh"}
    assert drawn_by(micropython(DAY_HEAP), frames, tmp_path) == [hash for _, _, hash in frames]


@pytest.mark.parametrize("interpreter", [[sys.executable], pytest.param(micropython(DAY_HEAP), marks=needs_micropython)])
def test_frames_of_every_shape_are_the_same_bytes_on_either_width(interpreter, tmp_path):
    frames = samples()
    assert drawn_by(interpreter, frames, tmp_path) == [hash for _, _, hash in frames]


@needs_micropython
def test_one_letter_more_is_other_bytes(tmp_path):
    """The control."""
    frames = samples()[:4]
    said = [hash for _, _, hash in frames]
    frames[2][0].notes.append(Text("x"))
    found = drawn_by(micropython(DAY_HEAP), frames, tmp_path)
    assert [a == b for a, b in zip(found, said, strict=True)] == [True, True, False, False]


def test_a_frame_comes_back_as_it_was():
    for frame, _, _ in samples():
        assert packed(unpacked(json.loads(json.dumps(packed(frame))))) == packed(frame)
