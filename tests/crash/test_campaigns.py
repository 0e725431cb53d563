"""A slice of every campaign of the torture bench, with its controls; `make torture` runs them whole."""

import os

import pytest

from sim.setup import Setup
from tests.crash.__main__ import CAMPAIGNS
from tests.crash.campaign import Campaign
from tests.crash.day_marks import leaves_its_mark
from tests.crash.day_troubles import BLOWS
from tests.crash.doubts import kinds_without_a_body
from tests.crash.runner import Limits, run, table
from tests.crash.till_days import diary_of, live

SLICED = [campaign for campaign in CAMPAIGNS if campaign.slice]  # the others say which test has each of their cases once


@pytest.mark.parametrize("campaign", SLICED, ids=lambda campaign: campaign.name)
def test_a_slice_of_the_campaign_is_clean_and_its_controls_are_caught(campaign: Campaign):
    lacks = campaign.missing()
    if lacks and (os.environ.get("CI") != "true" or "apt install" not in lacks):
        pytest.skip(lacks)  # a package that CI promised must be there; a machine without FUSE is what it is
    assert not lacks
    with open(os.devnull, "w") as nowhere:
        outcome = run(campaign, Limits(cases=campaign.slice, workers=2), nowhere)
    assert outcome.good, table([outcome])
    assert outcome.tally.tried >= campaign.slice and outcome.controls


def test_a_trouble_that_does_nothing_leaves_no_mark(monkeypatch):
    monkeypatch.setitem(BLOWS, "hold", lambda chance: ["keys F3 hold:CANCEL", "keys F1 CASH OK OK", "keys MENU 5 1"])
    diary_of.cache_clear()
    assert not leaves_its_mark("hold", diary_of)
    diary_of.cache_clear()


def test_every_kind_of_frame_meets_the_faults():
    assert kinds_without_a_body() == set()


def test_a_day_that_ends_with_a_cut_armed_for_its_boot_boots_again():
    assert live(["keys F1 CASH OK OK", "power cut", "power cut at sync 1", "power on", "power cut at sync 1"], Setup()).sales == 1
