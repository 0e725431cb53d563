"""The downlink: what the fleet has out comes down whole, whatever the line does; what anybody else makes of it, never."""

from firmware.sync import document
from tests.core import vtime
from tests.core.memory_store import MemoryStore
from tests.core.office import NOW, OTHER, PIECE, STRANGER, TILL, Document, Office, catalogue, command, story

A_DAY_MS = 86_400_000


def test_a_document_comes_in_pieces_and_waits():
    new = catalogue(6)

    async def tell(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(1000)
        assert await office.whole() == new.body
        assert [body.get("at") for body in office.asked] == [None, PIECE, 2 * PIECE]
        await vtime.sleep_ms(A_DAY_MS)
        assert len(office.asked) == 3 and not office.refused

    story(tell, out=[new], applied={"catalogue": 5})


def test_what_is_in_use_is_not_asked_for():
    async def tell(office):
        office.hint(catalogue=5)
        await vtime.sleep_ms(A_DAY_MS)
        assert not office.asked

    story(tell, out=[catalogue(5)], applied={"catalogue": 5})


def test_a_dropped_line_costs_one_piece():
    new = catalogue(6, 10_000)

    async def tell(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(4 * 50 + 10)
        office.board.link.state = "line"
        office.downlink.moved()
        await vtime.sleep_ms(600_000)
        assert len(office.asked) <= 5
        office.board.link.state = "online"
        office.downlink.moved()
        await vtime.sleep_ms(10_000)
        assert await office.whole() == new.body
        assert len(office.asked) <= 12, office.asked

    story(tell, out=[new])


def test_a_power_cut_costs_two_pieces():
    new, store = catalogue(6, 10_000), MemoryStore()

    async def first(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(5 * 50 + 20)
        assert 4 <= len(office.asked) <= 6

    async def second(office):
        await vtime.sleep_ms(2000)
        assert await office.whole() == new.body
        assert next(body["at"] for body in office.asked) >= 3 * PIECE, office.asked

    story(first, out=[new], store=store)
    store.cut()
    story(second, out=[new], store=store)


def test_what_is_whole_waits_after_a_power_cut_without_a_line():
    new, store = catalogue(6), MemoryStore()

    async def first(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(1000)

    async def second(office):
        assert await office.whole() == new.body
        assert not office.asked

    story(first, out=[new], store=store)
    store.cut()
    story(second, store=store)


def test_a_newer_one_takes_the_place_of_one_that_grows():
    old, new = catalogue(6, 10_000), catalogue(7)

    async def tell(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(200)
        office.out = [new]
        await vtime.sleep_ms(10)
        office.hint(catalogue=7)
        await vtime.sleep_ms(10_000)
        assert await office.whole() == new.body

    story(tell, out=[old])


def test_it_is_not_due_before_its_time():
    new = catalogue(6, start=NOW + 3600)

    async def tell(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(3_590_000)
        assert await office.whole() == new.body and not office.downlink.due()
        await vtime.sleep_ms(20_000)
        assert [label.version for label in office.downlink.due()] == [6]

    story(tell, out=[new])


def test_without_a_clock_that_one_can_trust_nothing_is_taken():
    async def tell(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(60_000)
        assert not office.asked
        office.board.clock.set(NOW)
        office.downlink.moved()
        await vtime.sleep_ms(1000)
        assert await office.whole()

    story(tell, out=[catalogue(6)], trusted=False)


def test_commands_come_one_after_another_and_once():
    async def tell(office):
        office.hint(command=9)
        await vtime.sleep_ms(1000)
        assert [version for version, _ in office.obeyed] == [7, 8, 9]
        office.hint(command=9)
        office.hint(command=8)
        await vtime.sleep_ms(A_DAY_MS)
        assert len(office.obeyed) == 3

    story(tell, out=[command(7), command(9), command(8)], applied={"command": 6})


def test_one_that_is_declined_is_told_to_the_fleet_once():
    wrong = catalogue(6, until=NOW - 1)

    async def tell(office):
        for _ in range(3):
            office.hint(catalogue=6)
            await vtime.sleep_ms(60_000)
        assert office.refused == [("catalogue", 6, "expired")]
        assert not office.downlink.waiting

    story(tell, out=[wrong])


def test_a_full_disk_is_tried_again_and_nothing_is_lost():
    store = MemoryStore(room=1000)

    async def tell(office):
        office.hint(catalogue=6)
        await vtime.sleep_ms(60_000)
        assert not office.downlink.waiting and len(office.asked) < 10
        store.room = None
        await vtime.sleep_ms(600_000)
        assert await office.whole()

    story(tell, out=[catalogue(6)], store=store)


# ---- somebody between the till and the fleet. Each gets the question and the honest answer, and gives another one.


def altered(**fields):
    """The label says something else than the fleet signed."""

    def attack(question, answer):
        if "label" in answer:
            answer["label"] = answer["label"] | fields
        return answer

    return attack


def instead(other):
    """Another document's pieces, just as the fleet made them."""
    return lambda question, answer: other.piece(question.get("at", 0))


def mixed(other, from_at):
    """The right label, and from some piece on another's data."""

    def attack(question, answer):
        at = question.get("at", 0)
        if at >= from_at:
            answer["data"] = other.piece(at)["data"]
        return answer

    return attack


def data(change):
    """change(bytes) makes other bytes of each piece."""

    def attack(question, answer):
        found = document.read_chunk(answer)
        told = document.chunk(b"{}", answer["at"] or 1, change(found.data, answer["at"]))
        answer["data"] = told["data"]
        return answer

    return attack


def at(move):
    """The piece says that it belongs elsewhere."""

    def attack(question, answer):
        answer["at"] = move(answer["at"])
        return answer

    return attack


def swapped(question, answer):
    """The second piece where the third should be, and the other way round."""
    where = question.get("at", 0)
    if where >= PIECE:
        answer["data"] = GENUINE.piece(3 * PIECE - where)["data"]
    return answer


GENUINE = catalogue(6, 3 * PIECE)
GENUINE_COMMAND = command(6)
TAMPERING = {
    "a byte of the data": data(lambda raw, at: bytes([raw[0] ^ 1]) + raw[1:]),
    "a byte of the last piece": data(lambda raw, at: raw[:-1] + b"!" if at == 2 * PIECE else raw),
    "another hash": altered(sha256="ab" * 32),
    "a higher version": altered(version=7),
    "for longer": altered(until=NOW + 9),
    "sooner": altered(start=1),
    "another name": altered(terminal=TILL),
    "a shorter length": altered(length=PIECE),
    "a longer length": altered(length=4 * PIECE),
    "no signature": altered(s="00" * 64),
    "a signature of another document": altered(s=catalogue(5).label["s"]),
    "a replay of the one in use": instead(catalogue(5, 3 * PIECE)),
    "a roll-back": instead(catalogue(4, 3 * PIECE)),
    "another till's": instead(catalogue(6, 3 * PIECE, terminal=OTHER)),
    "one that is over": instead(catalogue(6, 3 * PIECE, until=NOW - 1)),
    "another kind": instead(Document("settings", 6, GENUINE.body)),
    "a kind of its own": instead(Document("weather", 6, GENUINE.body)),
    "signed by a stranger": instead(catalogue(6, 3 * PIECE, keys=STRANGER)),
    "too long": instead(catalogue(6, 5 * PIECE)),
    "the end of an old one": mixed(catalogue(5, 3 * PIECE), PIECE),
    "the pieces the other way round": swapped,
    "pieces that overlap": at(lambda at: max(at - 1, 0)),
    "pieces that skip": at(lambda at: at + 1),
    "cut short": data(lambda raw, at: raw[:-1] if at == 2 * PIECE else raw),
    "longer": data(lambda raw, at: raw + b"+" if at == 2 * PIECE else raw),
    "nothing at all": data(lambda raw, at: b""),
    "no label": lambda question, answer: {"at": 0, "data": answer["data"]},
    "no object": lambda question, answer: answer | {"label": [1]},
    "no base64": lambda question, answer: answer | {"data": 5},
    "an answer of nothing": lambda question, answer: {},
}
ON_COMMANDS = {
    "a byte": data(lambda raw, at: raw.replace(b"number 6", b"number 9")),
    "replayed": instead(command(5)),
    "older": instead(command(1)),
    "another till's": instead(command(6, terminal=OTHER)),
    "over": instead(command(6, until=NOW - 1)),
    "a stranger's": instead(command(6, keys=STRANGER)),
    "renumbered": lambda question, answer: altered(version=8)(question, command(5).piece(0)),
    "another kind": instead(Document("texts", 6, GENUINE_COMMAND.body)),
}


def accepted(without=""):
    """The attacks that got something through which the fleet did not give to this till now. without: a check left out."""
    kept, longest = document.CHECKS, document.LENGTHS["catalogue"]
    document.LENGTHS["catalogue"] = 4 * PIECE
    document.CHECKS = [check for check in kept if check[0] != without]
    through = []
    try:
        for name in sorted(TAMPERING):
            if [text for text in tampered(TAMPERING[name], without, catalogue=6) if text != GENUINE.all]:
                through.append(name)
        for name in sorted(ON_COMMANDS):
            if [text for text in tampered(ON_COMMANDS[name], without, command=6) if text != GENUINE_COMMAND.all]:
                through.append("command: " + name)
    finally:
        document.CHECKS, document.LENGTHS["catalogue"] = kept, longest
    return through


def tampered(attack, without, **hint):
    """What gets through, label and body."""
    taken = []

    async def tell(office):
        async def believing(label):
            return await office.archive.held(label) >= 0

        if without == "hash":
            office.archive.whole = believing
        office.hint(**hint)
        await vtime.sleep_ms(15_000)
        taken.extend(await office.taken())

    story(tell, out=[GENUINE, GENUINE_COMMAND], between=attack, applied={"catalogue": 5, "command": 5})
    return taken


def test_the_honest_answer_gets_through():
    """Else the next test would prove nothing."""
    assert tampered(lambda question, answer: answer, "", catalogue=6) == [GENUINE.all]
    assert tampered(lambda question, answer: answer, "", command=6) == [GENUINE_COMMAND.all]


def test_nothing_tampered_with_is_accepted():
    assert len(TAMPERING) + len(ON_COMMANDS) >= 15
    assert accepted() == []


def test_each_check_is_needed():
    """The control: with one check left out, an attack gets through."""
    for check in ("key", "terminal", "version", "expired", "length", "hash"):
        assert accepted(check), check


def test_a_forged_hint_costs_questions_and_not_many():
    async def tell(office):
        for _ in range(1000):
            office.hint(catalogue=99, command=99, settings=99)
            await vtime.sleep_ms(100)
        assert len(office.asked) < 10
        assert not office.downlink.waiting and not office.obeyed

    story(tell)


def test_who_tampers_all_day_is_asked_ever_more_seldom():
    async def tell(office):
        for _ in range(24 * 60):
            office.hint(catalogue=6)
            await vtime.sleep_ms(60_000)
        assert len(office.asked) < 60, len(office.asked)
        assert len(office.refused) == 1
        office.between = lambda question, answer: answer
        await vtime.sleep_ms(5_000_000)
        assert await office.whole() == GENUINE.body

    story(tell, out=[GENUINE], between=TAMPERING["another hash"])


def test_an_office_double_gives_what_it_has():
    office = Office([catalogue(2)])
    assert office.answer({"kind": "catalogue", "after": 2}) == {"none": True}
