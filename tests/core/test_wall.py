"""Dates and times as they stand on paper and in the status bar."""

from firmware import wall
from tests.core.shop import Chance


def test_known_days():
    for seconds, text in (
        (0, "1970-01-01 00:00"),
        (1795271526, "2026-11-21 14:32"),
        (951782399, "2000-02-28 23:59"),
        (951782400, "2000-02-29 00:00"),
        (4107542399, "2100-02-28 23:59"),
        (4107542400, "2100-03-01 00:00"),
        (-1, "1969-12-31 23:59"),
        (82_800, "1970-01-01 23:00"),
    ):
        assert wall.text(seconds) == text


def test_there_and_back():
    chance = Chance(5)
    for _ in range(2000):
        day = chance.below(80_000) - 10_000
        assert wall.days(*wall.civil(day)) == day


def test_days_that_do_not_exist():
    for date in ((2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0), (2026, 1, 32)):
        assert wall.days(*date) is None
    assert wall.local_seconds(2026, 11, 21, 24, 0) is None and wall.local_seconds(2026, 11, 21, 0, 60) is None
    assert wall.local_seconds(2026, 11, 21, 14, 32) == 1795271520
    assert wall.local_seconds(1970, 1, 1, 0, 0) == 0
