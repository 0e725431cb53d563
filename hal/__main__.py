"""On a Pi: `python -m hal run` starts the till, `python -m hal check` says what of it is there."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

from firmware import main as firmware
from hal import board_file, pi
from hal.check import check
from hal.clock import SystemClock
from hal.files import ConfigFiles
from hal.ports.faults import ConfigFault

CONFIG = Path(__file__).parents[1] / "config"
OK, MISSING, CRASHED, ENVIRONMENT = 0, 1, 3, 5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hal", description="Barrow on a Raspberry Pi")
    parser.add_argument("act", choices=("run", "check"), help="run the till; or say what of board.json is there")
    parser.add_argument("--config", type=Path, default=CONFIG, metavar="FOLDER", help="where board.json lies")
    parser.add_argument("--profile", default="market", help="a folder of config/profiles, or a path to one")
    return parser.parse_args()


async def run(config: Path, profile: str) -> None:
    """Until SIGTERM or SIGINT, or until a task of the firmware dies."""
    board = pi.board(config, profile, sys.stderr)
    task = asyncio.create_task(firmware.run(board))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        board.log.say("sys", "stopped")
    finally:
        await pi.end_tasks()
        board.close()


def report(config: Path, profile: str) -> int:
    """One line a part, and how many are missing."""
    board = board_file.load(config)
    findings = check(board, ConfigFiles(config, profile), SystemClock(time.monotonic, time.time, 0))
    for part, there, words in findings:
        print(f"{'ok' if there else 'NO':3} {part:8} {words}")
    missing = sum(not finding.there for finding in findings)
    print(f"{board.terminal}: " + (f"{missing} of {len(findings)} missing" if missing else "everything is there"))
    return MISSING if missing else OK


def main() -> int:
    chosen = arguments()
    try:
        if chosen.act == "check":
            return report(chosen.config, chosen.profile)
        asyncio.run(run(chosen.config, chosen.profile))
    except ConfigFault as fault:
        print(fault, file=sys.stderr)
        return ENVIRONMENT
    except OSError as fault:
        print(f"{fault}; `python -m hal check` says more", file=sys.stderr)
        return ENVIRONMENT
    return OK


if __name__ == "__main__":
    sys.exit(main())
