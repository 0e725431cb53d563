"""python -m fleet push tills --all: the list of every till's public keys, made from the ledger, signed and given out."""

import argparse
import sys
import time
from pathlib import Path

from firmware.sync.wire import archive, document, tills
from fleet import sign, till_keys
from fleet.commands import REFUSED, ledger_at, show, with_db
from fleet.documents import Documents, Wrong


def add(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = kinds.add_parser(tills.KIND, help="the public key of every till, from the ledger")
    command.add_argument("--all", action="store_true", required=True, help="for every till: there is one list for all")
    command.add_argument(
        "--save", type=Path, metavar="FILE", help="write it there too: check-receipt --tills reads it on a laptop"
    )
    command.add_argument("--key", type=Path, help="the document key; beside the ledger unless it is said here")
    with_db(command)
    command.set_defaults(run=run)


def run(told: argparse.Namespace) -> int:
    """The exit code: 0, 1 a list that no till would take, 5 no ledger or key, or a file that cannot be written."""

    def now() -> int:
        return int(time.time())

    with ledger_at(told.db) as ledger:
        key = sign.of(ledger.db, told.key or sign.beside(told.db))
        documents = Documents(ledger, now)
        try:
            out = till_keys.give_out(till_keys.TillKeys(ledger, now), documents, key.sign)
        except Wrong as why:
            show(str(why), sys.stderr)
            return REFUSED
        label, body = documents.newest(tills.KIND)
    if told.save:
        told.save.write_bytes(archive.packed(label, body))
    found = document.read(label)
    show(f"{found.name} is out for every till: {len(body)} bytes" + ("" if out else ", as before"))
    show(f"the fleet's public key: {key.public.hex()}")
    return 0
