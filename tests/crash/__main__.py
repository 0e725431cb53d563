"""`make torture`: the campaigns against the journal and the till, with a closing table and out/torture.json.

    python -m tests.crash [CAMPAIGN...] [--cases N] [--seconds N] [--seed N] [--workers N]

Exit code 1 when a sale was lost, doubled or altered, a control was not caught, a figure missed its limit, or, with CI=true, a
campaign could not run."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.bench.figure import Figure
from tests.crash import closing
from tests.crash.block_cuts import BlockCuts
from tests.crash.broker_probes import BrokerProbes
from tests.crash.campaign import Campaign
from tests.crash.disk_states import DiskStates
from tests.crash.fleet_kills import FleetKills
from tests.crash.fuzz import Fuzz
from tests.crash.io_faults import IoFaults
from tests.crash.kills import Kills, SyscallKills
from tests.crash.retire_cuts import RetireCuts
from tests.crash.runner import Limits, Outcome, run, table
from tests.crash.searches import Searches
from tests.crash.sync_chaos import SyncChaos
from tests.crash.tamper import Tamper
from tests.crash.till_days import TillDays

OUT = Path(__file__).parents[2] / "out"
CAMPAIGNS: tuple[Campaign, ...] = (
    DiskStates(),
    Searches(),
    RetireCuts(),
    Kills(),
    SyscallKills(),
    BlockCuts(),
    IoFaults(),
    TillDays(),
    Tamper(),
    Fuzz(),
    BrokerProbes(),
    SyncChaos(),
    FleetKills(),
)


def options() -> argparse.Namespace:
    names = [closing.NAME, *(campaign.name for campaign in CAMPAIGNS)]
    minutes = sum(campaign.minutes for campaign in CAMPAIGNS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash", description=f"All of it takes some {minutes} min on two cores."
    )
    parser.add_argument("campaign", nargs="*", metavar="CAMPAIGN", help=", ".join(names) + "; none is all")
    parser.add_argument("--cases", type=int, default=0, help="to try in each; 0 is a full run")
    parser.add_argument("--seconds", type=float, default=0, help="after which a campaign begins nothing new")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    found = parser.parse_args()
    unknown = [name for name in found.campaign if name not in names]
    if unknown:
        parser.error(f"there is no campaign {unknown[0]!r}; there are {', '.join(names)}")
    return found


def keep(rows: "dict[str, Any]") -> None:
    """Into out/torture.json, beside what campaigns that did not run today left there."""
    OUT.mkdir(exist_ok=True)
    path = OUT / "torture.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(kept | rows, indent=1) + "\n")


def figures(asked: argparse.Namespace) -> "list[Figure]":
    """In a full run, or when they are asked for; first, while the machine is quiet."""
    whole = not (asked.campaign or asked.cases or asked.seconds)
    if not whole and closing.NAME not in asked.campaign:
        return []
    print(f"{closing.NAME}: measuring", file=sys.stderr, flush=True)
    found = closing.measured()
    keep({closing.NAME: {figure.name: figure.as_json() for figure in found}})
    return found


def main() -> int:
    asked = options()
    limits = Limits(asked.cases, asked.seconds, asked.seed, asked.workers)
    outcomes: list[Outcome] = []
    measured = figures(asked)
    for campaign in CAMPAIGNS:
        if not asked.campaign or campaign.name in asked.campaign:
            outcomes.append(run(campaign, limits, sys.stderr))
            keep({campaign.name: outcomes[-1].as_json()})
    if outcomes:
        print(table(outcomes))
    print("\n".join(closing.lines(outcomes, measured)))
    must_run = os.environ.get("CI") == "true"
    wrong = [outcome.campaign.name for outcome in outcomes if not outcome.good and (must_run or not outcome.skipped)]
    wrong += [figure.name for figure in measured if not figure.held()]
    print(f"wrong: {', '.join(wrong)}" if wrong else "all is well, as far as it ran")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
