"""What a sale weighs on the air: bytes both ways for all that it causes, with MQTT 5 and TLS 1.3, and the session there.

Counted here from the bytes of each layer; tests/bench counts them at the modem. The goods of a stall that the dictionary has
never seen are the honest case."""

import hashlib
import zlib

import pytest

from firmware.journal.codec import canonical, chain
from firmware.sync import wire
from hal import keystore

TLS_RECORD = 22  # RFC 8446 5.2: 5 of head, 1 of type, 16 of tag
PUBACK = 4
MARKET = (("11", "Coffee", "咖啡", 350), ("12", "Dumplings", "饺子", 600), ("5012345678900", "Oolong L", "乌龙茶 大杯", 380))
DAIRY = (("4006381333931", "Goat cheese", "山羊奶酪", 540), ("4006381334112", "Honey 250 g", "蜂蜜 250克", 720),
         ("4006381335577", "Eggs, dozen", "鸡蛋 一打", 410))  # fmt: skip


def publish(topic, payload, qos):
    """Bytes of a PUBLISH (MQTT 5, section 3.3)."""
    rest = 2 + len(topic) + 2 * qos + 1 + len(payload)
    return 1 + (1 if rest < 128 else 2 if rest < 16384 else 3) + rest


def records(goods, sales):
    """Two lines each, every sale another; the slip of the sale before rides along."""
    for no in range(412, 412 + sales):
        yield {"kind": "print", "no": no - 1, "copy": 0, "done": True}
        lines = []
        for step in (no, no * 7 + 1):
            code, en, zh, price = goods[step % 3]
            qty = 1 + step % 5 // 3
            line = {"code": code, "names": {"en": en, "zh": zh}, "price": price, "qty": 1000 * qty, "rate": "standard"}
            lines.append(line | {"total": price * qty})
        total = sum(line["total"] for line in lines)
        given_ = (total // 1000 + no % 2) * 1000 + 1000
        yield {
            "kind": "sale", "no": no, "at": 1795271526 + 97 * no + no % 13, "off": 0, "trusted": True, "cur": "GBP",
            "lines": lines, "total": total, "rounding": 0, "receipt": "auto",
            "tax": [{"rate": "standard", "bp": 2000, "mode": "included", "net": total - total // 6, "tax": total // 6}],
            "legs": [{"tender": "cash", "amount": total, "given": given_, "change": given_ - total}],
        }  # fmt: skip


def deflate(text, dictionary):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return packer.compress(text) + packer.flush()


def weight(goods, sales):
    """Bytes a sale, both ways: the batch, the broker's PUBACK and the ledger's ack, a TLS record each."""
    till, prev = "BARROW-0001", hashlib.sha256(b"yesterday").digest()
    lines = [canonical(record | {"seq": 823 + at}) for at, record in enumerate(records(goods, sales))]
    batch = wire.packed(till, 823, prev, lines, keystore.seeded(1, till).sign, deflate)
    ack = wire.ack(822 + len(lines), chain(prev, b"today"))
    up, down = publish(wire.topic(till, wire.UP_BATCH), batch, 1), publish(wire.topic(till, wire.DN_ACK), ack, 0)
    return (up + PUBACK + down + 3 * TLS_RECORD) / sales


@pytest.mark.parametrize("goods", [MARKET, DAIRY], ids=["a stall of the dictionary", "a stall that it does not know"])
def test_what_a_sale_weighs(goods):
    lone, twenty = weight(goods, 1), weight(goods, 20)
    print(f"a lone sale {lone:.0f} B, in twenties {twenty:.1f} B each")
    assert lone <= 450 and twenty <= 80, (lone, twenty)
