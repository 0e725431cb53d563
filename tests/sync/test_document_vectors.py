"""Labels of documents as files, for whoever writes another end; their signatures are checked by a reader that is none of ours."""

import hashlib
import json
from pathlib import Path

import pytest

from firmware.sync import document
from firmware.sync.document import Declined, Judge
from hal.keystore import Keys
from tests.sync import reader

VECTORS = json.loads((Path(__file__).parent / "vectors" / "documents.json").read_text(encoding="utf-8"))
FLEET = bytes.fromhex(VECTORS["fleet"])
TILL = Keys(bytes(32), bytes(32), FLEET)


@pytest.mark.parametrize("row", VECTORS["labels"], ids=lambda row: row["name"])
def test_labels(row):
    label = document.read(row["label"].encode())
    applied = VECTORS["in_use"].get(label.kind, 0)
    try:
        document.judge(label, Judge(TILL, VECTORS["terminal"], applied, VECTORS["now"]))
        declined = ""
    except Declined as why:
        declined = why.check
    assert declined == row["declined"]
    said = json.loads(row["label"])
    signature = bytes.fromhex(said.pop("s"))
    assert reader.holds(FLEET, VECTORS["said"].encode() + reader.written(said), signature) == (declined != "key")
    if not declined:
        body = row["body"].encode()
        assert (said["length"], said["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
