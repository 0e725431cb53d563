"""A modem that says anything at all, to the driver: it takes it, and goes on living."""

import asyncio

from hypothesis import strategies as st

from tests.contract.modem_stand import standing
from tests.contract.test_modem_fuzz import WORDS

HELD_MAX = 8192  # bytes: a read on top of the longest block

shouts = st.lists(st.sampled_from(WORDS) | st.binary(max_size=40), max_size=40)


def shouted(pieces: "list[bytes]") -> None:
    """Twelve pieces a second, in the middle of a call; what the log says is printable (modem_stand.py)."""

    async def story(stand):
        await stand.up()
        sock = await stand.dial()
        for piece in pieces:
            stand.chip.wire.say(piece)
            await asyncio.sleep(0.08)
            assert stand.line.talk is None or stand.line.talk.splitter.held <= HELD_MAX
        await asyncio.sleep(20)
        assert not stand.line.life.done()
        sock.close()
        stand.chip.errors.clear()  # a driver that was lied to may say something in the wrong place

    standing("quectel", story)
    standing("simcom", story)
