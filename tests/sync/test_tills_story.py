"""The fleet's list of keys on a whole till: what it needs no line for, and what nobody can make it believe."""

import asyncio
import json
import random

from firmware.sale import proof
from firmware.sync.wire import countersigned, document, tills
from fleet import sign
from fleet.collector import Collector
from hal import keystore
from tests.sync.desk import TILL, play

OTHER = "BARROW-0002"
SALE = {"no": 7, "total": 1580, "cur": "GBP", "at": 1795271526}


def receipt(seed=1, terminal=OTHER, **more):
    """The code on a receipt of another till; seed: of its key."""
    return proof.text(keystore.seeded(seed, terminal), terminal, SALE | more, bytes(32))


def list_of(seed):
    return tills.body([(OTHER, [tills.Key(keystore.seeded(seed, OTHER).public(), 0)])])


async def verdict(desk, text):
    """What the till says of a receipt that is scanned."""
    await desk.until(lambda: desk.world.frame.id == "idle")
    desk.world.scan(text)
    await desk.until(lambda: desk.world.frame.id == "check")
    told = desk.world.frame.fields["verdict"]
    await desk.keys("OK")
    return told


def test_what_the_fleet_told_holds_after_a_boot_without_a_line_and_after_rot_on_one_disk():
    async def story(desk):
        desk.world.push_tills([OTHER], [])
        await desk.until(lambda: desk.used() == [("tills", 1)])
        assert desk.ends.collector.documents.hint(TILL) == {}
        desk.world.set_link("off")
        for disk in (None, desk.world.rig.disk, desk.world.rig.mirror):
            desk.world.power_cut()
            if disk:
                disk.flip("doc-tills-00000001.seg", 2048 + 40)
            await desk.boot()
            if disk is desk.world.rig.mirror:
                await desk.until(lambda: desk.world.frame.id == "notice")
                await desk.keys("OK")
                assert await verdict(desk, receipt()) == "unknown", "no sound copy: no word for or against"
            else:
                assert await verdict(desk, receipt()) == "genuine"
                assert await verdict(desk, receipt(2)) == "forged"
        desk.world.set_link("wifi")
        await desk.until(lambda: len(desk.used()) == 2)
        assert await verdict(desk, receipt()) == "genuine", "it came again"

    play(story)


def test_the_collector_makes_and_gives_out_the_list_by_itself():
    async def story(desk):
        ends = desk.ends
        await ends.fleet(False)
        ends.collector = Collector(ends.books, ends.now, sign=ends.key.sign, watch_s=2)
        ends.collecting = asyncio.create_task(ends.collector.run(ends.call))
        await desk.until(lambda: desk.used() == [("tills", 1)], 60)
        row = (OTHER, keystore.seeded(1, OTHER).public(), ends.now())
        ends.books.db.execute("INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, ?, 0)", row)
        await desk.until(lambda: desk.used()[-1] == ("tills", 2), 60)
        desk.world.set_link("off")
        assert await verdict(desk, receipt()) == "genuine"

    play(story)


def test_a_till_newer_than_the_list_is_asked_for_where_there_is_a_line():
    async def story(desk):
        desk.world.push_tills([OTHER], [])
        await desk.until(lambda: desk.used() == [("tills", 1)])
        new = keystore.seeded(2, OTHER).public()
        desk.ends.books.db.execute("UPDATE tills SET key = ? WHERE terminal = ?", (new, OTHER))
        assert await verdict(desk, receipt(2)) == "genuine", "other hardware since then"
        assert await verdict(desk, receipt()) == "genuine"
        assert await verdict(desk, receipt(3)) == "forged"

    play(story)


def test_a_list_of_somebody_else_s_is_never_believed():
    """Whoever holds the broker, or another fleet, signs a list in which a forger's key stands."""
    stranger = sign.seeded(2)

    def between(messages):
        told = []
        for topic, payload in messages:
            answer = json.loads(payload)
            label = answer.get("body", {}).get("label") if topic.endswith("dn/res") else None
            if label and label["kind"] == "tills":
                body = list_of(2)
                answer["body"] = document.chunk(document.label("tills", 9, "*", 0, 0, "d", body, stranger.sign), 0, body)
                del answer["s"]
                payload = wire_signed(topic, answer)
            told.append((topic, payload))
        return told

    async def story(desk):
        desk.world.push_tills([OTHER], [])
        await desk.pass_s(120)
        assert desk.used() == [] and desk.said("not signed by this till's fleet")
        desk.world.set_link("off")
        assert await verdict(desk, receipt(2)) == "unknown"

    play(story, between=between)


def wire_signed(topic, answer):
    """The envelope is the honest fleet's: only the label inside is another's."""
    return countersigned(topic, json.dumps(answer).encode(), sign.seeded(1).sign)


def test_a_list_from_before_a_key_ended_does_not_come_back():
    """The old version, signed by the fleet itself, played again after the newer one: also after a boot."""
    kept = {}

    def between(messages):
        told = []
        for topic, payload in messages:
            answer = json.loads(payload)
            if topic.endswith("dn/res") and "label" in answer.get("body", {}):
                kept.setdefault("first", answer["body"])
                if kept.get("play"):
                    del answer["s"]
                    payload = wire_signed(topic, answer | {"body": kept["first"]})
            told.append((topic, payload))
        return told

    async def story(desk):
        desk.world.push_tills([OTHER], [])
        await desk.until(lambda: desk.used() == [("tills", 1)])
        desk.world.push_tills([], [OTHER])
        await desk.until(lambda: desk.used() == [("tills", 1), ("tills", 2)])
        late = receipt(at=SALE["at"] + 86_400)
        kept["play"] = True
        desk.world.push_tills(["BARROW-0003"], [])
        desk.world.power_cut()
        await desk.boot()
        await desk.pass_s(120)
        assert desk.used()[-1] == ("tills", 2) and desk.said("version: version 1, and 2 is in use")
        desk.world.set_link("off")
        assert await verdict(desk, late) == "ended"

    play(story, between=between)


def test_a_wrong_list_of_the_fleet_s_own_is_declined_whole_and_the_one_before_stands():
    async def story(desk):
        desk.world.push_tills([OTHER], [])
        await desk.until(lambda: desk.used() == [("tills", 1)])
        bad = list_of(2).replace(b'",0]', b'",-1]')
        desk.push("tills", bad, terminal="*")
        await desk.until(lambda: desk.ends.collector.documents.refusals())
        assert desk.ends.collector.documents.refusals()[0][:3] == (TILL, "tills", 2)
        desk.world.set_link("off")
        assert await verdict(desk, receipt()) == "genuine" and desk.used() == [("tills", 1)]

    play(story)


def test_the_power_may_go_at_any_write_while_a_long_list_comes():
    chance = random.Random(1)

    async def story(desk):
        names = [f"STALL-{n:05}" for n in range(300)]
        desk.world.push_tills([OTHER, *names], [])
        desk.world.arm_cut_at_sync(chance.randint(1, 9))
        await desk.pass_s(20)
        desk.world.power_cut()
        await desk.boot()
        await desk.until(lambda: desk.used() == [("tills", 1)])
        desk.world.set_link("off")
        assert await verdict(desk, receipt()) == "genuine"
        assert await verdict(desk, receipt(terminal="STALL-00123")) == "genuine"

    for _ in range(3):
        play(story)
