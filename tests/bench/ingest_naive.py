"""The peers: a subscriber as most people write one. paho in its thread, a JSON message a sale, INSERT, COMMIT.

python -m tests.bench.ingest_naive PORT DB plain|checked ROWS: says "ready", and when all rows are in, "done SECONDS"."""

import hashlib
import json
import sqlite3
import sys
import threading
import time

import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from paho.mqtt.enums import CallbackAPIVersion

from firmware.journal.codec import canonical
from firmware.sync import wire

TABLE = """CREATE TABLE naive(terminal TEXT, seq BIGINT, kind TEXT, no BIGINT, payload {blob}, received_at BIGINT,
    total BIGINT, currency TEXT, at BIGINT, PRIMARY KEY(terminal, seq))"""
INSERT = "INSERT INTO naive VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def opened(where):
    """execute and commit, durable on both."""
    if not where.startswith("postgresql://"):
        db = sqlite3.connect(where, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(TABLE.format(blob="BLOB"))
        return db, INSERT
    import psycopg

    db = psycopg.connect(where)
    db.execute("DROP TABLE IF EXISTS naive")
    db.execute(TABLE.format(blob="BYTEA"))
    db.commit()
    return db, INSERT.replace("?", "%s")


def checks(heads, terminal, payload):
    """What our collector checks, as one would write it: canonical, chained, signed, and the sums hold. (record, payload)."""
    seal, line = payload.split(b"\n", 1)
    said = json.loads(seal)
    record = json.loads(line)
    assert canonical(record) == line
    h = hashlib.sha256(heads.get(terminal, bytes(32)) + line).digest()
    batch = wire.Batch(terminal, record["seq"], b"", h, [line])
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["k"])).verify(bytes.fromhex(said["s"]), batch.said)
    heads[terminal] = h
    added = sum(tax["tax"] for tax in record["tax"] if tax["mode"] == "added")
    assert sum(each["total"] for each in record["lines"]) + added == record["total"]
    assert sum(leg["amount"] for leg in record["legs"]) == record["total"] + record["rounding"]
    assert all(leg["given"] - leg["change"] == leg["amount"] for leg in record["legs"])
    return record, line


def main(port, where, mode, rows):
    db, insert = opened(where)
    finished, count, begun, heads = threading.Event(), [0], [0.0], {}

    def heard(client, userdata, message):
        if not count[0]:
            begun[0] = time.monotonic()
        terminal = message.topic.split("/")[2]
        payload = message.payload
        if mode == "checked":
            record, payload = checks(heads, terminal, payload)
        else:
            record = json.loads(payload)
        row = (terminal, record["seq"], record["kind"], record["no"], payload, int(time.time()))
        db.execute(insert, (*row, record["total"], record["cur"], record["at"]))
        db.commit()
        count[0] += 1
        if count[0] == rows:
            finished.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, "naive")
    client.on_message = heard
    client.on_subscribe = lambda *told: print("ready", flush=True)
    client.on_connect = lambda client, *told: client.subscribe("naive/#", 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    finished.wait(300)
    print(f"done {time.monotonic() - begun[0]} {count[0]}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
