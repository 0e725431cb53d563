"""ESC/POS as the virtual printer reads it: bytes written by hand from Epson's reference, and what comes of them on paper."""

import random

import pytest
import segno

from sim.chips.escpos import PAGES
from sim.chips.letters import plain
from sim.chips.paper import HEAD_DOTS, ROW_BYTES
from tests.contract.by_hand import LATIN, box, ink, printed, printing
from tests.contract.wires import wait_ms


def test_text_comes_out_line_by_line():
    lines, image, errors = printed(b"Coffee 3.50\nBun\n\nTea\n")
    assert lines == ["Coffee 3.50", "Bun", "", "Tea"]
    assert len(image) == 4 * 30 * ROW_BYTES and errors == []


def test_a_line_that_was_never_ended_is_not_printed():
    assert printed(b"half a line")[0] == []


@pytest.mark.parametrize("code", [b"\x1b*", b"\x1bG\x01", b"\x1dv0", b"\x1c!\x00", b"\x1b\x1b", b"\x1dB\x01"])
def test_an_unknown_command_is_refused_aloud_and_the_rest_prints(code):
    lines, _, errors = printed(b"a\n" + code[:2] + b"b\n")
    assert len(errors) == 1 and code[:2].hex(" ") in errors[0]
    assert lines == ["a", "b"]


@pytest.mark.parametrize("byte", [*range(1, 0x0A), *range(0x0B, 0x10), *range(0x11, 0x1B), 0x1E, 0x1F, 0x7F])
def test_a_control_byte_is_refused_aloud(byte):
    assert printed(bytes([byte]) + b"\n")[2] != []


def test_nuls_are_passed_over_and_fill_up_what_waits_for_more():
    code = b"\x1d(k\x10\x001P0" + b"7" * 13
    for cut in range(1, len(code)):
        assert printed(b"a\0\n" + code[:cut] + bytes(len(code)) + b"\x1b@b\n")[0] == ["a", "b"], cut


@pytest.mark.parametrize("data", [b"\x1ba\x03", b"\x1bt\x63", b"\x1dV\x07", b"\x1d!\x88", b"\x10\x04\x09"])
def test_a_value_out_of_range_is_refused_aloud(data):
    assert len(printed(data + b"\n")[2]) == 1


def test_letters_stand_where_they_are_told_to():
    line = b"ab\n"
    left, centre, right = (box(ink(printed(b"\x1ba" + bytes([n]) + line)[1])) for n in (0, 1, 2))
    assert centre[0] - left[0] == (HEAD_DOTS - 24) // 2
    assert right[0] - left[0] == HEAD_DOTS - 24


def test_the_rom_has_every_letter_of_its_pages_and_of_gb2312():
    letters = {c for page in PAGES.values() for c in bytes(range(0x20, 0x100)).decode(page) if c.isalnum() or c in "£€¥¢§°±½"}
    hanzi = {bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)} - {""}
    assert len(letters) > 300 and len(hanzi) == 6763
    lacking = [c for c in letters if plain(c, 12) == plain("\ue000", 12)]
    lacking += [c for c in hanzi | set("，。！？；：、（）《》“”—…￥") if plain(c, 24) == plain("\ue000", 24)]
    assert lacking == []
    assert plain("é", 12) != plain("e", 12) != plain("\ue000", 12)


def test_bold_is_the_same_letter_with_more_ink():
    plain, bold = ink(printed(b"TOTAL\n")[1]), ink(printed(b"\x1bE\x01TOTAL\n")[1])
    assert plain < bold and len(bold) < 2 * len(plain)


def test_big_is_every_dot_four_times():
    plain = ink(printed(b"Tea\n")[1])
    big = ink(printed(b"\x1d!\x11Tea\n")[1])
    assert big == {(2 * x + i, 2 * y + j) for x, y in plain for i in (0, 1) for j in (0, 1)}


def test_esc_exclamation_mark_enlarges_latin_letters_only():
    def size(command, text):
        left, right, top, bottom = box(ink(printed(command + text + b"\n")[1]))
        return right - left > 24 or bottom - top > 24

    tea = "茶".encode("gbk")
    assert size(b"\x1b!\x30", b"TTT") and not size(b"\x1b!\x30", tea)
    assert size(b"\x1d!\x11", tea)
    assert not size(b"\x1d!\x11\x1b!\x00", b"T") and size(b"\x1d!\x11\x1b!\x00", tea)


def test_a_reset_forgets_all_that_was_set():
    dressed = b"\x1ba\x02\x1bE\x01\x1d!\x11\x1c.\x1bt\x13"
    assert printed(dressed + b"\x1b@" + "茶a\n".encode("gbk")) == printed("茶a\n".encode("gbk"))


