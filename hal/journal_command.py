"""What `python -m hal journal` does, once hal/__main__.py has handed it the firmware's knowledge of records.

Results on stdout, breaks and reasons on stderr, and never a control code on either. Exit codes: 0 sound, 1 broken or not
genuine, 2 not said right, 5 no such folder or file."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hal import keystore
from hal.journal_figures import as_json, as_text
from hal.journal_tool import Csv, JsonLines, Output, ReadOnlyDisk, Table
from hal.log import StreamLog, visible
from hal.ports.faults import ConfigFault, Fault
from hal.store import FileStore
from hal.worker import Inline

OK, BROKEN, USAGE, ENVIRONMENT = 0, 1, 2, 5
FILE_MAX = 8 << 20  # bytes of a list of keys that are read
Record = dict[str, Any]


class Parts(NamedTuple):
    """Of the firmware. audit(store, prefix, seen, broken, keystore, known): firmware.journal.audit.Audit. want: query.Want.
    proof: sale.proof.read. money(minor, code) -> text. minor(text, code) -> minor units, None when it is no such amount.
    tills(raw, fleet, verify): sync.tills_file.TillsFile. figures(store, log, period) -> what totals.blank says, and period,
    currency, longer, uncounted; raises ValueError for what is no period, JournalDamaged, StoreBroken."""

    audit: Callable[..., Any]
    want: Callable[..., Any]
    proof: Callable[[str], Any]
    money: Callable[[int, str], str]
    minor: Callable[[str, str], int | None]
    tills: Callable[[bytes, bytes, Callable[[bytes, bytes, bytes], bool]], Any]
    figures: Callable[[Any, Any, str], Record]


def run(told: argparse.Namespace, parts: Parts) -> int:
    """The exit code."""
    acts = {"verify": verify, "list": show, "export": show, "figures": figures, "check-receipt": check_receipt, "key": key}
    try:
        return acts[told.what](told, parts)
    except (OSError, ConfigFault) as fault:
        return fail(str(fault), ENVIRONMENT)
    except Fault as fault:
        return fail(str(fault), BROKEN)


def fail(words: str, code: int) -> int:
    print(visible(words), file=sys.stderr)
    return code


def opened(path: Path, prefix: str) -> ReadOnlyDisk:
    """A folder with such a journal. Raises OSError where there is none."""
    disk = ReadOnlyDisk(path)
    if not [name for name in disk.names() if name.startswith(prefix + "-")]:
        raise FileNotFoundError(2, f"no journal {prefix!r} in this folder", str(path))
    return disk


def look(
    path: Path,
    prefix: str,
    parts: Parts,
    seen: Callable[[Record, bytes], None],
    keys: Any = None,
    known: tuple[int, bytes] | None = None,
) -> Any:
    """An audit of a folder, done; each break is told as it is found. Raises OSError when there is no such journal."""
    disk = opened(path, prefix)
    store = FileStore(disk, Inline(), StreamLog(sys.stderr, lambda: 0))

    def broken(segment: str, offset: int, seq: int, why: str) -> None:
        print(visible(f"BROKEN {segment}: offset {offset}: seq {seq}: {why}"), file=sys.stderr)

    audit = parts.audit(store, prefix, seen, broken, keys, known)
    try:
        asyncio.run(audit.run())
    finally:
        disk.close()
    return audit


def verify(told: argparse.Namespace, parts: Parts) -> int:
    """Every frame, and one line of what there is."""
    keys = keystore.read(told.keys) if told.keys else None
    counts: dict[str, int] = {}

    def seen(record: Record, link: bytes) -> None:
        kind = str(record["kind"])
        counts[kind] = counts.get(kind, 0) + 1

    audit = look(told.path, told.prefix, parts, seen, keys, told.known)
    print(f"{told.prefix}: {audit.segments} segments, {audit.frames} frames, the last is seq {audit.seq}")
    print(visible("records: " + (", ".join(f"{counts[kind]} {kind}" for kind in sorted(counts)) or "none")))
    print(f"head: {audit.head.hex()}")
    if keys is not None:
        print(f"checkpoints sealed with this till's key: {audit.macs}")
    if told.known and not audit.breaks:
        words = "is the one that was acknowledged" if audit.confirmed else "is older than all that is here: not compared"
        print(f"seq {told.known[0]} {words}")
    if audit.void:
        print(f"{audit.void} bytes of writes that were in doubt; a fresh segment has settled each")
    if audit.torn:
        print(f"at the end {audit.torn} bytes of a write that was cut short; the next boot takes them away")
    print("sound" if not audit.breaks else f"BROKEN in {audit.breaks} places")
    return BROKEN if audit.breaks else OK


def show(told: argparse.Namespace, parts: Parts) -> int:
    """list and export: what is sound of it, oldest first."""
    kinds: dict[str, Callable[..., Output]] = {"table": Table, "csv": Csv, "jsonl": JsonLines}
    out = kinds["table" if told.what == "list" else told.format](sys.stdout, parts.money)
    want = parts.want(None, told.since, told.until, told.tender, told.cashier)
    sales_only = any(each is not None for each in (told.amount, told.since, told.until, told.tender, told.cashier))

    def seen(record: Record, link: bytes) -> None:
        if (told.kind and record["kind"] != told.kind) or (told.no is not None and record["no"] != told.no):
            return
        if sales_only and (record["kind"] != "sale" or not want.fits(record)):
            return
        if told.amount is not None and parts.minor(told.amount, str(record.get("cur", ""))) != record.get("total"):
            return
        out.add(record)

    return BROKEN if look(told.path, told.prefix, parts, seen).breaks else OK


def figures(told: argparse.Namespace, parts: Parts) -> int:
    """Of a period, from the rollup."""
    disk, log = opened(told.path, "main"), StreamLog(sys.stderr, lambda: 0)
    try:
        found = parts.figures(FileStore(disk, Inline(), log), log, told.period)
    except ValueError as fault:
        return fail(str(fault), USAGE)
    finally:
        disk.close()
    if told.json:
        as_json(found, sys.stdout)
    else:
        as_text(found, parts.money, sys.stdout)
    return OK


def check_receipt(told: argparse.Namespace, parts: Parts) -> int:
    """Is the code of a receipt the word of its till, by this key or by the fleet's list, and does its journal say the same?"""
    name, told_key = ("--fleet", told.fleet) if told.tills else ("--key", told.key)
    public = key_of(told_key)
    if not public:
        return fail(f"{name}: not 64 hex digits", USAGE)
    listed = parts.tills(told.tills.read_bytes()[:FILE_MAX], public, keystore.verify) if told.tills else None
    try:
        proof = parts.proof(told.text.strip())
    except ValueError as fault:
        return fail(f"NOT GENUINE: {fault}", BROKEN)
    refused = by_list(listed, proof) if listed else by_key(public, proof)
    if refused:
        return fail(refused, BROKEN)
    amount = f"{parts.money(proof.total, proof.currency)} {proof.currency}"
    print(visible(f"genuine: {proof.terminal}, receipt {proof.no:04d}, {amount}, at {proof.at} s UTC"))
    return in_journal(told.journal, proof, parts) if told.journal else OK


