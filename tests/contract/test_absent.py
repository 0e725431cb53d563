"""What a port costs that has nothing to say, or no device: wake-ups."""

import asyncio

import pytest

from hal import absent
from tests.contract.modem_stand import MAKERS, standing

HOUR_S = 3600


def test_a_device_that_stays_away_is_looked_for_less_and_less():
    looks, at = [], 0.0
    while at < 3600:
        looks.append(at)
        at += absent.pause_s(len(looks) - 1)
    assert len([each for each in looks if each < 30]) == 30, "soon at first: a cable was put back"
    assert len([each for each in looks if each > 600]) <= 51, "then once a minute"


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(("registration", "most"), [("home", 1.5), ("searching", 1.1)])
def test_a_modem_that_is_quiet_is_asked_once_in_five_minutes(maker, registration, most):
    async def story(stand):
        stand.chip.registration = registration
        stand.start()
        await asyncio.sleep(600)  # until it is asked as rarely as it ever is
        assert 0 < await stand.woken(HOUR_S) * 60 / HOUR_S <= most

    standing(maker, story)
