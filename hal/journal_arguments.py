"""What one may say to `python -m hal journal`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path


def add_to(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """verify, list, export, figures, check-receipt, key."""
    verify = acts.add_parser("verify", help="look at every frame: sums, chain, checkpoints, and MACs where the keys are given")
    listing = acts.add_parser("list", help="the records, as a table")
    export = acts.add_parser("export", help="the records, for other programs")
    for act in (verify, listing, export):
        act.add_argument("path", type=Path, metavar="PATH", help="the folder with the till's segments")
        act.add_argument("--prefix", choices=("main", "desk"), default="main", help="which journal")
    verify.add_argument("--keys", type=Path, metavar="FOLDER", help="where the till's till.keys lies")
    verify.add_argument("--known", type=known, metavar="SEQ:HEAD", help="a seq and the head after it, as the fleet has them")
    export.add_argument("--format", choices=("csv", "jsonl"), default="jsonl")
    for act in (listing, export):
        act.add_argument("--kind", default="", help="only these: sale, print, no_sale ...")
        act.add_argument("--no", type=int, metavar="N", help="only this receipt number")
        act.add_argument("--amount", metavar="15.80", help="only sales of this total")
        act.add_argument("--since", type=utc, metavar="TIME", help="ISO 8601; without an offset it is UTC")
        act.add_argument("--until", type=utc, metavar="TIME", help="ISO 8601, not included")
        act.add_argument("--tender", metavar="NAME")
        act.add_argument("--cashier", metavar="NAME")
    figures = acts.add_parser("figures", help="what a day, a month or a year came to, from the till's own running totals")
    figures.add_argument("path", type=Path, metavar="PATH", help="the folder with the till's segments")
    figures.add_argument("period", nargs="?", default="", metavar="PERIOD", help="2026, 2026-11 or 2026-11-22; all time without")
    figures.add_argument("--json", action="store_true", help="minor units and thousandths, for other programs")
    check = acts.add_parser("check-receipt", help="is the code on a receipt genuine?")
    check.add_argument("text", metavar="TEXT", help="what the code says")
    by = check.add_mutually_exclusive_group(required=True)
    by.add_argument("--key", metavar="HEX", help="the till's public key")
    by.add_argument(
        "--tills", type=Path, metavar="FILE", help="the fleet's list of keys: push tills --save, or off a till's disk"
    )
    check.add_argument("--fleet", default="", metavar="HEX", help="with --tills: the fleet's public key, which has signed it")
    check.add_argument("--journal", type=Path, metavar="PATH", help="look for the sale there too")
    key = acts.add_parser("key", help="the public key of a till, for check-receipt")
    key.add_argument("path", type=Path, metavar="FOLDER", help="where its till.keys lies")


def utc(text: str) -> int:
    """Seconds since 1970. Raises ValueError."""
    when = datetime.fromisoformat(text)
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def known(text: str) -> tuple[int, bytes]:
    """Of "120:9f3c...", 8 to 64 hex digits: the seq and the head's first bytes. Raises ValueError."""
    seq, _, head = text.partition(":")
    if int(seq) < 1 or not 4 <= len(bytes.fromhex(head)) <= 32:
        raise ValueError("no seq, or no head")
    return int(seq), bytes.fromhex(head)
