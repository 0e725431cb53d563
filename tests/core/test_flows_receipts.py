"""A receipt is found and printed once more, and one that is scanned is judged."""

import binascii

from firmware.journal.codec import canonical
from firmware.journal.journal import Journal
from firmware.journal.rollup import Rollup
from firmware.sale import proof
from firmware.sync import tills
from firmware.sync.archive import Archive
from firmware.sync.document import read
from firmware.sync.request import Requests
from hal.ports.faults import LinkDown
from tests.core import vtime
from tests.core.board import day
from tests.core.devices import Keys
from tests.core.memory_store import QuietLog
from tests.core.office import FLEET, Document
from tests.core.sparse_store import SparseStore

SALE = {"no": 7, "total": 1580, "cur": "GBP", "at": 1795271526}


def test_an_older_sale_is_always_a_duplicate_and_its_copies_are_counted():
    async def story(till):
        await till.keys("F1 CASH OK OK F2 CASH OK OK")
        assert not [line for line in till.printer.lines if "DUPLICATE" in line]
        await till.keys("MENU 6 2 1 OK OK MENU 6 2 1 OK PRINT")
        assert [line for line in till.printer.lines if "DUPLICATE" in line] == ["DUPLICATE 1", "DUPLICATE 2"]
        assert [(r["no"], r["copy"]) for r in await till.records("print")] == [(1, 0), (2, 0), (1, 1), (1, 2)]
        await till.keys("MENU 6 1")
        assert (await till.records("print"))[-1]["copy"] == 1

    day(story)


def test_a_number_that_was_never_sold_is_said_to_be_none():
    async def story(till):
        await till.keys("MENU 6 2 OK")
        assert till.refused(), "nothing was typed"
        await till.keys("9 9 OK")
        till.see("notice", text="None found")
        await till.keys("OK MENU 6 3")
        till.see("notice", text="None found")
        await till.keys("OK MENU 6 4 1 BACK BACK")
        till.see("idle")

    day(story)


def test_a_sale_of_today_is_listed_with_its_time_and_an_older_one_with_its_day():
    async def story(till):
        await till.keys("F1 CASH OK OK")
        till.clock.at_s += 86_400
        await till.keys("F2 CASH OK OK MENU 6 3")
        assert [(row.left.s, row.right.s) for row in till.screen.frame.rows] == [
            ("1 #0002 14:32", "2.50"),
            ("2 #0001 11-21", "3.50"),
        ]

    day(story)


def test_a_long_list_goes_on_to_older_ones():
    async def story(till):
        for _ in range(11):
            await till.keys("F1 CASH OK OK")
        await till.keys("MENU 6 3")
        till.see("receipts", found="8", more="yes")
        await till.keys("9")
        till.see("receipts", found="3", more="no")
        await till.keys("3")
        till.see("receipts", no="0001")
        await till.keys("CANCEL")
        till.see("idle")

    day(story)


def signed(terminal="OTHER-0002"):
    return proof.text(Keys(b"STRANGER"), terminal, SALE, bytes(32))


class Fleet:
    """As far as it is asked for keys. asked: what it was."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def judged(self, story):
        """Run the story with this fleet at the other end."""

        async def ask(requests, op, body, deadline_ms, kept=False):
            self.asked.append((op, body))
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        before, Requests.ask = Requests.ask, ask
        try:
            day(story)
        finally:
            Requests.ask = before


def test_another_till_s_receipt_is_judged_by_the_key_that_the_fleet_knows():
    fleet = Fleet({"key": binascii.hexlify(Keys(b"STRANGER").public()).decode()})

    async def story(till):
        await till.scan(signed())
        till.see("check", verdict="genuine", terminal="OTHER-0002", no="0007")
        await till.keys("OK")
        await till.scan(signed().replace("/1580/", "/9580/"))
        till.see("check", verdict="forged")

    fleet.judged(story)
    assert fleet.asked == [("key", {"terminal": "OTHER-0002"})], "it is asked for once"


def test_without_the_fleet_another_till_s_receipt_is_neither_called_genuine_nor_forged():
    fleet = Fleet(LinkDown("no line"), {}, {"key": "zz"}, {"key": "00"})

    async def story(till):
        for _ in range(4):
            await till.scan(signed())
            till.see("check", verdict="unknown")
            await till.keys("OK")

    fleet.judged(story)
    assert not fleet.answers


async def told(store, keys, rows):
    """The fleet's list of keys lies on the disk, and the journal says that it is in use."""
    made = Document("tills", 1, tills.body(rows))
    label, archive = read(canonical(made.label)), Archive([store], QuietLog())
    await archive.begin(label)
    await archive.put(label, 0, made.body)
    journal = Journal(store, "main", Rollup(), QuietLog(), keystore=keys)
    await journal.recover()
    used = {"doc": "tills", "version": 1, "sha256": binascii.hexlify(label.sha256).decode(), "id": "d1", "at": 1}
    await journal.append("document", 0, used)


def test_without_a_line_another_till_s_receipt_is_judged_by_the_list_on_the_disk():
    store, keys = SparseStore(), Keys(b"STALL-0001", FLEET.public())
    rows = [("OTHER-0002", [tills.Key(Keys(b"STRANGER").public(), 0)])]
    rows.append(("STALL-0001", [tills.Key(keys.public(), 0), tills.Key(FLEET.public(), SALE["at"] - 1)]))
    vtime.run(told(store, keys, rows))

    async def story(till):
        for text, verdict in (
            (signed(), "genuine"),
            (signed().replace("/1580/", "/9580/"), "forged"),
            (signed("OTHER-0003"), "unknown"),
            (proof.text(keys, "STALL-0001", SALE, bytes(32)), "genuine"),
            (proof.text(FLEET, "STALL-0001", dict(SALE, at=SALE["at"] - 1), bytes(32)), "genuine"),
            (proof.text(FLEET, "STALL-0001", SALE, bytes(32)), "ended"),
            (signed("STALL-0001"), "forged"),
        ):
            await till.scan(text)
            till.see("check", verdict=verdict)
            await till.keys("OK")

    day(story, store=store, keys=keys)
