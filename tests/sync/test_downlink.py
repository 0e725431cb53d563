"""Orders from the fleet, from `push` to the screen and back into the ledger: real keys, and everything that may go wrong."""

import json
import random

import pytest

from firmware.sync import wire
from sim.chips.disk import idle
from sim.setup import profile_folder
from tests.sync.desk import TILL, catalogue, play

LOCK = {"do": "lock", "words": {"en": "Closed"}}


def test_a_price_changes_between_two_sales_and_the_fleet_knows():
    async def story(desk):
        await desk.keys("F1")
        desk.push("catalogue", catalogue("4.00", 40_000))
        await desk.pass_s(10)
        assert desk.said("catalogue 1: is here") and not desk.used()
        await desk.keys("F1")
        assert desk.world.frame.fields["total"] == "7.00"
        await desk.keys("CASH OK OK")
        assert await desk.coffee() == "4.00"
        await desk.until(lambda: desk.ends.collector.documents.used(TILL) == {"catalogue": 1})
        assert desk.ends.collector.documents.hint(TILL) == {}

    play(story)


@pytest.mark.parametrize("nth", range(1, 13))
def test_the_power_may_go_at_any_write_while_a_price_list_comes(nth):
    async def story(desk):
        desk.push("catalogue", catalogue("4.00"))
        assert await desk.coffee() == "4.00"
        desk.world.arm_cut_at_sync(nth)
        desk.push("catalogue", catalogue("4.50", 40_000))
        await desk.pass_s(20)
        desk.world.rig.disk.before_sync = idle
        desk.world.power_cut()
        await desk.boot()
        price = await desk.coffee()
        assert price in ("4.00", "4.50")
        assert price == "4.50" or desk.used() == [("catalogue", 1)]
        await desk.until(lambda: desk.used() == [("catalogue", 1), ("catalogue", 2)])
        assert await desk.coffee() == "4.50"
        desk.world.power_cut()
        desk.world.set_link("off")
        await desk.boot()
        assert await desk.coffee() == "4.50"
        assert not desk.said("damaged")

    play(story)


def test_pieces_that_came_before_a_dropped_line_are_not_asked_for_again():
    async def story(desk):
        asked = []
        doc = desk.ends.collector.documents.doc

        def seen(terminal, body):
            asked.append(body.get("at", 0))
            if len(asked) == 4:
                desk.world.set_link("off")
            return doc(terminal, body)

        desk.ends.collector.answers.add("doc", seen, stored=False)
        desk.push("catalogue", catalogue("4.00", 100_000))
        await desk.pass_s(60)
        assert len(asked) == 4 and not desk.used()
        desk.world.set_link("wifi")
        await desk.until(lambda: desk.used() == [("catalogue", 1)])
        assert asked == [0, *sorted(asked[1:])] and len(set(asked)) >= len(asked) - 1

    play(story)


def rot(desk, name):
    """A byte of the body, on both disks."""
    for disk in (desk.world.rig.disk, desk.world.rig.mirror):
        disk.flip(name, 2048 + 20)


def test_rot_in_a_document_brings_back_the_one_before_and_then_itself():
    async def story(desk):
        desk.push("catalogue", catalogue("4.00"))
        assert await desk.coffee() == "4.00"
        desk.push("catalogue", catalogue("4.50"))
        assert await desk.coffee() == "4.50"
        desk.world.power_cut()
        desk.world.set_link("off")
        rot(desk, "doc-catalogue-00000002.seg")
        await desk.boot()
        assert desk.world.frame.id == "notice" and desk.world.frame.fields["text"] == "Fleet data damaged"
        await desk.keys("OK")
        assert await desk.coffee() == "4.00"
        desk.world.set_link("wifi")
        await desk.until(lambda: len(desk.used()) == 3)
        assert await desk.coffee() == "4.50"
        desk.world.power_cut()
        await desk.boot()
        assert await desk.coffee() == "4.50"

    play(story)


def test_rot_in_the_only_document_brings_back_the_profile():
    async def story(desk):
        desk.push("catalogue", catalogue("4.00"))
        assert await desk.coffee() == "4.00"
        desk.world.power_cut()
        rot(desk, "doc-catalogue-00000001.seg")
        await desk.boot()
        await desk.until(lambda: desk.world.frame.id == "notice", 5)
        await desk.keys("OK")
        await desk.until(lambda: len(desk.used()) == 2)
        assert await desk.coffee() == "4.00"

    play(story)


