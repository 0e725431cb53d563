"""A till without a certificate: the code on its screen, what is asked at the door, and what becomes of the answers."""

from firmware.journal.rollup import Rollup
from firmware.sync import door
from hal.ports import board as ports
from hal.ports.faults import LinkDown, WireFault
from hal.ports.keys import LinkMoved
from tests.core import vtime
from tests.core.board import day
from tests.core.devices import Keys

TILL = "STALL-0001"
PUBLIC, REQUEST = b"public key of TLS", b"request for a certificate"
CODE = door.code(TILL, PUBLIC, Keys().public())
GRANTED = door.answer(door.ENROLLED, b"certificate", b"documents", 0)


class Identity(ports.Identity):
    """What b"strange" is in a certificate is not ours."""

    def __init__(self, held=False):
        self.has = held
        self.cut = False

    def held(self):
        return self.has

    def request(self):
        return REQUEST

    def public(self):
        return PUBLIC

    def check(self, certificate, documents):
        if certificate == b"strange":
            raise ValueError("the certificate is for another key")

    async def take(self, certificate, documents):
        if self.cut:
            raise OSError("the power went")
        self.has = True


class Door(ports.Link):
    """Says `answer` to whoever asks; "" is silence. asked: (topic, payload)."""

    def __init__(self, answer=b"", open=True):
        self.answer, self.open = answer, open
        self.asked, self.calls = [], []

    def start(self, post, on_message):
        self.post, self.on_message = post, on_message

    async def connect(self, client_id, subscribe, will_topic, will, keepalive_s):
        self.calls.append((client_id, subscribe, will_topic))
        if not self.open:
            raise LinkDown("nobody opens")
        self.state = "online"
        self.post(LinkMoved())

    async def publish(self, topic, payload, qos, retain):
        self.asked.append((topic, payload))
        if self.answer:
            self.on_message(topic[:-2] + "dn", self.answer)

    async def disconnect(self):
        self.state = "line"


def refusal(read, *args):
    try:
        read(*args)
    except (WireFault, ValueError) as fault:
        return str(fault)
    raise AssertionError("not refused")


# ---- the code


def test_a_code_stands_for_a_name_and_two_keys():
    assert len(CODE) == 13 and all(sign in door.SIGNS for sign in CODE)
    others = [("STALL-0002", PUBLIC, Keys().public()), (TILL, b"another", Keys().public()), (TILL, PUBLIC, Keys(b"X").public())]
    assert len(set([CODE] + [door.code(*each) for each in others])) == 4
    assert door.code(TILL, PUBLIC, bytes(32)) == "9DW0HSCBXKX5G"  # on either interpreter


def test_people_may_type_it_as_they_read_it():
    shown = "-".join(door.grouped(CODE))
    assert [len(group) for group in door.grouped(CODE)] == [4, 4, 4, 1]
    for typed in (CODE, shown, shown.lower(), " " + shown.replace("-", " "), CODE.replace("0", "o").replace("1", "l")):
        assert door.typed(typed) == CODE
    assert door.scanned(door.picture(TILL, CODE)) == (TILL, CODE)
    for wrong in ("", CODE[:-1], CODE + "0", "U" * 13, "!" * 13):
        assert "13 signs" in refusal(door.typed, wrong)
    assert refusal(door.scanned, CODE) and refusal(door.scanned, "stall/" + CODE)


def test_every_single_slip_is_seen():
    for i in range(len(CODE)):
        for sign in door.SIGNS:
            if sign != CODE[i]:
                assert "not right" in refusal(door.typed, CODE[:i] + sign + CODE[i + 1 :])


# ---- the messages


def test_what_is_asked_says_who_asks_and_for_what():
    said = door.read_ask(door.ask(CODE, TILL, REQUEST, Keys()))
    assert said["t"] == TILL and said["csr"] == REQUEST and len(said["k"]) == 64
    assert door.claimed(door.up(CODE)) == CODE
    for topic in (door.down(CODE), door.up(CODE) + "/x", door.up(CODE.lower()), "barrow/v1/claim//up", "barrow/v1/claim/+/up"):
        assert "none of the door's" in refusal(door.claimed, topic)


def test_an_answer_is_read_to_its_last_field():
    said = door.read_answer(door.answer(door.ENROLLED, b"c" * 900, b"d" * 900, 100001))
    assert (said["crt"], said["doc"], said["first"]) == (b"c" * 900, b"d" * 900, 100001)
    assert door.read_answer(door.answer(door.REFUSED, why="revoked"))["why"] == "revoked"
    for payload in (
        b"", b"{}", b'{"state":"waiting","v":2}', b'{"state":"odd","v":1}', b'{"state":"enrolled","v":1}',
        b'{"state":"refused","v":1}', GRANTED.replace(b'"first":0', b'"first":9007199254740991'),
        GRANTED.replace(b'"crt":"', b'"crt":"!'), GRANTED[:-1], b"x" * 5000,
    ):  # fmt: skip
        assert refusal(door.read_answer, payload)


# ---- the till


def test_a_new_till_shows_its_code_and_sells_as_soon_as_a_key_is_pressed():
    async def story(bench):
        bench.see("claim", state="asking", code="-".join(door.grouped(CODE)))
        await bench.keys("OK")
        bench.see("idle")
        await bench.keys("8 5 0 OK CASH OK")
        assert len(await bench.records("sale")) == 1

    day(story, identity=Identity(), door=Door(open=False))


