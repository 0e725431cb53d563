"""What a port costs that has nothing to say, or no device: wake-ups."""

import asyncio

from hal import absent
from tests.contract.modem_stand import standing


def test_a_device_that_stays_away_is_looked_for_less_and_less():
    looks, at = [], 0.0
    while at < 3600:
        looks.append(at)
        at += absent.pause_s(len(looks) - 1)
    assert len([each for each in looks if each < 30]) == 30, "soon at first: a cable was put back"
    assert len([each for each in looks if each > 600]) <= 51, "then once a minute"


def test_a_modem_that_is_quiet_wakes_nobody_but_for_its_signal():
    async def story(stand):
        await stand.up()
        reads, read = [], stand.line.port.read

        async def counted(n, timeout_ms):
            data = await read(n, timeout_ms)
            reads.append(data)
            return data

        stand.line.port.read = counted
        await asyncio.sleep(600)
        assert b"" not in reads, "no look at a port that was silent"
        assert len(reads) <= 10 * 6, "the answers to one look a minute"

    for maker in ("quectel", "simcom"):
        standing(maker, story)
