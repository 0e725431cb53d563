"""The fullest book of totals fits its checkpoint, or no segment could be begun any more."""

from firmware.journal.codec import PAYLOAD_MAX, canonical
from firmware.journal.rollup import Rollup
from firmware.journal.totals import ITEMS, KEPT, NAMES, blank


def test_twenty_years_of_full_lists_and_long_sums_fit():
    full = Rollup()
    full.restore({"last_sale": {"lines": []}, "sales": 1 << 40, "last_no": 99_999_999})
    for length in (10, 7, 4):
        for n in range(KEPT[length] + 1):
            book = blank() | {"sales": 10**6, "total": 10**12, "rounding": 10**6}
            book["items"] = {f"{i:013d}": [10**12, 10**10] for i in range(ITEMS[length] + 1)}
            for table in ("cashiers", "tax"):
                book[table] = {f"{i:016d}": [10**10, 10**10] for i in range(NAMES + 1)}
            book["tenders"] = {f"{i:016d}": 10**10 for i in range(NAMES + 1)}
            full.totals._periods[f"20{n:02d}-00-00"[:length]] = book
    assert len(canonical(full.snapshot())) < PAYLOAD_MAX * 3 // 4
