"""The ledger for programs: what it says, to whom, and what it never says."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from firmware.journal.codec import canonical
from firmware.sync import wire
from fleet.api import app
from fleet.collector import Collector
from fleet.ledger import Ledger
from fleet.serve import token_of
from hal.keystore import seeded
from tests.fleet.till import KEYS, TILL, deflated, met, published, sale, sales

NOW = 1795271530
TOKEN = "s3cret-token-of-the-fleet"
OTHER = "BARROW-0002"
AUTH = {"authorization": f"Bearer {TOKEN}"}


class Asked:
    """What came back. body: as JSON."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.raw, self.body = status, headers, body, json.loads(body)


def ask(served, path, headers=AUTH, host="127.0.0.1:8790", method="GET"):
    """One request, without a socket (ASGI 3)."""
    path, _, query = path.partition("?")
    told = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "client": None, "server": None,
        "headers": [(b"host", host.encode())] + [(key.encode(), value.encode()) for key, value in headers.items()],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        told.append(message)

    asyncio.run(served(scope, receive, send))
    head = {key.decode(): value.decode() for key, value in told[0]["headers"]}
    return Asked(told[0]["status"], head, b"".join(part.get("body", b"") for part in told[1:]))


def card(seq, terminal_total=500):
    """A sale paid half in cash, half by card, in another currency, a day later."""
    legs = [{"tender": "cash", "amount": 200, "given": 200, "change": 0}]
    legs += [{"tender": "card", "amount": terminal_total - 200, "given": terminal_total - 200, "change": 0}]
    line = {"code": "1", "names": {}, "price": terminal_total, "qty": 1000, "total": terminal_total, "rate": "standard"}
    return sale(seq, at=NOW + 86400, cur="CHF", total=terminal_total, lines=[line], legs=legs)


def booked(where):
    """A ledger with a bit of everything."""
    made = Ledger(where)
    met(made, TILL, OTHER)
    collector = Collector(made, lambda: NOW)
    collector.handle(wire.topic(TILL, wire.UP_BATCH), published([*sales(5), sale(6, total=1), card(7)]))
    collector.handle(wire.topic(OTHER, wire.UP_BATCH), published(sales(3), terminal=OTHER))
    topic = wire.topic(TILL, wire.UP_HELLO)
    hello = wire.hello(9, 7, 7, made.head(TILL)[1], NOW, True, "0.1.0")
    collector.handle(topic, wire.signed(topic, hello, seeded(1, TILL)))
    collector.handle(topic, wire.signed(topic, hello, seeded(2, TILL)))
    collector.handle(topic, b"rubbish")
    collector.clerk.refusals.flush(NOW)
    return made


@pytest.fixture
def ledger():
    made = booked(":memory:")
    yield made
    made.close()


@pytest.fixture
def served(ledger):
    return app(ledger, TOKEN)


def test_terminals(served):
    told = ask(served, "/terminals").body["terminals"]
    assert [(row["terminal"], row["head"], row["version"], row["queue"]) for row in told] == [
        (TILL, 7, "0.1.0", 0),
        (OTHER, 3, "", 0),
    ]


def test_one_terminal_with_its_alarms_and_what_was_refused(served):
    told = ask(served, f"/terminals/{TILL}").body
    assert (told["terminal"], told["head"], told["boot"]) == (TILL, 7, 9)
    assert [(row["alarm"], row["times"]) for row in told["alarms"]] == [("key", 1)]
    assert [(row["reason"], row["times"]) for row in told["refused"]] == [("json", 1)]
    missing = ask(served, "/terminals/BARROW-9999")
    assert missing.status == 404 and "no terminal of this name" in missing.body["error"]


