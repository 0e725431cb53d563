"""The fleet's programs, a file each: python -m fleet COMMAND."""

import argparse
import sys

from fleet import (
    alarms,
    broker,
    ca,
    collect,
    documents_command,
    enrol,
    ingest,
    push,
    quarantine,
    revoke,
    sales,
    serve,
    terminals,
    trust_command,
)
from fleet.commands import ENVIRONMENT, NOTHING, NoLedger, show
from fleet.db import DbFault, WrongLedger
from fleet.up import command as up

COMMANDS = (
    broker,
    ca,
    collect,
    serve,
    sales,
    terminals,
    quarantine,
    alarms,
    trust_command,
    enrol,
    revoke,
    ingest,
    push,
    documents_command,
    up,
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m fleet", description="The other end of the broker.")
    commands = top.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(commands)
    return top


def main() -> int:
    told = parser().parse_args()
    try:
        code: int = told.run(told)
        return code
    except KeyboardInterrupt:
        return 130
    except NoLedger as nothing:
        show(str(nothing), sys.stderr)
        return NOTHING
    except (WrongLedger, DbFault, OSError) as fault:
        show(str(fault), sys.stderr)
        return ENVIRONMENT


sys.exit(main())
