"""`make bench`: the numbers of the design, each beside its peer, as a table and in out/bench.json.

The numbers are ratios or counts where they can be: bytes on the virtual bus, virtual time of bus, wire and head. What
is measured in real time on a shared machine is said to be so."""

import json
import sys
from pathlib import Path

from tests.bench import air, boot, display, idle, ingest, install, journal, keys, modem, mpy, panels, receipt, tls
from tests.bench.figure import Figure

OUT = Path(__file__).parents[2] / "out"
PARTS = (display, panels, keys, receipt, boot, install, idle, journal, mpy, modem, tls, air, ingest)


def table(figures: "list[Figure]") -> str:
    rows = [("what", "value", "unit", "limit", "peer", "its value", "ratio", "")]
    rows += [figure.row() for figure in figures]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def main() -> int:
    figures: list[Figure] = []
    for part in PARTS:
        name = part.__name__.rsplit(".", 1)[1]
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += part.measure()
    OUT.mkdir(exist_ok=True)
    (OUT / "bench.json").write_text(json.dumps({figure.name: figure.as_json() for figure in figures}, indent=1) + "\n")
    print(table(figures))
    missed = [figure.name for figure in figures if not figure.held()]
    print(f"{len(figures) - len(missed)} held, {len(missed)} missed{': ' + ', '.join(missed) if missed else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
