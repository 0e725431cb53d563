"""A slice of every campaign of the torture bench, with its controls; `make torture` runs them whole."""

import os

import pytest

from tests.crash.__main__ import CAMPAIGNS
from tests.crash.campaign import Campaign
from tests.crash.runner import Limits, run, table


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_a_slice_of_the_campaign_is_clean_and_its_controls_are_caught(campaign: Campaign):
    lacks = campaign.missing()
    if lacks and (os.environ.get("CI") != "true" or "apt install" not in lacks):
        pytest.skip(lacks)  # a package that CI promised must be there; a machine without FUSE is what it is
    assert not lacks
    with open(os.devnull, "w") as nowhere:
        outcome = run(campaign, Limits(cases=campaign.slice, workers=2), nowhere)
    assert outcome.good, table([outcome])
    assert outcome.tally.tried >= campaign.slice and outcome.controls
