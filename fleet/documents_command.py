"""python -m fleet documents: what is out, and which till uses what; and logs, as a till has sent them."""

import argparse
import time
from typing import Any

from fleet.commands import NOTHING, clock, iso, ledger_at, show, show_json, with_db, with_json
from fleet.documents import COMMAND, Documents


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("documents", help="documents and commands that are out, and which till has taken what")
    with_json(command)
    with_db(command)
    command.set_defaults(run=run)
    logs = commands.add_parser("logs", help="the newest log that a till has sent (push command logs T N)")
    logs.add_argument("terminal")
    with_db(logs)
    logs.set_defaults(run=run_logs)


def run(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        documents = Documents(ledger, lambda: int(time.time()))
        out = [{**row._asdict(), "at": iso(row.at), "at_s": row.at} for row in documents.out()]
        taken = [taken_of(terminal, record) for terminal, record in ledger.records("document")]
        read = {(terminal, record["version"]) for terminal, record in ledger.records("read")}
        declined = documents.refusals()
    rows = [{"what": "out", **row} for row in out] + [{"what": "taken", **row} for row in taken]
    rows += [
        {"what": "declined", "terminal": terminal, "kind": kind, "version": version, "words": words}
        for terminal, kind, version, words in declined
    ]
    if told.json:
        for row in rows:
            show_json(row)
    elif rows:
        for line in table(rows, read):
            show(line)
    else:
        show("no documents yet")
    return 0


def taken_of(terminal: str, record: dict[str, Any]) -> dict[str, Any]:
    """What a till's journal says of a document."""
    order = record.get("order", {})
    row = {"terminal": terminal, "kind": record["doc"], "version": record["version"], "record": record["seq"]}
    return row | {"order": order.get("do", ""), "words": result(record), "at": iso(record["at"]), "at_s": record["at"]}


def result(record: dict[str, Any]) -> str:
    """What came of a command, in a few words."""
    if "lines" in record:
        return f"{record['lines']} lines"
    return f"up to {record['to']}" if "to" in record else ""


def table(rows: list[dict[str, Any]], read: set[tuple[str, int]]) -> list[str]:
    """Columns for people."""
    lines = [f"{'':<8}  {'document':<20}  {'terminal':<16}  {'when, UTC':<19}  words"]
    for row in rows:
        words = row.get("words", "")
        if row["what"] == "out":
            words = " ".join(f"{name} {clock(row[key])}" for name, key in (("from", "start"), ("until", "until")) if row[key])
        if row["what"] == "taken" and row["order"]:
            seen = ", read" if (row["terminal"], row["version"]) in read and row["kind"] == COMMAND else ""
            words = f"{row['order']}{seen} {words}".strip()
        start = f"{row['what']:<8}  {row['kind'] + ' ' + str(row['version']):<20}  {row['terminal']:<16}"
        lines.append(f"{start}  {clock(row.get('at_s', 0)):<19}  {words}".rstrip())
    return lines


def run_logs(told: argparse.Namespace) -> int:
    with ledger_at(told.db) as ledger:
        lines = Documents(ledger, lambda: 0).lines(told.terminal)
    for _, line in lines:
        show(line)
    return 0 if lines else NOTHING
