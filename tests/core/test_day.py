"""A scripted day: twenty sales and what comes between them. Both interpreters must write the same journal, byte for byte,
so each proves the same fixed hash; a change that is meant changes it here, in the same commit."""

import binascii

from tests.core.board import Bench, day

# the link after the last frame: it stands for every byte before it (decision 7)
HEAD = "034f79b63f5a0172d5577c4dd58ecdf18914e205604154c19b2833f59baae289"
FRAMES = 44

SALES = (
    "8 5 0 CASH OK",
    "F1 CASH CASH",
    "2 TIMES 1 2 PLU CASH F1",
    "F1 F2 F3 2 0 00 CASH",
    "0 . 2 5 TIMES 1 0 00 OK CASH OK",
    "1 4 PLU 3 TIMES F2 BACK CASH OK",
    "F1 F1 F2 UP BACK CASH 1 0 00 OK",
    "1 2 PLU UP 5 TIMES CASH 4 0 00 OK",
    "7 7 PLU 1 9 9 OK CASH OK",
    "F3 hold:OK F1 CASH OK OK MENU 5 1 CASH OK",
    "2 TIMES 1 2 PLU 5 00 CASH CASH OK",
    "1 2 3 4 5 BACK OK CASH F2",
    "MENU 8 5 F2 CASH OK",
    "MENU 9 1 2 F1 CASH OK",
    "F1 OK CASH 5 00 CASH",
    "PLU 1 3 OK OK CASH OK",
    "9 9 9 9 9 9 9 9 CASH OK",
    "MENU 9 1 1 F2 F2 F2 CASH OK PRINT",
    "F1 F2 CANCEL OK F3 CASH OK",
)


async def a_day(till):
    for keys in SALES:
        await till.keys(keys + " OK")
        till.see("idle")
    await till.scan("5012345678900")
    await till.keys("CASH OK")
    till.see("paid", no="0021", total="3.80")


def test_a_day_is_the_same_bytes_everywhere():
    async def story(till):
        await a_day(till)
        journal, records = await till.journal()
        assert (journal.seq, binascii.hexlify(journal.head).decode()) == (FRAMES, HEAD)
        assert sum(record["kind"] == "sale" for record in records) == 21

    day(story)


def test_a_day_with_one_key_more_is_another_hash():
    """The control: the hash can fail."""

    async def story(till):
        await a_day(till)
        await till.keys("PRINT")
        journal, _ = await till.journal()
        assert binascii.hexlify(journal.head).decode() != HEAD

    day(story)


def test_the_day_is_all_there_after_a_power_cut():
    async def later(till):
        till.see("idle")
        await till.keys("F1 CASH OK")
        till.see("paid", no="0022")

    store = day(a_day).store
    day(later, store=store)
    assert Bench(store=store).store is store
