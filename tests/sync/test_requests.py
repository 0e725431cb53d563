"""A till asks its fleet over a real session, while broker and collector come and go: each question is done once."""

import asyncio

from firmware.sync.request import Unanswered
from hal.ports.faults import LinkDown
from sim.clock import VirtualLoop
from tests.sync.stack import TILL, Fleet, Stall, arrived


def play(story):
    """Run it in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story())


async def asks_while_all_comes_and_goes():
    fleet = Fleet()
    stall = Stall(fleet)
    fleet.up()
    await stall.power_on()
    await stall.sell(3)
    await arrived(stall)
    deeds = []
    told = []

    def pay(terminal, body):
        deeds.append((terminal, body["n"]))
        return body

    async def one(n):
        while True:
            requests = stall.life.courier.requests
            try:
                told.append((await requests.ask("pay", {"n": n}, 20_000, True))["n"])
                return
            except LinkDown:
                await asyncio.sleep(1)
            except Unanswered:
                break
        [id] = [id for id, _, body in requests.open() if body["n"] == n]
        while True:
            try:
                told.append((await requests.again(id, 20_000))["n"])
                return
            except (LinkDown, Unanswered):
                await asyncio.sleep(1)

    async def trouble():
        for n in range(40):
            await asyncio.sleep(7)
            fleet.kill() if n % 2 else fleet.broker.down()
            await asyncio.sleep(1 + n % 9)
            fleet.broker.up()
            if not fleet.running:
                fleet.up()
            fleet.collector.clerk.answers.add("pay", pay)

    fleet.collector.clerk.answers.add("pay", pay)
    shaking = asyncio.create_task(trouble())
    for n in range(40):
        await one(n)
        await stall.sell()
        await asyncio.sleep(5)
    await shaking
    assert sorted(deeds) == [(TILL, n) for n in range(40)], "done twice, or not at all"
    assert told == list(range(40)) and len(stall.life.courier.requests.open()) == 40
    await arrived(stall)
    await asyncio.sleep(70)  # the longest pause between two calls
    sale = await stall.life.courier.requests.ask("sale", {"no": 2}, 5000)
    assert (sale["state"], sale["seq"]) == ("booked", 3)
    fleet.kill()


def test_each_question_is_done_once_while_broker_and_collector_come_and_go():
    play(asks_while_all_comes_and_goes)
