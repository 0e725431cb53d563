"""How many sales a second become durable and acknowledged, through a real mosquitto, beside a naive subscriber.

python -m tests.bench.ingest [sqlite|postgres|lone|memory ...] runs parts of it alone. Load, broker, collectors and database
share the machine, ours as well as the peers'; the peers' sales come one by one, as they expect them, and nobody answers them."""

import asyncio
import contextlib
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from firmware.journal.codec import GENESIS
from firmware.sync import wire
from fleet import mosquitto
from fleet.connect import connect
from hal.keystore import seeded
from sim.loopback import free_port
from tests.bench.figure import Figure
from tests.bench.ingest_load import CONNECT, Till, drive, payload, publish
from tests.fleet.cluster import Cluster, programs
from tests.sync.processes import ROOT, Process

CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
persistence false
max_queued_messages 0
log_type error
"""
LIMIT_S = 180
NAIVE_ROWS = 6000


@contextlib.contextmanager
def broker(folder):
    """A mosquitto; its port."""
    port = free_port()
    (folder / "mosquitto.conf").write_text(CONFIG.format(port=port))
    process = subprocess.Popen([mosquitto.find(), "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        assert mosquitto.answers(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def rss_kb(process):
    """Resident memory of a process of ours."""
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def ours(where, collectors, tills, batches, size, watch=lambda processes, rows: None):
    """Rows a second, with so many collectors."""
    load = [Till(number, batches, size) for number in range(tills)]
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder)) as port:
        processes = [Process("collect", "--broker", f"127.0.0.1:{port}", "--db", where) for _ in range(collectors)]
        try:
            for process in processes:
                process.up()
            seconds = asyncio.run(drive(port, load, LIMIT_S, lambda rows: watch(processes, rows)))
        finally:
            for process in processes:
                process.end()
    db = connect(where)
    count = db.execute("SELECT count(*) FROM frames").fetchone()[0]
    db.close()
    assert count == tills * batches * size, f"{count} rows for {tills * batches * size}"
    return count / seconds


async def pour(port, messages):
    """Publish them as fast as the broker takes them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(CONNECT)
    await reader.readexactly(4)

    async def drain():  # PUBACKs
        while await reader.read(65536):
            pass

    draining = asyncio.create_task(drain())
    for at in range(0, len(messages), 50):
        writer.write(b"".join(messages[at : at + 50]))
        await writer.drain()
    return writer, draining


def naive(where, mode):
    """Rows a second of the peer."""
    keys, messages, h = seeded(1, "BENCH-0001"), [], GENESIS
    for seq in range(1, NAIVE_ROWS + 1):
        line = payload(seq)
        h = hashlib.sha256(h + line).digest()
        body = line
        if mode == "checked":
            said = wire.Batch("BENCH-0001", seq, GENESIS, h, [line]).said
            body = json.dumps({"k": keys.public().hex(), "s": keys.sign(said).hex()}).encode() + b"\n" + line
        messages.append(publish("naive/barrow/BENCH-0001", body, seq))
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder)) as port:
        order = [sys.executable, "-m", "tests.bench.ingest_naive", str(port), where, mode, str(NAIVE_ROWS)]
        with subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout.readline() == "ready\n"

                async def story():
                    writer, draining = await pour(port, messages)
                    line = await asyncio.to_thread(process.stdout.readline)
                    draining.cancel()
                    writer.close()
                    return line

                done, seconds, rows = asyncio.run(asyncio.wait_for(story(), LIMIT_S)).split()
            finally:
                process.kill()
    assert done == "done" and int(rows) == NAIVE_ROWS
    return NAIVE_ROWS / float(seconds)


def rate(name, value, peer, peer_value, least):
    return Figure(name, value, "rows/s", None, peer, round(peer_value), least)


def sqlite():
    """Batches of 100 into a file, one collector."""
    with tempfile.TemporaryDirectory() as folder:
        peer = naive(f"{folder}/naive.db", "plain")
        checked = naive(f"{folder}/checked.db", "checked")
        value = ours(f"{folder}/ours.db", 1, 100, 10, 100)
    return [
        rate("ingest.rows_per_s.sqlite", value, "naive, SQLite WAL", peer, 10),
        rate("ingest.rows_per_s.sqlite_checked_peer", value, "naive with our checks", checked, 10),
    ]


@contextlib.contextmanager
def server():
    """A PostgreSQL that is durable; fresh() gives the URL of an empty database in it."""
    cluster = Cluster(durable=True, settings="synchronous_commit = on\n")
    names = iter(range(100))
    try:
        cluster.up()

        def fresh():
            name = f"bench{next(names)}"
            db = connect(cluster.url())
            db.execute(f"CREATE DATABASE {name}")
            db.close()
            return cluster.url(name)

        yield fresh
    finally:
        cluster.remove()


def postgres():
    """Batches of 100, two collectors on one share."""
    with server() as fresh:
        peer = naive(fresh(), "plain")
        checked = naive(fresh(), "checked")
        value = ours(fresh(), 2, 200, 10, 100)
    return [
        rate("ingest.rows_per_s.postgres", value, "naive, PostgreSQL", peer, 30),
        rate("ingest.rows_per_s.postgres_checked_peer", value, "naive with our checks", checked, 10),
    ]


def lone():
    """Batches of one sale, signed, two collectors, PostgreSQL."""
    with server() as fresh:
        peer = naive(fresh(), "plain")
        value = ours(fresh(), 2, 400, 50, 1)
    return [rate("ingest.rows_per_s.lone", value, "naive, PostgreSQL", peer, 3)]


def memory():
    """What a collector holds after 1,000,000 rows, beside what it held after 100,000."""
    seen = {}

    def watch(processes, rows):
        if rows >= 100_000:
            seen.setdefault("early", rss_kb(processes[0]))
            seen["late"] = rss_kb(processes[0])

    with tempfile.TemporaryDirectory() as folder:
        ours(f"{folder}/ours.db", 1, 200, 50, 100, watch)
    early, late = seen["early"], seen["late"]
    return [Figure("ingest.rss_kb_1m", late, "KiB", early * 1.15, "after 100,000 rows", early)]


def measure():
    if mosquitto.find() is None or programs() is None:
        print("ingest: left out, it needs mosquitto and postgresql", file=sys.stderr)
        return []
    return [*sqlite(), *postgres(), *lone(), *memory()]


if __name__ == "__main__":
    for part in sys.argv[1:] or ("sqlite", "postgres", "lone", "memory"):
        for figure in globals()[part]():
            print("  ".join(figure.row()), flush=True)