def test_one_copy_is_enough():
    async def story(desk):
        desk.push("catalogue", catalogue("4.00"))
        assert await desk.coffee() == "4.00"
        desk.world.power_cut()
        desk.world.rig.disk.flip("doc-catalogue-00000001.seg", 2048 + 20)
        await desk.boot()
        assert await desk.coffee() == "4.00" and len(desk.used()) == 1

    play(story)


def test_settings_wait_until_nothing_is_parked():
    async def story(desk):
        merchant = json.loads((profile_folder("market") / "merchant.json").read_bytes())
        merchant["taxes"]["standard"]["bp"] = 1000
        await desk.keys("F1 hold:OK")
        desk.push("settings", merchant)
        await desk.pass_s(30)
        assert desk.said("settings 1: is here") and not desk.used()
        await desk.keys("MENU 5 1 CASH OK OK")
        await desk.until(lambda: desk.used() == [("settings", 1)])
        assert desk.records("sale")[0]["tax"][0]["bp"] == 2000
        await desk.keys("F1 CASH OK OK")
        assert desk.records("sale")[1]["tax"][0]["bp"] == 1000

    play(story)


def test_a_price_list_that_begins_tomorrow_begins_tomorrow():
    async def story(desk):
        desk.push("catalogue", catalogue("4.00"), start_s=3600)
        await desk.pass_s(3000)
        assert await desk.coffee() == "3.50" and desk.said("is here")
        await desk.pass_s(700)
        assert await desk.coffee() == "4.00"

    play(story)


def test_one_that_was_over_before_the_counter_was_idle_is_declined():
    async def story(desk):
        await desk.keys("F1")
        desk.push("catalogue", catalogue("4.00"), expires_s=60)
        await desk.pass_s(120)
        await desk.keys("CASH OK OK")
        assert await desk.coffee() == "3.50"
        assert not desk.used()
        await desk.until(lambda: len(desk.ends.collector.documents.refusals()) == 1)
        assert desk.ends.collector.documents.refusals()[0][:3] == (TILL, "catalogue", 1)

    play(story)


