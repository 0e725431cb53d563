"""`python -m hal journal restore`: tries a backup in a scratch folder, or makes a store of it for good."""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hal import backup, restore
from hal.ports.faults import Fault

OK, NOT_DONE = 0, 1


def add_to(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What one may say to it."""
    act = acts.add_parser("restore", help="try the newest backup of a stick; with --store, bring it back")
    act.add_argument("--stick", type=Path, required=True, metavar="DIR", help="where the backups are")
    act.add_argument("--key", type=Path, required=True, metavar="FILE", help="the shop's secret key, as age-keygen writes it")
    act.add_argument("--store", type=Path, metavar="DIR", help="what becomes the backup; without it, a drill in a scratch folder")
    act.add_argument("--mirror", type=Path, metavar="DIR", help="the till's second copy: its segments are put aside")
    act.add_argument("--signed-by", metavar="HEX", help="the till's public key: a backup that another one signed is refused")
    act.add_argument("--terminal", default="", metavar="NAME", help="whose, where the stick has those of several tills")


def run(chosen: argparse.Namespace, open_chain: restore.OpenChain) -> int:
    """Exit code. Raises OSError."""
    try:
        key = backup.identity(chosen.key.read_text(encoding="utf-8"))
        path = backup.newest(chosen.stick, chosen.terminal)
        signer = bytes.fromhex(chosen.signed_by or "")
        if chosen.store is not None:
            manifest = restore.restore(path, key, chosen.store, open_chain, chosen.mirror, signer)
        else:
            with tempfile.TemporaryDirectory(prefix="barrow-drill-") as scratch:
                manifest, _ = restore.drill(path, key, Path(scratch) / "store", open_chain)
                if signer and manifest.signer != signer:
                    raise restore.Refused(f"{path.name} is not signed by this till")
    except (restore.Refused, backup.BackupDamaged, Fault, ValueError) as fault:
        print(f"not restored: {fault}", file=sys.stderr)
        return NOT_DONE
    seq, head = manifest.stands["main"]
    made = datetime.fromtimestamp(manifest.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    print(f"{path.name}: {manifest.terminal}, {made}, {manifest.sales} sales, seq {seq}, head {head}")
    print(
        f"signed by the till with the key {manifest.signer.hex()}" if manifest.signer else "signed by nobody: it is of format 1"
    )
    if chosen.store is None:
        print("drill: every part is as it was sealed, and both chains reach the manifest's heads")
    else:
        print(f"{chosen.store} is that backup now; what was there is in {chosen.store.name}{restore.BEFORE}")
    return OK
