"""The bench: `python -m sim` starts the page, the till, its broker and its fleet; `--headless FILE…` plays scripts."""

import argparse
import sys
from pathlib import Path

from hal.ports.faults import ConfigFault
from sim.fittings import PARTS
from sim.headless import Options, run_files
from sim.live import live
from sim.script.play import ENVIRONMENT, INTERRUPTED


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sim", description="Barrow on a laptop: virtual chips under the real drivers."
    )
    parser.add_argument("--headless", nargs="+", metavar="FILE", type=Path, help="play .sale scripts in virtual time")
    parser.add_argument("--accept", action="store_true", help="headless: take today's pictures as golden (never with CI set)")
    parser.add_argument("--quiet", action="store_true", help="no log on stderr")
    parser.add_argument("--port", type=int, default=8420, help="of the page; 0 for any, taken -> the next free one")
    parser.add_argument("--profile", default="market", help="a folder of config/profiles, or a path")
    parser.add_argument("--lang", default="", help="en or zh; the profile's own otherwise")
    for part, kinds in PARTS.items():
        parser.add_argument(f"--{part}", default="", choices=kinds, help="which one is fitted; board.json's otherwise")
    parser.add_argument("--temp", action="store_true", help="keep nothing when it ends")
    parser.add_argument("--erase", action="store_true", help="start with a new till and a new fleet")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    echo = None if args.quiet else sys.stderr
    try:
        if args.headless:
            return run_files(args.headless, Options(accept=args.accept, echo=echo))
        return live(args, echo)
    except ConfigFault as fault:  # of board.json: there is nothing that could show it on a screen
        print(f"cannot start: {fault}", file=sys.stderr)
        return ENVIRONMENT
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
