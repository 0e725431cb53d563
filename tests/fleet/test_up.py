"""The larger engines, as `python -m fleet up` starts them: what they say, what a kill does, and what is left when it ends."""

import os
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from fleet.up.children import Children, last_words
from fleet.up.nats import Nats
from sim.loopback import free_port
from tests.fleet.cluster import need as need_postgres
from tests.sync.processes import Process, need

PATIENCE_S = 20


@pytest.fixture
def folder():
    """Below /tmp and open to pass: PostgreSQL runs as a user of its own."""
    made = Path(tempfile.mkdtemp(prefix="barrow-up-"))
    made.chmod(0o711)
    yield made / "engine"
    shutil.rmtree(made)


def until(done):
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def serves(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_three_brokers_and_one_that_is_killed_comes_back(folder):
    need("mosquitto")
    base = free_port(3)
    engine = Process("up", "brokers", folder, "--base", base)
    try:
        told = engine.up()
        assert told == f"three brokers; collect with {' '.join(f'--broker 127.0.0.1:{base + i}' for i in range(3))}"
        before = int((folder / "b2.pid").read_text())
        os.kill(before, signal.SIGKILL)
        until(lambda: int((folder / "b2.pid").read_text() or before) != before and serves(base + 1))
    finally:
        assert engine.end() == 0
    assert not any(serves(base + i) for i in range(3)) and not list(folder.glob("*.pid"))


def test_a_port_that_is_taken_is_said_in_words_and_nothing_is_left_running(folder):
    need("mosquitto")
    base = free_port(3)
    with socket.create_server(("127.0.0.1", base + 1)):
        engine = Process("up", "brokers", folder, "--base", base)
        with pytest.raises(AssertionError, match=f"port {base + 1}: Address already in use"):
            engine.up()
        assert engine.end() == 5
    assert not serves(base) and not list(folder.glob("*.pid"))


def test_three_nats_servers_take_mqtt(folder):
    need("nats-server")
    base = free_port(23)
    engine = Process("up", "nats", folder, "--base", base)
    try:
        assert f"--nats {Nats(folder, base).urls()}" in engine.up()
        until(lambda: greets(base))
    finally:
        assert engine.end() == 0


def greets(port):
    """CONNECT of MQTT 3.1.1, as "BARW": NATS takes none before its servers have found each other."""
    with socket.create_connection(("127.0.0.1", port), 5) as till:
        till.sendall(bytes.fromhex("1010 0004 4d515454 04 02 003c 0004 42415257"))
        return till.recv(4) == bytes.fromhex("20020000")


def test_a_standby_takes_over_from_a_primary_that_was_killed_and_nothing_committed_is_gone(folder):
    need_postgres()
    base = free_port(2)
    engine = Process("up", "postgres", folder, "--base", base)
    try:
        engine.up()
        assert (folder / "url").stat().st_mode & 0o077 == 0 and (folder / "password").stat().st_mode & 0o077 == 0
        url = (folder / "url").read_text().strip()
        with psycopg.connect(url, autocommit=True) as db:  # each commit waits for the standby
            db.execute("CREATE TABLE kept(word TEXT)")
            db.execute("INSERT INTO kept VALUES ('sold')")
            assert db.execute("SELECT sync_state FROM pg_stat_replication").fetchall() == [("sync",)]
        os.kill(int((folder / "a.pid").read_text()), signal.SIGKILL)
        until(lambda: (folder / "primary").read_text().strip() == "b")
        until(lambda: writes(url))
        assert (folder / "a.ended0").is_dir() and not (folder / "a").exists()  # it cannot come back by mistake
    finally:
        assert engine.end() == 0


def writes(url):
    try:
        with psycopg.connect(url) as db:
            return db.execute("INSERT INTO kept SELECT 'again' RETURNING (SELECT min(word) FROM kept)").fetchone() == ("sold",)
    except psycopg.OperationalError:
        return False


def test_what_ended_at_once_is_quoted(folder):
    children = Children(folder)
    with pytest.raises(OSError, match="one did not start: no such dish"):
        children.start("one", ["sh", "-c", "echo no such dish; exit 3"], lambda: False)
    assert last_words(folder / "one.log") == "no such dish"
    children.stop()
