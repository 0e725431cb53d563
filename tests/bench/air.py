"""The air: what a sale weighs on it, how fast a backlog goes over it, and what a bad line cannot do to the books."""

from tests.bench import air_backlog, air_bytes, air_weeks
from tests.bench.air_stand import sold
from tests.bench.figure import Figure


def measure() -> "list[Figure]":
    records = sold(air_bytes.SALES)
    return [figure for part in (air_bytes, air_backlog, air_weeks) for figure in part.measure(records)]


if __name__ == "__main__":
    for figure in measure():
        print("  ".join(figure.row()))
