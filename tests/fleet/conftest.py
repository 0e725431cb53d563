"""The two databases that a ledger may live in: tests that ask for `where` run on both."""

import pytest

from fleet.connect import connect
from tests.fleet.cluster import Cluster, need

counted = iter(range(1, 1 << 30))


@pytest.fixture(scope="session")
def cluster():
    need()
    made = Cluster()
    try:
        yield made.up()
    finally:
        made.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    """A path or a URL under which nothing is yet."""
    if request.param == "sqlite":
        return tmp_path / "ledger.db"
    cluster = request.getfixturevalue("cluster")
    name = f"t{next(counted)}"
    db = connect(cluster.url())
    db.execute(f"CREATE SCHEMA {name}")
    db.close()
    return cluster.url(options=f"-csearch_path%3D{name}")