def test_sales_page_by_page(served):
    seen, after = [], ""
    for _ in range(5):
        page = ask(served, f"/sales?limit=3&after={after}").body
        seen += [(row["terminal"], row["seq"]) for row in page["sales"]]
        after = page["next"]
        if not after:
            break
    assert seen == [(TILL, seq) for seq in (1, 2, 3, 4, 5, 7)] + [(OTHER, seq) for seq in (1, 2, 3)]
    assert ask(served, "/sales?limit=9").body["next"] == "", "a page that is just full has no other"


def test_sales_of_one_terminal_and_time(served):
    told = ask(served, f"/sales?terminal={TILL}&from=2026-11-22T14:32:00Z").body["sales"]
    assert [row["seq"] for row in told] == [7]
    assert told[0] == {
        "terminal": TILL, "seq": 7, "no": 7, "total": 500, "currency": "CHF", "at": "2026-11-22T14:32:10+00:00",
        "received": "2026-11-21T14:32:10+00:00",
    }  # fmt: skip
    assert [row["seq"] for row in ask(served, f"/sales?terminal={OTHER}&to=1795271528").body["sales"]] == [1]


def test_one_sale_as_its_till_wrote_it(served):
    told = ask(served, f"/sales/{TILL}/7").body
    assert canonical(told["record"]) == card(7)
    for path in (f"/sales/{TILL}/6", f"/sales/{TILL}/99", "/sales/BARROW-9999/1"):
        assert ask(served, path).status == 404


def test_totals(served):
    days = ask(served, "/totals?by=day").body["totals"]
    assert days == [
        {"day": "2026-11-21", "currency": "GBP", "sales": 8, "total": 2800},
        {"day": "2026-11-22", "currency": "CHF", "sales": 1, "total": 500},
    ]
    tills = ask(served, f"/totals?by=terminal&terminal={TILL}").body["totals"]
    assert [(row["terminal"], row["currency"], row["sales"], row["total"]) for row in tills] == [
        (TILL, "CHF", 1, 500), (TILL, "GBP", 5, 1750),
    ]  # fmt: skip
    tenders = {
        (row["tender"], row["currency"]): (row["sales"], row["total"]) for row in ask(served, "/totals?by=tender").body["totals"]
    }
    assert tenders == {("card", "CHF"): (1, 300), ("cash", "CHF"): (1, 200), ("cash", "GBP"): (8, 2800)}


def test_quarantine_says_why_and_never_what(served):
    told = ask(served, "/quarantine")
    [row] = told.body["quarantine"]
    assert (row["terminal"], row["seq"]) == (TILL, 6) and "do not make the total" in row["reason"]
    assert b"Coffee" not in told.raw and told.body["next"] == ""


def test_both_databases_say_the_same(served, where):
    other = booked(where)
    try:
        sales_of = f"/sales?terminal={TILL}&from=2026-11-22&after={TILL}:1"
        paths = ["/terminals", f"/terminals/{TILL}", "/sales?limit=4", sales_of, f"/sales/{TILL}/7", "/sales?terminal=%27%3B"]
        paths += ["/totals?by=day", "/totals?by=tender", "/totals?by=terminal&to=2026-11-22", "/quarantine", "/alarms"]
        for path in paths:
            told = ask(app(other, TOKEN), path)
            assert (told.status, told.body) == (200, ask(served, path).body), path
    finally:
        other.close()


def test_alarms(served):
    [row] = ask(served, "/alarms").body["alarms"]
    assert (row["terminal"], row["alarm"], row["times"], row["last"]) == (TILL, "key", 1, "2026-11-21T14:32:10+00:00")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/sales?limit=0", "limit: a number from 1 to 1000"),
        ("/sales?limit=1001", "limit"),
        ("/sales?limit=-1", "limit"),
        ("/sales?limit=%D9%A1", "limit"),
        ("/sales?after=%27%3B--", "after: what `next` said"),
        ("/sales?after=BARROW-0001", "after"),
        ("/sales?from=yesterday", "from: seconds since 1970"),
        ("/sales?form=1", "'form': no parameter here; there are terminal, from, to, after, limit"),
        ("/sales?limit=1&limit=2", "a parameter twice"),
        ("/terminals?x=1", "there are none"),
        ("/totals", "by: day, terminal or tender"),
        ("/totals?by=code", "by: day, terminal or tender"),
        (f"/sales/{TILL}/x", "seq: a number"),
        (f"/sales/{TILL}/1?seq=2", "a parameter twice"),
    ],
)
def test_a_wrong_question_is_answered_in_words(served, path, words):
    told = ask(served, path)
    assert told.status == 400 and words in told.body["error"]


