"""The proof on a receipt: the till's word, signed, in a code that any laptop reads without asking anybody.

    BW1/BARROW-0001/42/1580/GBP/1795271526/ABCDEFGHIJKLMNOP/SIGNATURE

form, terminal, receipt number, total in minor units, currency, time in UTC seconds, the first 80 bits of the journal's
chain after this sale, and an Ed25519 signature over all before its slash. Hash and signature are in the letters of
RFC 4648 base32, so that the whole is upper case: 160 to 176 characters are a QR code of version 7 at level M, 45 modules
a side; as bytes it would be version 9, 53 modules."""

import binascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.sale.record import Record
    from hal.ports.board import Keystore

FORM = "BW1"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648, table 3
CHAIN_BYTES = 10  # of the link: nobody finds another sale with the same 80 bits
SIGNATURE_BYTES = 64
LONGEST = 300  # characters; a reader looks at no more


class Proof:
    """What a proof says. link: the beginning of the chain after the sale. said: the bytes that the signature is over."""

    def __init__(self, fields: "list[str]", link: bytes, said: bytes, signature: bytes):
        self.terminal = fields[1]
        self.no = int(fields[2])
        self.total = int(fields[3])
        self.currency = fields[4]
        self.at = int(fields[5])
        self.link = link
        self.said = said
        self.signature = signature


def text(keys: "Keystore", terminal: str, record: "Record", link: bytes) -> str:
    """The proof of a sale. link: the chain after its record."""
    fields = [FORM, terminal, str(record["no"]), str(record["total"]), record["cur"], str(record["at"])]
    said = "/".join(fields + [letters(link[:CHAIN_BYTES])])
    return said + "/" + letters(keys.sign(said.encode()))


def code(proof: str) -> str:
    """The few letters of a proof that people can compare: the first 40 bits of the chain."""
    link = proof.split("/")[6]
    return link[:4] + "-" + link[4:8]


def read(proof: str) -> Proof:
    """What a scanned text says; whether it is true, its signature tells. Raises ValueError, which names the part."""
    fields = proof.split("/") if len(proof) <= LONGEST else []
    if len(fields) != 8 or fields[0] != FORM:
        raise ValueError("not the code of a Barrow receipt")
    for name, i in (("number", 2), ("total", 3), ("time", 5)):
        digits = fields[i][1:] if i == 3 and fields[i][:1] == "-" else fields[i]
        if not 1 <= len(digits) <= 16 or any(c not in "0123456789" for c in digits):
            raise ValueError(f"its {name} is no number")
    for name, i, most in (("terminal", 1, 16), ("currency", 4, 3)):
        if not 1 <= len(fields[i]) <= most or any(c not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-" for c in fields[i]):
            raise ValueError(f"its {name} is none")
    link, signature = octets(fields[6], CHAIN_BYTES), octets(fields[7], SIGNATURE_BYTES)
    return Proof(fields, link, "/".join(fields[:7]).encode(), signature)


def letters(data: bytes) -> str:
    """Base32 without padding (RFC 4648, section 6)."""
    bits = 8 * len(data)
    count = (bits + 4) // 5
    value = int(binascii.hexlify(data), 16) << (5 * count - bits)
    return "".join([LETTERS[value >> 5 * i & 31] for i in range(count - 1, -1, -1)])


def octets(told: str, size: int) -> bytes:
    """`size` bytes out of base32. Raises ValueError for any other letters, number of them, or a tail that is not zero."""
    count = (8 * size + 4) // 5
    if len(told) != count or any(c not in LETTERS for c in told):
        raise ValueError("its code is cut short, or has letters that it never has")
    value = 0
    for c in told:
        value = value << 5 | LETTERS.index(c)
    spare = 5 * count - 8 * size
    if value & ((1 << spare) - 1):
        raise ValueError("its code has a wrong end")
    return (value >> spare).to_bytes(size, "big")
