"""Single lives on a bad line that once went wrong; `make torture C=sync_chaos` lives hundreds more."""

import logging

import pytest

from sim.clock import run
from tests.sync.chaos import bad_life, one_key_twice


@pytest.fixture(autouse=True)
def quiet():
    """asyncio's word on tasks that were ended in the middle."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def test_a_clone_whose_sessions_are_cut_short_is_told_of_all_the_same():
    run(one_key_twice(1000044, 40))


def test_an_honest_till_is_not_accused_by_a_hello_that_comes_late():
    run(bad_life(1000007, 100))