def by_key(public: bytes, proof: Any) -> str:
    """Why it is not genuine, "" when it is."""
    signed = keystore.verify(public, proof.said, proof.signature)
    return "" if signed else "NOT GENUINE: this till never signed that"


def by_list(listed: Any, proof: Any) -> str:
    """The same."""
    verdict, ended = listed.verdict(proof)
    words = {
        "genuine": "",
        "forged": f"NOT GENUINE: {proof.terminal} never signed that",
        "unknown": f"CANNOT TELL: {proof.terminal} is not in {listed.name}, which has {listed.count} tills",
        "ended": f"NOT GENUINE: signed with a key that ceased to speak for {proof.terminal} at {ended} s UTC, before that sale",
    }
    return words[verdict]


def key_of(told: str) -> bytes:
    """32 bytes, b"" for anything else."""
    try:
        found = bytes.fromhex(told)
    except ValueError:
        return b""
    return found if len(found) == keystore.KEY_BYTES else b""


def in_journal(path: Path, proof: Any, parts: Parts) -> int:
    """Does the journal have this very sale?"""
    links: list[bytes] = []

    def seen(record: Record, link: bytes) -> None:
        if record["kind"] == "sale" and record["no"] == proof.no:
            links.append(link)

    look(path, "main", parts, seen)
    if any(link.startswith(proof.link) for link in links):
        print("the journal has this very sale")
        return OK
    return fail("NOT IN THIS JOURNAL: " + ("another sale has this number" if links else "no sale has this number"), BROKEN)


def key(told: argparse.Namespace, parts: Parts) -> int:
    """The public key of a till."""
    print(keystore.read(told.path).public().hex())
    return OK