def test_what_is_in_a_parameter_is_a_value_and_never_sql(served):
    assert ask(served, "/sales?terminal=%27%20OR%201%3D1%20--").body["sales"] == []
    for odd in ("%00", "%1b%5B2J", "x" * 201):
        assert ask(served, f"/sales?terminal={odd}").status == 400


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}, {"authorization": "Bearer "}]
)
def test_without_the_token_nothing_is_said(served, headers):
    for path in ("/terminals", "/nowhere"):
        told = ask(served, path, headers)
        assert told.status == 401 and told.headers["www-authenticate"] == "Bearer" and list(told.body) == ["error"]


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1.evil.example", "evil.example:8790", "127.0.0.1@evil:1"])
def test_under_another_name_nothing_is_said(served, host):
    assert ask(served, "/terminals", host=host).status == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8790", "localhost:1", "localhost", "[::1]:8790", "[::1]"])
def test_the_loopback_has_these_names(served, host):
    assert ask(served, "/terminals", host=host).status == 200


def test_it_reads_and_never_writes(served):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        told = ask(served, "/terminals", method=method)
        assert told.status == 405 and told.body == {"error": "method not allowed"}
    assert ask(served, "/nowhere").body == {"error": "not found"}


def test_no_secret_is_ever_said(served):
    whole = b"".join(
        ask(served, path).raw
        for path in ("/terminals", f"/terminals/{TILL}", "/sales", f"/sales/{TILL}/1", "/quarantine", "/alarms", "/totals?by=day")
    )
    assert TOKEN.encode() not in whole and seeded(1, TILL).public().hex().encode() not in whole
    assert ask(served, "/sales").headers["cache-control"] == "no-store"


def test_a_ledger_that_is_away_is_said_without_its_address(ledger, served):
    ledger.db.execute("DROP TABLE frames")
    told = ask(served, "/sales")
    assert told.status == 503 and told.body == {"error": "the ledger does not answer now"}


def test_the_token_is_made_once_and_kept_from_others(tmp_path):
    path = tmp_path / "state" / "fleet.token"
    token = token_of(path)
    assert len(token) >= 43 and token_of(path) == token and path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="others may read the token"):
        token_of(path)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(OSError, match="16 characters"):
        token_of(path)


def test_as_a_process_on_the_loopback(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    text = wire.pack_batch(TILL, 1, bytes(32), sales(2), KEYS.sign)
    met(ledger)
    Collector(ledger, lambda: NOW).handle(wire.topic(TILL, wire.UP_BATCH), deflated(text))
    ledger.close()
    db, key = str(tmp_path / "ledger.db"), tmp_path / "token"
    program = [sys.executable, "-m", "fleet", "serve", "--port", "0", "--db", db, "--token", str(key)]
    environment = os.environ | {"http_proxy": "", "no_proxy": "*"}
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[2])
    try:
        line = process.stdout.readline()
        assert line.startswith("serving http://127.0.0.1:")
        asked = urllib.request.Request(f"{line.split()[1]}/sales", headers={"authorization": f"Bearer {key.read_text().strip()}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=20) as told:
            assert [row["seq"] for row in json.loads(told.read())["sales"]] == [1, 2]
    finally:
        process.terminate()
        assert process.wait(20) in (0, -15, 143)
        process.stdout.close()
