"""python -m sim.swarm: many tills sell at once; what the fleet has of it, and how fast, as a table, a chart and JSON."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from sim.swarm.chart import svg
from sim.swarm.run import Outcome, Plan, swarm
from sim.swarm.yard import KILLS, Yard

WRONG, ENVIRONMENT, INTERRUPTED = 1, 5, 130


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim.swarm", description="Many light tills, one fleet.")
    parser.add_argument("--terminals", type=int, default=200, metavar="N")
    parser.add_argument("--rate", type=float, default=100.0, metavar="R", help="sales a second, of all together")
    parser.add_argument("--seconds", type=float, default=30.0, help="of selling")
    parser.add_argument("--drain", type=float, default=60.0, help="seconds that the last sales may take")
    parser.add_argument("--brokers", choices=("one", "three", "nats"), default="one")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--collectors", type=int, default=1)
    parser.add_argument("--kill", action="append", choices=KILLS, default=[], help="kill -9, in turn, while they sell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chart", type=Path, default=Path("out/swarm.svg"), metavar="FILE")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    told = parser.parse_args()
    if not 1 <= told.terminals <= 9999 or told.rate <= 0 or told.seconds <= 0 or told.collectors < 1:
        parser.error("terminals 1..9999, a rate and seconds above 0, and a collector at least")
    return told


def engines(told: argparse.Namespace) -> str:
    """The other end, in words."""
    brokers = {"one": "one broker", "three": "three brokers", "nats": "three NATS servers"}[told.brokers]
    collectors = "one collector" if told.collectors == 1 else f"{told.collectors} collectors"
    return f"{brokers}, {collectors}, {'PostgreSQL' if told.database == 'postgres' else 'SQLite'}"


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def report(told: argparse.Namespace, outcome: Outcome) -> int:
    score, judged, ended = outcome
    row = score.as_json(judged)
    row |= {"terminals": told.terminals, "rate": told.rate, "pauses_s": [[what, round(s, 2)] for what, s in score.pauses(ended)]}
    for name in ("sent", "acknowledged", "lost", "doubled", "altered"):
        print(f"{name:<14} {row[name]:>9,}")
    print(f"sale to ledger p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms, longest {row['max_ms']} ms")
    for what, pause in score.pauses(ended):
        print(f"kill -9 {what}: the longest silence after it {pause:.2f} s")
    if told.chart:
        told.chart.parent.mkdir(parents=True, exist_ok=True)
        title = f"{told.terminals} tills, {told.rate:g} sales a second; {engines(told)}"
        told.chart.write_text(svg(score, title), encoding="utf-8")
        print(f"chart: {told.chart}")
    if told.json:
        print(json.dumps(row))
    return 0 if outcome.good else WRONG


def main() -> int:
    told = options()
    folder = Path(tempfile.mkdtemp(prefix="barrow-swarm-"))
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own, and must come through
    try:
        plan = Plan(told.terminals, told.rate, told.seconds, told.drain, tuple(told.kill), told.seed)
        yard = Yard(folder, told.brokers, told.database, told.collectors)
        say(f"starting: {engines(told)}")
        return report(told, asyncio.run(swarm(plan, yard, folder, say)))
    except OSError as fault:
        print(f"the other end did not come up: {fault}", file=sys.stderr)
        return ENVIRONMENT
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
