"""Drawing, on both interpreters: what stands where on the panel, what gives way to what, and what a fault says."""

from hal.draw.canvas import Canvas
from hal.draw.faults import MissingGlyph, Overflow, Overlap
from hal.draw.glyphs import Glyphs
from hal.draw.render import render
from hal.draw.wrap import elided, wrapped
from hal.ports.frame import ELIDE, MUST, Frame, Row, Status, Text

try:
    from zlib import decompress
except ImportError:  # MicroPython
    import io

    import deflate

    def decompress(data):
        return deflate.DeflateIO(io.BytesIO(data), deflate.ZLIB).read()


ROOT = __file__.rsplit("/", 3)[0] if __file__.count("/") >= 3 else "."


class Shared:
    """The pack takes a quarter of MicroPython's heap: unpacked once a run of this file."""

    glyphs = None


def glyphs():
    if Shared.glyphs is None:
        with open(ROOT + "/hal/draw/pack/glyphs.bin.z", "rb") as f:
            Shared.glyphs = Glyphs(decompress(f.read()))
    return Shared.glyphs


def bar(queued=0, link="wifi", offline=False, training=False, near_end=False):
    return Status("14:32", queued, link, 4, 78, offline, training, near_end)


def soft(*words):
    return tuple([Text(word) for word in words])


