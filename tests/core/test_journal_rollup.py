"""What the till knows of its past at boot."""

import json

from firmware.journal.codec import canonical
from firmware.journal.desk import Desk
from firmware.journal.rollup import Rollup


def sale(no, receipt="auto"):
    return {"kind": "sale", "seq": no, "no": no, "total": 850, "receipt": receipt}


def printed(no, copy, done=True):
    return {"kind": "print", "seq": 9, "no": no, "copy": copy, "done": done}


def folded(rollup, *records):
    for record in records:
        rollup.fold(record)
    return rollup


def restored(rollup, fresh):
    """As a checkpoint carries it: through canonical JSON and back."""
    fresh.restore(json.loads(canonical(rollup.snapshot())))
    return fresh


def test_a_new_till_begins_with_the_number_that_it_was_set_to():
    rollup = Rollup(first_no=301)
    assert rollup.next_no == 301 and rollup.sales == 0 and rollup.last_sale is None and rollup.slip_due is None
    assert folded(rollup, sale(301)).next_no == 302
    assert restored(rollup, Rollup(first_no=9)).next_no == 302
    assert restored(Rollup(), Rollup(first_no=9)).next_no == 9


def test_a_slip_is_due_until_its_first_copy_came_out_or_was_skipped():
    assert folded(Rollup(), sale(1)).slip_due == sale(1)
    assert folded(Rollup(), sale(1), printed(1, 0)).slip_due is None
    assert folded(Rollup(), sale(1), printed(1, 0, done=False)).slip_due is None
    assert folded(Rollup(), sale(1), printed(1, 1)).slip_due == sale(1)
    assert folded(Rollup(), sale(1), printed(1, 0), sale(2)).slip_due == sale(2)
    assert folded(Rollup(), sale(1), sale(2), printed(1, 0)).slip_due == sale(2)
    for receipt in ("ask", "never"):
        assert folded(Rollup(), sale(1, receipt)).slip_due is None


def test_copies_count_the_slips_of_the_last_sale():
    rollup = folded(Rollup(), sale(1), printed(1, 0), printed(1, 1))
    assert rollup.copies == 2
    assert folded(rollup, printed(7, 5)).copies == 2
    assert folded(rollup, sale(2)).copies == 0
    assert folded(rollup, printed(2, 0, done=False)).copies == 0


def test_a_snapshot_says_it_all():
    rollup = folded(Rollup(), sale(1), printed(1, 0), sale(2), printed(2, 1))
    again = restored(rollup, Rollup())
    assert (again.next_no, again.sales, again.copies) == (3, 2, 2)
    assert again.last_sale == again.slip_due == sale(2)
    again.restore({})
    assert again.sales == 0 and again.last_sale is None and again.slip_due is None


def cart(slot, lines, no=1, **more):
    record = {"kind": "cart", "seq": 1, "no": no, "slot": slot, "cart": {"lines": lines} if lines else {}, "at": 5}
    record.update(more)
    return record


def test_the_desk_keeps_the_open_cart_and_the_held_ones():
    desk = folded(Desk(), cart(0, [1]), cart(0, [1, 2], no=7))
    assert desk.cart == {"lines": [1, 2]} and desk.cart_no == 7 and desk.held == {}
    folded(desk, cart(3, [9]), cart(0, []))
    assert desk.cart is None and desk.cart_no == 0 and desk.held == {3: {"lines": [9]}}
    assert folded(desk, cart(3, [])).held == {}
    assert folded(desk, cart(3, [])).held == {}


def test_parking_and_recalling_are_one_frame_each():
    """A cut between two frames would leave the cart twice, or not at all."""
    parked = folded(Desk(), cart(0, [1]), cart(2, [1], **{"from": 0}))
    assert parked.cart is None and parked.held == {2: {"lines": [1]}}
    recalled = folded(parked, cart(0, [1], **{"from": 2}))
    assert recalled.cart == {"lines": [1]} and recalled.held == {}


def test_the_desk_through_a_checkpoint():
    desk = folded(
        Desk(),
        cart(0, [1], no=4),
        cart(9, [2]),
        {"kind": "acked", "seq": 3, "no": 0, "to": 12, "h": "ab" * 32, "sales": 8},
        {"kind": "lang", "seq": 4, "no": 0, "lang": "zh"},
    )
    again = restored(desk, Desk())
    assert again.cart == {"lines": [1]} and again.cart_no == 4 and again.held == {9: {"lines": [2]}}
    assert again.acked == {"to": 12, "h": "ab" * 32, "sales": 8} and again.lang == "zh"
    empty = restored(Desk(), Desk())
    assert empty.cart is None and empty.acked == {"to": 0, "h": "0" * 64, "sales": 0} and empty.lang == ""
