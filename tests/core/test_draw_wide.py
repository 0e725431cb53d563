"""The panel of 256 columns, on both interpreters: what stands beside what."""

from hal.draw.render import render
from hal.ports.frame import ELIDE, Frame, Row, Text
from tests.core.test_draw import bar, glyphs, soft

WIDTH = 256


def drawn(frame):
    return render(frame, glyphs(), strict=True, width=WIDTH)


def lit(pages, left, top, right, bottom):
    """How many dots are lit in a box."""
    return sum([pages[y // 8 * WIDTH + x] >> (y % 8) & 1 for y in range(top, bottom) for x in range(left, right)])


def cart(count, selected=-1):
    rows = [Row(Text("Matcha set with bamboo whisk", ELIDE), Text("48.00")) for _ in range(count)]
    return Frame("cart", {}, status=bar(), rows=rows, selected=selected, foot=Row(Text("TOTAL"), Text("74.30")))


def test_a_picture_is_256_columns_wide():
    assert len(drawn(cart(3))) == 2048


def test_a_carts_total_stands_beside_its_lines_and_takes_none_of_their_rows():
    pages = drawn(cart(5))
    assert lit(pages, 160, 28, 256, 64) > 300, "the number, at the right"
    assert lit(pages, 0, 54, 150, 63) > 100, "the last line, down to the panel's edge"
    assert lit(drawn(cart(5, selected=1)), 0, 0, 150, 64) > lit(pages, 0, 0, 150, 64) + 500
    assert lit(drawn(cart(5, selected=1)), 160, 0, 256, 64) == lit(pages, 160, 0, 256, 64)


def test_a_menu_has_as_many_columns_as_it_needs_and_a_mark_beyond():
    def menu(count, selected=-1):
        rows = [Row(Text(f"{i} Held carts")) for i in range(count)]
        return drawn(Frame("menu", {}, status=bar(), rows=rows, selected=selected))

    assert lit(menu(5), 128, 10, 256, 64) == 0
    assert lit(menu(6), 128, 10, 200, 21) > 30
    assert lit(menu(11), 170, 10, 250, 21) > 30
    assert lit(menu(10), 252, 10, 256, 64) == 0 and lit(menu(16), 252, 10, 256, 64) > 20
    chosen = menu(16, selected=15)
    assert lit(chosen, 130, 11, 240, 20) > 800, "its column has come into view, and the row is lit"


def test_a_number_is_at_the_right_under_its_label_and_the_notes_at_the_left():
    pages = drawn(Frame("x", {}, status=bar(), label=Text("Due"), big=Text("15.80"), notes=[Text("OK = exact")]))
    assert lit(pages, 180, 12, 256, 56) > 400 and lit(pages, 2, 25, 100, 45) > 60
    assert lit(pages, 110, 12, 160, 64) == 0


def test_a_label_with_an_amount_of_its_own_is_a_note():
    def left_of(label):
        frame = Frame("x", {}, status=bar(), label=Text(label), big=Text("50.00"))
        return lit(drawn(frame), 2, 10, 100, 64)

    assert left_of("Due") == 0 and left_of("Due 32.30") > 60


def test_far_words_and_amounts_are_joined_by_dots():
    def between(amount):
        frame = Frame("x", {}, status=bar(), rows=[Row(Text("Bun", ELIDE), amount)])
        return lit(drawn(frame), 150, 10, 220, 21)

    assert between(Text("7.00")) > 10 and between(None) == 0


def test_soft_keys_are_over_their_keys_and_a_result_is_lit():
    pages = drawn(Frame("x", {}, status=bar(), big=Text("1.00"), soft=soft("Receipt", "", "Next")))
    assert lit(pages, 0, 55, 84, 64) > 400 and lit(pages, 85, 55, 171, 64) == 0 and lit(pages, 172, 55, 256, 64) > 400
    assert lit(drawn(Frame("x", {}, big=Text("1.00"), lit=True)), 0, 0, 256, 64) > 256 * 64 // 2


def test_a_code_stands_left_of_words_and_amount():
    modules = [bytes([(x + y) % 2 for x in range(29)]) for y in range(29)]
    frame = Frame("qr", {}, status=bar(), qr="X", label=Text("Scan to pay"), big=Text("15.80"), notes=[Text("waiting 42 s")])
    pages = render(frame, glyphs(), strict=True, modules=modules, width=WIDTH)
    assert lit(pages, 0, 0, 64, 64) == 64 * 64 - 29 * 29 // 2 * 4
    assert lit(pages, 72, 20, 150, 50) > 60 and lit(pages, 180, 20, 256, 60) > 300
