"""On a Pi: `python -m hal run` starts the till, `python -m hal check` says what of it is there. On a Pi or a laptop:
`python -m hal journal` verifies, lists and exports a till's journal, says its figures, checks a receipt, tries a backup or
brings it back."""

import argparse
import asyncio
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from firmware import main as firmware
from firmware.journal import figures
from firmware.journal.audit import Audit
from firmware.journal.desk import Desk
from firmware.journal.journal import Journal
from firmware.journal.query import Want
from firmware.journal.rollup import Rollup
from firmware.sale import money, proof
from firmware.sync.tills_file import TillsFile
from hal import board_file, journal_arguments, journal_command, leaving, pi, restore_command
from hal.check import check, fleet
from hal.clock import SystemClock
from hal.files import ConfigFiles
from hal.log import StreamLog
from hal.notify import Notify, ReadyScreen
from hal.ports.faults import ConfigFault, PowerEnds
from hal.store import FileStore, OsDisk
from hal.worker import Inline

CONFIG = Path(__file__).parents[1] / "config"
OK, MISSING, CRASHED, ENVIRONMENT = 0, 1, 3, 5
POWER_ENDS = 10  # barrow.service then switches the machine off


def money_text(minor: int, code: str) -> str:
    """15.80 of 1580 GBP; of a currency that we do not know, minor units."""
    known = money.currency(code)
    return known.text(minor) if known else str(minor)


def minor_units(text: str, code: str) -> "int | None":
    """1580 of "15.80" GBP; None when it is no amount of that currency."""
    known = money.currency(code)
    return known.read(text) if known else None


def figures_of(store: FileStore, log: StreamLog, period: str) -> "dict[str, object]":
    """What a period came to by the journal of this store. Raises ValueError, JournalDamaged, StoreBroken."""
    rollup = asyncio.run(figures.read(store, log))
    told = figures.figures(rollup, period)
    told["currency"] = rollup.last_sale["cur"] if rollup.last_sale else ""
    return told | {"period": period, "longer": figures.longer(rollup, period), "uncounted": rollup.totals.uncounted}


JOURNAL = journal_command.Parts(Audit, Want, proof.read, money_text, minor_units, TillsFile, figures_of)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hal", description="Barrow on a Raspberry Pi")
    commands = parser.add_subparsers(dest="act", required=True)
    for act, words in (("run", "run the till"), ("check", "say what of board.json is there")):
        command = commands.add_parser(act, help=words)
        command.add_argument("--config", type=Path, default=CONFIG, metavar="FOLDER", help="where board.json lies")
        command.add_argument("--profile", default="market", help="a folder of config/profiles, or a path to one")
        if act == "run":
            command.add_argument("--set-clocks", action="store_true", help="when a person sets the till's")
    journal = commands.add_parser("journal", help="a till's journal, on a laptop")
    acts = journal.add_subparsers(dest="what", required=True)
    journal_arguments.add_to(acts)
    restore_command.add_to(acts)
    return parser.parse_args()


class Recovered:
    """The journal of a folder, read to its end as a boot does. Raises JournalDamaged, StoreBroken."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._disk = OsDisk(folder)
        log = StreamLog(sys.stderr, lambda: int(time.time() * 1000))
        rollup = Desk() if prefix == "desk" else Rollup(1)
        self._journal = Journal(FileStore(self._disk, Inline(), log), prefix, rollup, log)
        try:
            asyncio.run(self._journal.recover())
        finally:
            self._disk.close()
        self.seq = self._journal.seq
        self.head = self._journal.head

    def hash_at(self, seq: int) -> bytes:
        """The link after frame seq."""
        try:
            return asyncio.run(self._journal.hash_at(seq))
        finally:
            self._disk.close()


async def run(config: Path, profile: str, sets_clocks: bool) -> int:
    """The exit code: once SIGTERM or SIGINT has come, the power ends (PowerEnds), or a task of the firmware died of something
    else. From then on it takes pi.LONGEST_S and leaving.TOLD_S at most."""
    notify = Notify(os.environ, os.getpid())
    named = os.environ.get("RUNTIME_DIRECTORY")  # systemd makes it, barrow.service names it
    folder = Path(named) if named else None
    board = pi.board(config, profile, sys.stderr, kept_in=folder, sets_clocks=sets_clocks)
    board.screen = ReadyScreen(board.screen, lambda: notify.ready(f"{board.terminal}, Barrow {board.version}"))
    duties = notify.feed(board.look), leaving.note_power(board.power, folder, board.log)
    beside = [asyncio.create_task(duty) for duty in duties]
    task = asyncio.create_task(selling(board))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
        code = OK
    except asyncio.CancelledError:
        board.log.say("sys", "stopped")
        code = OK
    except Exception as fault:
        code = code_of(fault)
    notify.stopping("on the way out")
    leaving.no_later_than(pi.LONGEST_S, code)
    for duty in beside:
        duty.cancel()
    try:
        await pi.end_tasks()
        await board.close()
    except Exception:
        traceback.print_exc()  # and the code stays what it is
    return code


async def selling(board: pi.PiBoard) -> None:
    """Never returns. Raises what the till ends of."""
    await board.first_look()
    await firmware.run(board)


def code_of(fault: Exception) -> int:
    """The exit code that tells it; in words, on stderr, where the log has none."""
    if isinstance(fault, PowerEnds):
        return POWER_ENDS
    if isinstance(fault, ConfigFault):
        print(fault, file=sys.stderr)
        return ENVIRONMENT
    if isinstance(fault, OSError):
        print(f"{fault}; `python -m hal check` says more", file=sys.stderr)
        return ENVIRONMENT
    traceback.print_exception(fault)  # the log has its one line; who looks for the reason wants the place
    return CRASHED


def report(config: Path, profile: str) -> int:
    """One line a part, and how many are missing."""
    board = board_file.load(config)
    clock = SystemClock(time.monotonic, time.time, 0)
    clock.heed(clock.read())
    findings = check(board, ConfigFiles(config, profile), clock)
    findings += fleet(config, board, time.time())
    for part, there, words in findings:
        print(f"{'ok' if there else 'NO':3} {part:8} {words}")
    missing = sum(not finding.there for finding in findings)
    print(f"{board.terminal}: " + (f"{missing} of {len(findings)} missing" if missing else "everything is there"))
    return MISSING if missing else OK


def done(chosen: argparse.Namespace) -> int:
    """What was asked for. Raises what it ends of."""
    if chosen.act == "check":
        return report(chosen.config, chosen.profile)
    if chosen.act == "journal":
        return restore_command.run(chosen, Recovered) if chosen.what == "restore" else journal_command.run(chosen, JOURNAL)
    # not asyncio.run, which in the end waits for every thread of the loop's own
    return asyncio.new_event_loop().run_until_complete(run(chosen.config, chosen.profile, chosen.set_clocks))


def main() -> int:
    chosen = arguments()
    try:
        return done(chosen)
    except Exception as fault:
        return code_of(fault)


if __name__ == "__main__":
    leaving.leave(main())