def lit(pages, left=0, top=0, right=128, bottom=64):
    """How many dots are lit in a box."""
    return sum([pages[y // 8 * 128 + x] >> (y % 8) & 1 for y in range(top, bottom) for x in range(left, right)])


def raises(fault, frame):
    try:
        render(frame, glyphs(), strict=True)
    except fault as raised:
        return str(raised)
    raise AssertionError("nothing was raised")


def amount(big, label="Price", **parts):
    return Frame("amount", {}, label=Text(label), big=Text(big), status=bar(), **parts)


def test_page_bytes_are_in_the_chips_order():
    canvas = Canvas()
    canvas.fill((5, 9, 6, 10))
    pages = canvas.pages()
    assert len(pages) == 1024 and pages[128 + 5] == 2 and sum(pages) == 2


def test_what_falls_outside_is_cut_and_never_wrapped():
    canvas = Canvas()
    canvas.put(126, -1, (3, 3, 3, 3))
    canvas.put(-2, 63, (3, 3, 3, 3))
    pages = canvas.pages()
    assert lit(pages) == 4 and lit(pages, 126, 0, 128, 1) == 2 and lit(pages, 0, 63, 2, 64) == 2


def test_the_number_dominates_and_a_longer_one_still_stands_whole():
    short = render(amount("8.50"), glyphs(), strict=True)
    assert lit(short, 60, 10, 128, 32) > 400
    for digits in ("100.00", "9999.99"):
        assert lit(render(amount(digits), glyphs(), strict=True), 40, 10, 128, 32) > 300
    for digits in ("99999.99", "999999.99", "99999.999"):
        assert lit(render(amount(digits), glyphs(), strict=True), 40, 10, 128, 24) > 200


def test_a_number_that_cannot_stand_raises_in_tests_and_is_cut_and_told_in_the_field():
    frame = amount("1234567890123456789012")
    assert "1234567890123456789012" in raises(Overflow, frame)
    report = []
    assert lit(render(frame, glyphs(), report=report)) > 0
    assert len(report) == 1 and report[0].startswith("Overflow: no room for '1234")


def test_a_name_is_elided_and_its_amount_is_whole():
    rows = [Row(Text("1 Ceremonial matcha set with bamboo whisk", ELIDE), Text("48.00"))]
    pages = render(Frame("cart", {}, status=bar(), rows=rows), glyphs(), strict=True)
    alone = render(Frame("cart", {}, status=bar(), rows=[Row(Text(""), Text("48.00"))]), glyphs(), strict=True)
    assert lit(pages, 95, 10, 128, 21) == lit(alone, 95, 10, 128, 21)


def test_words_that_would_be_cut_beside_a_picture_take_its_place():
    words = ["profile/merchant.json", "taxes.standard.label.en", "must have 1 to 16 characters"]
    whole = [
        Frame("fault", {}, icon="warn", heading=Text("Cannot start"), notes=[Text(note, fit) for note in words])
        for fit in (MUST, ELIDE)
    ]
    must, may = [bytes(render(frame, glyphs(), strict=True)) for frame in whole]
    assert must == may


def test_words_of_our_own_that_do_not_fit_raise():
    assert "forty" in raises(Overflow, Frame("menu", {}, rows=[Row(Text("1 a menu line of more than forty letters in a row"))]))
    assert "Receipt please" in raises(Overflow, Frame("paid", {}, big=Text("1"), soft=soft("Receipt please", "", "")))


def test_a_missing_glyph_raises_or_is_a_box():
    frame = amount("8.50", label="\u0e01")
    assert "U+0E01" in raises(MissingGlyph, frame)
    report = []
    assert lit(render(frame, glyphs(), report=report), 0, 10, 20, 32) > 10
    assert report == ["MissingGlyph: no glyph for U+0E01"]


def test_texts_that_touch_raise():
    frame = Frame("qr", {}, qr="X", label=Text("Scan to pay"), soft=soft("Back", "", ""))
    assert "touches" in raises(Overlap, frame)


def test_the_selected_row_is_lit_and_in_view():
    rows = [Row(Text(str(i)), Text("1.00")) for i in range(30)]
    for selected in (0, 14, 29):
        pages = render(Frame("cart", {}, status=bar(), rows=rows, selected=selected), glyphs(), strict=True)
        bars = [y for y in range(10, 64) if lit(pages, 30, y, 90, y + 1) == 60]
        assert 10 <= len(bars) <= 11, selected


def test_a_cart_without_a_selection_shows_its_last_row():
    rows = [Row(Text("first"), Text("1.00")) for _ in range(20)] + [Row(Text(""), None)]
    pages = render(Frame("cart", {}, status=bar(), rows=rows), glyphs(), strict=True)
    assert lit(pages, 0, 54, 120, 64) == 0 and lit(pages, 0, 43, 120, 53) > 0


def test_a_scroll_mark_only_where_more_rows_are_than_fit():
    few = render(Frame("menu", {}, status=bar(), rows=[Row(Text("a"))] * 5), glyphs(), strict=True)
    many = render(Frame("menu", {}, status=bar(), rows=[Row(Text("a"))] * 6), glyphs(), strict=True)
    assert lit(few, 124, 10, 128, 64) == 0 and lit(many, 124, 10, 128, 64) > 20


def test_offline_turns_the_bar_over_and_a_result_the_whole_panel():
    plain = lit(render(amount("8.50"), glyphs()), 0, 0, 128, 9)
    off = Frame("amount", {}, label=Text("Price"), big=Text("8.50"), status=bar(offline=True))
    assert lit(render(off, glyphs()), 0, 0, 128, 9) == 128 * 9 - plain
    result = amount("8.50", lit=True, soft=soft("A", "B", "C"))
    assert lit(render(result, glyphs(), strict=True)) > 128 * 64 // 2


def test_the_queue_the_cross_the_cap_and_the_slip_are_on_the_bar():
    pictures = [bytes(render(Frame("x", {}, status=each), glyphs(), strict=True)[:256]) for each in (
        bar(), bar(queued=1), bar(queued=2), bar(link="4g"), bar(link="off"), bar(training=True), bar(offline=True),
        bar(near_end=True), bar(near_end=True, training=True),
    )]  # fmt: skip
    assert len(set(pictures)) == len(pictures)


def test_blank_soft_keys_leave_their_place_dark():
    pages = render(amount("8.50", soft=soft("", "Skip", "")), glyphs(), strict=True)
    assert lit(pages, 0, 55, 43, 64) == 0 and lit(pages, 44, 55, 84, 64) > 200 and lit(pages, 85, 55, 128, 64) == 0


def test_chinese_takes_larger_letters_and_latin_beside_it():
    frame = Frame("cash", {}, "zh", bar(), Text("现金"), label=Text("应收"), big=Text("15.80"), notes=[Text("OK = 正好")])
    assert lit(render(frame, glyphs(), strict=True), 0, 14, 40, 26) > 40


def test_a_hanzi_that_fills_its_cell_is_not_cut_at_the_edge():
    face = glyphs().face("ek")
    assert face.width("票") == len(face.glyph("票")) and face.width("K") == len(face.glyph("K")) - 1


def test_two_notes_share_a_line_where_there_is_only_one():
    parts = {"label": Text("实收"), "big": Text("20.00"), "soft": soft("20", "50", "100")}
    both = Frame("cash", {}, "zh", bar(), Text("现金"), notes=[Text("应收 15.80"), Text("找零 4.20")], **parts)
    pages = render(both, glyphs(), strict=True)
    assert lit(pages, 0, 37, 58, 51) > 40 and lit(pages, 70, 37, 128, 51) > 40


def test_lines_break_between_words_and_between_any_two_hanzi_but_before_no_closing_mark():
    small = glyphs().face("s")
    assert wrapped("Put in a roll", small, 30) == ["Put in", "a roll"]
    mixed = glyphs().face("mh")
    assert wrapped("余额不足，未扣款", mixed, 48) == ["余额不", "足，未扣", "款"]
    assert wrapped("a\nb", small, 100) == ["a", "b"]


def test_an_ellipsis_takes_no_mark_before_it():
    small = glyphs().face("s")
    assert elided("Apples, lb", small, 38) == "Apples…"
    assert elided("Bun", small, 38) == "Bun"


def test_a_code_is_drawn_as_large_as_whole_dots_allow():
    modules = [bytes([1] * 29)] * 29
    frame = Frame("qr", {}, qr="X", label=Text("Scan"), big=Text("15.80"))
    pages = render(frame, glyphs(), strict=True, modules=modules)
    assert lit(pages, 0, 0, 64, 64) == 64 * 64 - 58 * 58
    too_large = []
    render(frame, glyphs(), report=too_large, modules=[bytes([1] * 77)] * 77)
    assert too_large == ["Overflow: no room for 'QR'"]


def test_the_same_frame_gives_the_same_bytes():
    assert render(amount("8.50"), glyphs()) == render(amount("8.50"), glyphs())