def test_a_wrong_row_refuses_all_and_the_fleet_is_told_which():
    async def story(desk):
        body = json.loads(catalogue("4.00"))
        body["items"][2]["price"] = "2.505"
        desk.push("catalogue", body)
        await desk.until(lambda: desk.ends.collector.documents.refusals() != [])
        [(_, kind, version, words)] = desk.ends.collector.documents.refusals()
        assert (kind, version) == ("catalogue", 1) and "row 3" in words and "price" in words
        assert await desk.coffee() == "3.50" and not desk.used()
        assert desk.ends.collector.documents.hint(TILL) == {}
        desk.push("catalogue", catalogue("4.25"))
        assert await desk.coffee() == "4.25"

    play(story)


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("texts", {"en": {"screen.idle.nonsense": "x"}}, "not a key"),
        ("texts", {"en": {"screen.idle.safe": "no place"}}, "places"),
        ("texts", {"fr": {}}, "language"),
        ("settings", {"shop": {}}, "missing"),
        ("catalogue", {"goods": []}, "known key"),
        ("catalogue", {"items": 5}, "list"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(kind, body, words):
    async def story(desk):
        desk.push(kind, body)
        await desk.until(lambda: desk.ends.collector.documents.refusals() != [])
        assert words in desk.ends.collector.documents.refusals()[0][3]
        assert await desk.coffee() == "3.50" and not desk.used()

    play(story)


def test_staff_and_limits_are_kept_for_those_who_will_read_them():
    async def story(desk):
        desk.push("staff", {"people": []})
        desk.push("limits", {"offline": "50.00"})
        await desk.until(lambda: sorted(desk.used()) == [("limits", 1), ("staff", 1)])
        assert {"doc-limits-00000001.seg", "doc-staff-00000001.seg"} <= set(desk.world.rig.disk.names())
        desk.world.power_cut()
        await desk.boot()
        assert not desk.said("damaged")

    play(story)


def test_commands_pushed_while_the_till_was_away_are_done_once_and_in_order():
    async def story(desk):
        desk.world.set_link("off")
        for text in ("one", "two", "three"):
            desk.push("command", {"do": "message", "words": {"en": text}})
        desk.push("command", LOCK)
        await desk.pass_s(5)
        desk.world.set_link("wifi")
        await desk.until(lambda: desk.world.frame.id == "locked")
        desk.world.power_cut()
        await desk.boot()
        assert desk.world.frame.id == "locked"
        desk.push("command", {"do": "unlock"})
        for text in ("one", "two", "three"):
            await desk.until(lambda text=text: desk.world.frame.fields.get("text") == text)
            await desk.keys("OK")
        await desk.until(lambda: desk.world.frame.id == "idle")
        assert [version for _, version in desk.used()] == [1, 2, 3, 4, 5]
        assert [record["version"] for record in desk.records("read")] == [1, 2, 3]

    play(story)


def test_the_log_goes_up_when_it_is_asked_for():
    async def story(desk):
        await desk.keys("F1 CASH OK OK")
        desk.push("command", {"do": "logs", "lines": 150})
        await desk.until(lambda: desk.used() == [("command", 1)])
        lines = desk.ends.collector.documents.lines(TILL)
        assert len(lines) == desk.records("document")[0]["lines"] > 10
        assert any("drawer kicked" in line for _, line in lines)

    play(story)


def test_rows_that_the_ledger_lost_come_back():
    async def story(desk):
        for _ in range(8):
            await desk.keys("F1 CASH OK OK")
        await desk.pass_s(10)
        asked = "SELECT terminal, seq, kind, no, payload, total FROM frames WHERE seq <= 14 ORDER BY seq"
        whole = desk.ledger(asked)
        assert len(whole) == 14
        desk.ledger("DELETE FROM frames WHERE seq BETWEEN 3 AND 7")
        desk.push("command", {"do": "resend", "from": 3})
        await desk.until(lambda: len(desk.ledger(asked)) == 14)
        assert desk.ledger(asked) == whole
        await desk.until(lambda: desk.used() == [("command", 1)])
        assert desk.ends.books.alarms() == [] and not desk.said("ALARM")

    play(story)


# ---- a broker that tampers with whatever comes down


class Hostile:
    """Half of what the fleet sends is changed on its way, in one of these ways."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.heard = []
        self.changed = 0

    def __call__(self, messages):
        told = []
        for topic, payload in messages:
            self.heard.append((topic, payload))
            if topic.endswith(wire.DN_ACK) or self.chance.random() < 0.5:
                told.append((topic, payload))
            else:
                self.changed += 1
                told += self.chance.choice((self.flip, self.cut, self.longer, self.replay, self.twice, self.swap, self.lose))(
                    topic, payload
                )
        return told

    def flip(self, topic, payload):
        at = self.chance.randrange(len(payload))
        return [(topic, payload[:at] + bytes([payload[at] ^ 1 << self.chance.randrange(8)]) + payload[at + 1 :])]

    def cut(self, topic, payload):
        return [(topic, payload[: self.chance.randrange(len(payload))])]

    def longer(self, topic, payload):
        return [(topic, payload + self.chance.randbytes(self.chance.randrange(1, 40)))]

    def replay(self, topic, payload):
        return [self.chance.choice(self.heard)]

    def twice(self, topic, payload):
        return [(topic, payload), self.chance.choice(self.heard), (topic, payload)]

    def swap(self, topic, payload):
        old = self.chance.choice(self.heard)
        return [(topic, old[1]), (old[0], payload)]

    def lose(self, topic, payload):
        return []


@pytest.mark.parametrize("seed", range(4))
def test_a_broker_that_tampers_gets_nothing_in(seed):
    hostile = Hostile(seed)

    async def story(desk):
        prices = ["3.60", "3.70", "3.80", "3.90", "4.00"]
        for n, price in enumerate(prices):
            desk.push("catalogue", catalogue(price, 30_000))
            desk.push("command", {"do": "message", "words": {"en": f"now {price}"}})
            for _ in range(6):
                await desk.pass_s(20)
                if desk.world.frame.id in ("message", "notice"):
                    await desk.keys("OK")
            assert await priced(desk) in ["3.50", *prices[: n + 1]]
        desk.ends.collector.clerk.handle = type(desk.ends.collector.clerk).handle.__get__(desk.ends.collector.clerk)
        for _ in range(200):
            if ("catalogue", 5) in desk.used() and ("command", 5) in desk.used():
                break
            await desk.pass_s(60)
            desk.world.set_link("off")
            await desk.pass_s(1)
            desk.world.set_link("wifi")
        assert await priced(desk) == "4.00"
        commands = [version for kind, version in desk.used() if kind == "command"]
        lists = [version for kind, version in desk.used() if kind == "catalogue"]
        assert commands == [1, 2, 3, 4, 5] and lists == sorted(set(lists)) and lists[-1] == 5
        for record in desk.records("document"):
            [(label,)] = desk.ledger(
                "SELECT label FROM documents WHERE kind = ? AND version = ?", record["doc"], record["version"]
            )
            assert json.loads(bytes(label))["sha256"] == record["sha256"]
        assert hostile.changed > 5

    play(story, between=hostile)


async def priced(desk):
    while desk.world.frame.id in ("message", "notice"):
        await desk.keys("OK")
    return await desk.coffee()
