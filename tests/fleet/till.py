"""What a till would write and send, for tests of the other end."""

import zlib

from firmware.journal.codec import GENESIS, canonical, chain
from firmware.sync import wire
from hal.keystore import seeded

TILL = "BARROW-0001"
KEYS = seeded(1, TILL)


def sale(seq, /, no=None, **changed):
    """The payload of a sale of one coffee."""
    record = {
        "kind": "sale", "seq": seq, "no": seq if no is None else no, "at": 1795271526 + seq, "off": 3600, "trusted": True,
        "cur": "GBP", "total": 350, "rounding": 0, "receipt": "auto",
        "lines": [{"code": "11", "names": {"en": "Coffee"}, "price": 350, "qty": 1000, "total": 350, "rate": "standard"}],
        "tax": [{"rate": "standard", "bp": 2000, "mode": "included", "net": 292, "tax": 58}],
        "legs": [{"tender": "cash", "amount": 350, "given": 500, "change": 150}],
    }  # fmt: skip
    return canonical(record | changed)


def sales(count, first=1):
    return [sale(seq) for seq in range(first, first + count)]


def head(lines, h=GENESIS):
    for line in lines:
        h = chain(h, line)
    return h


def batch(lines, first=1, prev=None, terminal=TILL):
    """As wire.read_batch gives it. prev: the chain before; by default that of sales()."""
    return wire.read_batch(wire.pack_batch(terminal, first, head(sales(first - 1)) if prev is None else prev, lines))


def deflated(text, dictionary=wire.DICTIONARY):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return bytes([wire.DICTIONARY_VERSION]) + packer.compress(text) + packer.flush()


def published(lines, first=1, prev=None, terminal=TILL):
    """As it travels, signed with KEYS."""
    return deflated(wire.pack_batch(terminal, first, head(sales(first - 1)) if prev is None else prev, lines, KEYS.sign))


def met(ledger, *terminals):
    """Tills whose hello was heard, with KEYS: their batches are believed."""
    put = "INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, 0, 0) ON CONFLICT(terminal) DO NOTHING"
    for terminal in terminals or (TILL,):
        ledger.db.execute(put, (terminal, KEYS.public()))
