"""Rot that the campaign on disk states found its way through, each by hand."""

from firmware.journal.codec import HEAD_BYTES
from tests.crash.disk_states import Files, Sold, Till
from tests.crash.medium import Medium

FIRST = {"main": "main-00000001.seg", "desk": "desk-00000001.seg"}


def after(prefix: str, count: int) -> list[Files]:
    """Both copies of a till that sold so many."""
    disks = [Medium(), Medium()]
    till = Till(prefix, disks)
    till.boot()
    for no in range(1, count + 1):
        till.sell(no)
    return [disk.held for disk in disks]


def test_a_bit_in_the_seq_of_an_old_checkpoint_hides_no_sale():
    one, other = after("main", 20)
    data = bytearray(one[FIRST["main"]])
    data[HEAD_BYTES - 5] ^= 1 << 4
    till = Till("main", [Medium(one | {FIRST["main"]: bytes(data)}), Medium(other)])
    till.boot()
    assert till.check(Sold(20)) == 20


def test_a_desk_needs_no_segment_that_was_on_its_way_out():
    """The second copy's was removed, then the power went, and the first copy's rots."""
    one, other = after("desk", 20)
    assert FIRST["desk"] not in one, "it was retired"
    disk = Medium(one | {FIRST["desk"]: b"\x5a" * 8192})
    till = Till("desk", [disk, Medium(other)])
    till.boot()
    till.check(Sold(20))
    assert FIRST["desk"] not in disk.names()
