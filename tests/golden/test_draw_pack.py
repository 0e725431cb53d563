"""The baked packs are the ones that were looked at, and hold every character that people may meet."""

import hashlib
import zlib

import pytest

from hal.draw.glyphs import Glyphs
from hal.draw.pack import art, bitmap, fetch
from hal.draw.pack.form import Font, pack
from hal.draw.pack.load import PACK, panel_glyphs
from hal.draw.pack.recipe import SIGNS, gb2312
from hal.draw.signs import NAMES
from hal.ports.frame import ICONS
from sim.chips.paper_font import PACK as PAPER
from sim.chips.paper_font import rows_of

GLYPHS = panel_glyphs()
# of the unpacked bytes: zlib may pack them otherwise on another machine
LOOKED_AT = {
    PACK: "e2696ec5cde8ab5c2fcf33d7d9b3bba1c3e29758d00e7834efede0eabbf19e90",
    PAPER: "a192b28a30fa4139430b64f3f438eee8efbf5bda791d25c2abdc8736fb524225",
}


@pytest.mark.parametrize("path", LOOKED_AT, ids=lambda path: path.name)
def test_the_pack_is_the_one_that_was_looked_at(path):
    assert hashlib.sha256(zlib.decompress(path.read_bytes())).hexdigest() == LOOKED_AT[path]
    assert path.stat().st_size < 300_000


@pytest.mark.parametrize("name", ["h", "k"])
def test_all_of_gb2312_can_be_shown(name):
    hanzi = {code for code in gb2312() if 0x4E00 <= code < 0xA000}
    assert len(hanzi) == 6763
    assert [chr(code) for code in hanzi if not any(GLYPHS.fonts[name].find(code) or ())] == []


@pytest.mark.parametrize("face", ["s", "m", "l", "b", "e"])
def test_every_latin_letter_and_sign_can_be_shown(face):
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | {ord(c) for c in "…–—‘’“”€←↑→↓×✕○"}
    assert [chr(code) for code in wanted if GLYPHS.fonts[face].find(code) is None] == []


@pytest.mark.parametrize("face", ["x", "t", "b"])
def test_amounts_can_be_shown_large(face):
    assert [c for c in "0123456789.,-+% £€¥" if GLYPHS.fonts[face].find(ord(c)) is None] == []


def test_a_gate_has_its_lintel():
    """Drawn at twelve dots it was lost, and 门 read as two posts."""
    for char, left in (("门", 4), ("们", 6), ("闷", 4), ("闩", 4), ("扪", 6)):
        columns = GLYPHS.fonts["h"].find(ord(char))
        assert columns is not None and all(column & 1 for column in columns[left:11])


def test_full_width_signs_stand_in_both_sizes_of_hanzi():
    for name in ("h", "k"):
        assert [c for c in "，。、；：？！（）《》“”￥％＝　" if GLYPHS.fonts[name].find(ord(c)) is None] == []


def test_every_icon_that_a_frame_may_name_is_drawn():
    assert all(len(GLYPHS.sign(name)) == 28 and any(GLYPHS.sign(name)) for name in ICONS)
    assert len({GLYPHS.sign(name) for name in NAMES}) == len(NAMES)


def test_a_digit_does_not_move_its_neighbours():
    """Digits but 1 are equally wide, so that a running number stands still."""
    for name in ("s", "l", "b", "x", "t"):
        assert len({len(GLYPHS.fonts[name].find(ord(c)) or ()) for c in "023456789"}) == 1


def test_paper_has_all_of_gb2312_and_no_two_hanzi_look_the_same():
    font = Glyphs(zlib.decompress(PAPER.read_bytes())).fonts["w"]
    assert [chr(code) for code in gb2312() if code >= 0x80 and code != 0x3000 and not any(font.find(code) or ())] == []
    hanzi = [code for code in gb2312() if 0x4E00 <= code < 0xA000]
    assert len({font.find(code) for code in hanzi}) == len(hanzi)


def test_paper_letters_are_turned_the_right_way_up():
    assert rows_of((0b01, 0b10), 2) == [0b10, 0b01] + [0] * 22


def test_a_font_file_that_nobody_looked_at_is_refused(tmp_path):
    home = tmp_path / "galmuri-2.40.3/package/dist"
    home.mkdir(parents=True)
    (home / "Galmuri7.bdf").write_text("STARTFONT 2.1\n")
    with pytest.raises(ValueError, match="not the file"):
        fetch.font("galmuri7", tmp_path)


def test_a_picture_with_a_crooked_row_is_refused_by_its_line(tmp_path):
    wrong = tmp_path / "signs.txt"
    wrong.write_text(SIGNS.read_text().replace("............................\n", "...\n", 1))
    with pytest.raises(ValueError, match=r"signs.txt:\d+"):
        art.read_art(wrong)


def test_what_is_packed_is_what_is_found():
    glyphs = Glyphs(pack([Font("p", 2, 9, 11, 13, 0, {65: [1, 4096, 0], 0x4E2D: [7]}), Font("f", 0, 7, 8, 8, 2, {48: [255, 1]})]))
    assert glyphs.fonts["p"].find(65) == (1, 4096, 0) and glyphs.fonts["p"].find(0x4E2D) == (7,)
    assert glyphs.fonts["f"].find(48) == (255, 1) and glyphs.fonts["f"].find(49) is None


def test_scale2x_doubles_a_dot_and_smooths_a_diagonal():
    assert bitmap.doubled([1], 1) == [3, 3]
    stair = bitmap.doubled([0b01, 0b10], 2)
    assert len(stair) == 4 and stair != [0b0011, 0b0011, 0b1100, 0b1100]
