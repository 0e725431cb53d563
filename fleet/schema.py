"""The ledger's tables, version by version: a ledger of an earlier one gets what it lacks, and nothing of it is changed."""

BOOKS = """
CREATE TABLE heads(terminal TEXT PRIMARY KEY, seq INTEGER NOT NULL, h BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE frames(
    terminal TEXT, seq INTEGER, kind TEXT NOT NULL, no INTEGER NOT NULL, payload BLOB NOT NULL, received_at INTEGER NOT NULL,
    total INTEGER, currency TEXT, at INTEGER, PRIMARY KEY(terminal, seq)) WITHOUT ROWID;
CREATE TABLE quarantine(
    terminal TEXT, seq INTEGER, reason TEXT NOT NULL, payload BLOB NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY(terminal, seq, reason, payload)) WITHOUT ROWID;
"""
# tills: the key that each was first seen with, and its own time at its newest hello. anchors: the chain where each batch
# ended, with the till's signature of it. alarms: each once, with how often and until when it was seen.
TRUST = """
CREATE TABLE tills(terminal TEXT PRIMARY KEY, key BLOB NOT NULL, since INTEGER NOT NULL, utc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE anchors(
    terminal TEXT, seq INTEGER, h BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY(terminal, seq)) WITHOUT ROWID;
CREATE TABLE alarms(
    terminal TEXT, kind TEXT, seq INTEGER, words TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    times INTEGER NOT NULL, PRIMARY KEY(terminal, kind, seq)) WITHOUT ROWID;
"""
# quarantine: its key holds a digest, since PostgreSQL's index takes no payload of half a MiB. heads.at: when a batch last
# moved it. seen: a till's newest hello. boots: when each of its starts was first heard, by its clock and by ours.
KEEPING = """
CREATE TABLE kept(
    terminal TEXT, seq INTEGER, reason TEXT NOT NULL, digest BLOB, payload BLOB NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY(terminal, seq, reason, digest)) WITHOUT ROWID;
INSERT INTO kept SELECT terminal, seq, reason, sha256(payload), payload, received_at FROM quarantine;
DROP TABLE quarantine;
ALTER TABLE kept RENAME TO quarantine;
ALTER TABLE heads ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
CREATE TABLE seen(
    terminal TEXT PRIMARY KEY, boot INTEGER NOT NULL, software TEXT NOT NULL, stands INTEGER NOT NULL, at INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE boots(
    terminal TEXT, boot INTEGER, utc INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(terminal, boot)) WITHOUT ROWID;
"""
# answers: each question's one answer, and a digest of what was asked. refusals: how often what was refused, and until when.
ASKING = """
CREATE TABLE answers(
    terminal TEXT, id TEXT, question BLOB NOT NULL, answer BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(terminal, id))
    WITHOUT ROWID;
CREATE INDEX answers_by_time ON answers(terminal, at);
CREATE TABLE refusals(
    terminal TEXT, reason TEXT, times INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY(terminal, reason)) WITHOUT ROWID;
"""
# documents: what is out. declined: what a till does not take; lasting: nor will another time. logs: as a till sent them,
# by the version of the command that asked. frames_documents: what a till uses, without looking through its sales.
TELLING = """
CREATE TABLE documents(
    kind TEXT, version INTEGER, terminal TEXT NOT NULL, start INTEGER NOT NULL, until INTEGER NOT NULL, label BLOB NOT NULL,
    body BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(kind, version)) WITHOUT ROWID;
CREATE INDEX documents_for ON documents(terminal, kind, version);
CREATE TABLE declined(
    terminal TEXT, kind TEXT, version INTEGER, words TEXT NOT NULL, lasting INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(terminal, kind, version)) WITHOUT ROWID;
CREATE TABLE logs(
    terminal TEXT, version INTEGER, at INTEGER, line TEXT NOT NULL, PRIMARY KEY(terminal, version, at)) WITHOUT ROWID;
CREATE INDEX frames_documents ON frames(terminal, seq) WHERE kind = 'document';
"""
# claims: tills that asked for a certificate, by the code on their screen, and what each was given. request: PKCS #10; key: the
# journal's; certificate, documents: DER, empty until it is granted; first: of its receipts' numbers; at: when last heard.
CLAIMS = """
CREATE TABLE claims(
    code TEXT PRIMARY KEY, terminal TEXT NOT NULL, request BLOB NOT NULL, key BLOB NOT NULL, state TEXT NOT NULL,
    certificate BLOB NOT NULL, documents BLOB NOT NULL, first INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX claims_of ON claims(terminal, state);
"""
# till_keys: every key that a till's receipts are checked by, and until when it spoke for that till; 0: it still does.
KEYS = """
CREATE TABLE till_keys(
    terminal TEXT, key BLOB, since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY(terminal, key)) WITHOUT ROWID;
"""
# fleet: what all who work for this ledger must agree on. The public half of the document key.
AGREED = """
CREATE TABLE fleet(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
# Each version is a block of its own, appended, and run once: by SQLite as it stands, by PostgreSQL with its own types.
VERSIONS = [BOOKS, TRUST, KEEPING, ASKING, TELLING, CLAIMS, KEYS, AGREED]