def test_chinese_is_read_in_pairs_from_power_on_and_latin_after_fs_dot():
    assert printed("乌龙茶 3.80\n".encode("gbk"))[0] == ["乌龙茶 3.80"]
    assert printed(LATIN + b"caf\x82\n")[0] == ["café"]
    assert printed(LATIN + b"\x1bt\x13\xd5\n")[0] == ["€"]
    assert printed(b"\x82a\n")[0] != ["éa"], "without FS . a Chinese printer eats both"
    assert printed(LATIN + b"\x82\x1c&" + "茶".encode("gbk") + b"\x1c.\x82\n")[0] == ["é茶é"]


def test_a_pair_that_is_no_character_is_refused_aloud():
    assert len(printed(b"\xff\xff\n")[2]) == 1


def test_the_33rd_letter_starts_a_new_line():
    assert printed(b"x" * 33 + b"\n")[0] == ["x" * 32, "x"]
    assert printed("茶".encode("gbk") * 17 + b"\n")[0] == ["茶" * 16, "茶"]
    assert printed(b"\x1d!\x11" + b"x" * 17 + b"\n")[0] == ["x" * 16, "x"]


def test_feeds_are_white_paper():
    for data, rows in ((b"\x1bd\x03", 90), (b"\x1bJ\x18", 24), (b"a\x1bd\x01", 60)):
        assert len(printed(data)[1]) == rows * ROW_BYTES


def qr(text, dots=6, level=49):
    def command(fn, data):
        size = len(data) + 2
        return b"\x1d(k" + bytes([size & 255, size >> 8, 49, fn]) + data

    store = command(80, b"0" + text.encode())
    return command(65, b"2\x00") + command(67, bytes([dots])) + command(69, bytes([level])) + store + command(81, b"0")


def test_a_code_is_drawn_dot_by_dot_and_can_be_read_as_text():
    text = "HTTPS://BRW.IO/P/7K3F9Q2M"
    lines, image, errors = printed(qr(text))
    assert lines == [f"[QR {text}]"] and errors == []
    black = ink(image)
    modules = {(x // 6, y // 6) for x, y in black}
    assert modules in [dark(segno.make_qr(text, error="M", boost_error=False, mask=mask).matrix) for mask in range(8)]
    assert len(black) == 36 * len(modules)


def dark(matrix):
    return {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}


@pytest.mark.parametrize("data", [qr("x", dots=17), qr("x", level=5), qr("x" * 900, dots=16), b"\x1d(k\x03\x001Z\x06", qr("")])
def test_a_code_that_cannot_be_drawn_is_refused_aloud(data):
    assert printed(data)[2] != []


def test_slips_end_at_the_cutter_and_at_the_tear_bar():
    async def story(printer, say):
        say(b"one\n\x1bd\x04two\n\x1dVB\x00three\n\x1bd\x01\x1dV\x00four\n")
        await wait_ms(10_000)
        assert [slip.lines for slip in printer.slips] == [["one"], ["two"], ["three"], ["four"]]
        printer.tear()
        say(b"five\n")
        await wait_ms(1000)
        assert [slip.lines for slip in printer.slips][3:] == [["four"], ["five"]]

    printing(story)


# -- whatever comes


def test_the_same_bytes_in_any_pieces_print_the_same():
    data = LATIN + b"\x1ba\x01\x1d!\x11Stall\n\x1d!\x00\x1c&" + "乌龙茶\n".encode("gbk") + qr("HTTPS://BRW.IO/1") + b"\x1bd\x04"
    whole = printed(data)
    chance = random.Random(5)
    for _ in range(10):
        cuts = sorted(chance.sample(range(1, len(data)), 20))

        async def story(printer, say, cuts=cuts):
            for first, last in zip([0, *cuts], [*cuts, len(data)], strict=True):
                say(data[first:last])
                await wait_ms(1)
            await wait_ms(60_000)
            assert (printer.text(), printer.image(), printer.errors) == whole

        printing(story)


def test_noise_never_crashes_it_and_text_after_a_reset_is_read_again():
    chance = random.Random(6)
    heads = [
        b"\x1b@",
        b"\x1ba",
        b"\x1bE",
        b"\x1b!",
        b"\x1bd",
        b"\x1bJ",
        b"\x1d!",
        b"\x1dV",
        b"\x1d(k",
        b"\x1c&",
        b"\x1c.",
        b"\x10\x04",
    ]
    for _ in range(15):
        noise = b"".join(chance.choice([*heads, chance.randbytes(3)]) for _ in range(100))
        lines, image, _ = printed(noise + b"\0" * 70_000 + b"\x1b@\nstill here\n", mm_per_s=5_000_000)
        assert lines[-1] == "still here"
        assert len(image) % ROW_BYTES == 0