def test_it_waits_until_the_fleet_has_taken_the_code():
    knocked = Door(door.answer(door.WAITING))
    own = Identity()

    async def story(bench):
        bench.link.raise_line()
        await vtime.sleep_ms(500)
        bench.see("claim", state="waiting", code="-".join(door.grouped(CODE)))
        assert knocked.calls == [(CODE, door.down(CODE), "")]
        assert door.read_ask(knocked.asked[0][1])["csr"] == REQUEST and knocked.asked[0][0] == door.up(CODE)
        knocked.answer = GRANTED
        await vtime.sleep_ms(6000)
        bench.see("claim", state="enrolled")
        assert own.has and knocked.state == "line"
        (record,) = await bench.records("enrolled")
        assert record["claim"] == CODE and record["first"] == 0
        count = len(knocked.asked)
        await vtime.sleep_ms(60_000)
        assert len(knocked.asked) == count
        await bench.keys("OK")
        bench.see("idle")

    day(story, identity=own, door=knocked)


def test_nobody_at_the_counter_need_look_at_it():
    own = Identity()
    knocked = Door(door.answer(door.WAITING))

    async def story(bench):
        await bench.keys("BACK")
        bench.link.raise_line()
        await vtime.sleep_ms(59_000)
        assert len(knocked.asked) == 1  # a call that nobody waits for costs little
        knocked.answer = GRANTED
        await vtime.sleep_ms(60_000)
        assert own.has
        await bench.keys("MENU 9 6")
        bench.see("claim", state="enrolled")

    day(story, identity=own, door=knocked)


def test_other_hardware_in_an_old_name_numbers_on_from_beyond_it():
    async def story(bench):
        bench.link.raise_line()
        await vtime.sleep_ms(500)
        await bench.keys("OK 8 5 0 OK CASH OK")
        (sold,) = await bench.records("sale")
        assert sold["no"] == 100001

    bench = day(story, identity=Identity(), door=Door(door.answer(door.ENROLLED, b"c", b"d", 100001)))

    async def tomorrow(bench):
        await bench.keys("8 5 0 OK CASH OK")
        assert [record["no"] for record in await bench.records("sale")] == [100001, 100002]

    day(tomorrow, store=bench.store, identity=Identity(held=True), door=Door(open=False))


def test_its_numbers_outlive_the_segment_that_says_so():
    first = Rollup(1)
    first.fold({"kind": "enrolled", "first": 100001})
    again = Rollup(1)
    again.restore(first.snapshot())
    assert first.next_no == again.next_no == 100001
    assert Rollup(1).snapshot() == {} and Rollup(1).next_no == 1


def test_a_cut_before_the_certificate_is_kept_claims_again():
    own = Identity()
    own.cut = True

    async def story(bench):
        bench.link.raise_line()
        await vtime.sleep_ms(500)
        assert not own.has and len(await bench.records("enrolled")) == 1

    bench = day(story, identity=own, door=Door(GRANTED))

    async def again(bench):
        bench.link.raise_line()
        await vtime.sleep_ms(500)
        bench.see("claim", state="enrolled")

    day(again, store=bench.store, identity=Identity(), door=Door(GRANTED))


def test_what_is_not_ours_or_not_our_fleet_s_is_not_taken():
    own = Identity()

    async def story(bench):
        bench.link.raise_line()
        await vtime.sleep_ms(500)
        bench.see("claim", state="strange")
        assert not own.has and await bench.records("enrolled") == []

    day(story, identity=own, door=Door(door.answer(door.ENROLLED, b"strange", b"d", 0)))


def test_noise_at_the_door_is_logged_without_its_content_and_forgotten():
    knocked = Door(b'{"state":"SECRET"}')

    async def story(bench):
        bench.link.raise_line()
        await vtime.sleep_ms(30_000)
        bench.see("claim", state="asking", code="-".join(door.grouped(CODE)))
        knocked.on_message("barrow/v1/claim/another/dn", GRANTED)
        await vtime.sleep_ms(100)
        lines = "\n".join(bench.log.lines)
        assert "ignored a message at the door" in lines and "SECRET" not in lines

    day(story, identity=Identity(), door=knocked)


def test_a_till_that_nobody_lets_in_any_more_asks_why_and_sells_on():
    knocked = Door(door.answer(door.REFUSED, why=door.REVOKED))

    async def story(bench):
        bench.see("idle")
        bench.link.raise_line()
        await vtime.sleep_ms(100_000)
        assert knocked.asked == []
        await vtime.sleep_ms(60_000)
        assert len(knocked.asked) == 1
        assert "took this till back" in bench.screen.frame.fields["text"]
        await bench.keys("OK 8 5 0 OK CASH OK")
        assert len(await bench.records("sale")) == 1
        await bench.keys("OK MENU 9 6")
        bench.see("claim", state="refused")

    day(story, identity=Identity(held=True), door=knocked)


def test_where_the_brokers_want_no_certificate_there_is_nothing_to_claim():
    async def story(bench):
        bench.see("idle")
        await bench.keys("MENU 9 6")
        assert bench.screen.frame.id == "notice"

    day(story)


def test_a_till_that_has_sold_is_not_held_up_at_its_boot():
    async def first(bench):
        await bench.keys("OK 8 5 0 OK CASH OK")

    bench = day(first, identity=Identity(), door=Door(open=False))

    async def second(bench):
        assert bench.screen.frame.id != "claim"

    day(second, store=bench.store, identity=Identity(), door=Door(open=False))
