"""Other tills of the bench's fleet, as far as its ledger goes: the names and keys that it would have heard, had they come up."""

from collections.abc import Sequence

from fleet import till_keys
from fleet.documents import Documents
from fleet.ledger import Ledger
from fleet.sign import DocumentKey
from fleet.trust import Trust
from hal import keystore


def list_out(ledger: Ledger, key: DocumentKey, seed: int, now: int, names: Sequence[str], gone: Sequence[str]) -> None:
    """The fleet hears of these tills, with the keys that the seed gives them, and of the ones that are gone, which it
    forgets again; then it does as `python -m fleet push tills` does. now: UTC seconds. Raises Wrong."""
    known = "INSERT INTO tills(terminal, key, since, utc) VALUES (?, ?, ?, 0) ON CONFLICT(terminal) DO NOTHING"
    ledger.db.executemany(known, [(name, keystore.seeded(seed, name).public(), now) for name in (*names, *gone)])
    keys = till_keys.TillKeys(ledger, lambda: now)
    keys.settle()
    for name in gone:
        Trust(ledger).forget(name)
    till_keys.give_out(keys, Documents(ledger, lambda: now), key.sign)
