"""At the fleet's door: what a till without a certificate says there, what it is told, and the code by which people tell one
such till from another.

The code stands for the two keys and the name that ask: whoever sees it on a till's own screen, and gives it to the fleet,
says "this one". It is no secret. Pure, and shared with fleet/."""

import binascii
import hashlib

from firmware.journal.codec import canonical
from firmware.sync import seal
from firmware.sync.envelope import MAX_SEQ, VERSION, check_version, integer, small, words
from firmware.sync.topics import ROOT, terminal_ok
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.ports.board import Keystore

WAITING, ENROLLED, REFUSED = "waiting", "enrolled", "refused"
REVOKED = "revoked"  # why it was refused: the fleet has taken this till's certificate back

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_CHARS = 13  # 60 bits of a hash, and one that shows a slip of the finger (Luhn, mod 32)
GROUP = 4
MAX_DER = 1500  # bytes of a request or a certificate


def code(terminal: str, public: bytes, key: bytes) -> str:
    """The claim code of these keys under this name. public: P-256 for TLS (SubjectPublicKeyInfo), key: Ed25519, 32 bytes."""
    h = hashlib.sha256(b"barrow claim\n" + terminal.encode() + b"\n" + key + public).digest()
    bits = int.from_bytes(h[:8], "big") >> 4
    plain = "".join([SIGNS[bits >> (55 - 5 * i) & 31] for i in range(CODE_CHARS - 1)])
    return plain + _check(plain)


def grouped(claim: str) -> "list[str]":
    """As people read it: groups of four, and the last sign alone."""
    return [claim[i : i + GROUP] for i in range(0, len(claim), GROUP)]


def typed(text: str) -> str:
    """The code in what somebody typed: small letters, hyphens and spaces do not matter, I and L are 1, O is 0.

    Raises ValueError when it is none, or one sign is not right."""
    plain = text.strip().upper().replace("-", "").replace(" ", "").replace("I", "1").replace("L", "1").replace("O", "0")
    if len(plain) != CODE_CHARS or any(c not in SIGNS for c in plain):
        raise ValueError(f"a claim code has {CODE_CHARS} signs: letters and digits, as the till shows it")
    if _check(plain[:-1]) != plain[-1]:
        raise ValueError("one sign of the claim code is not right: read it again")
    return plain


def scanned(text: str) -> "tuple[str, str]":
    """(terminal, code) of the QR on the till's screen. Raises ValueError."""
    terminal, _, claim = text.strip().partition("/")
    if not terminal_ok(terminal):
        raise ValueError("not the QR of a till that waits")
    return terminal, typed(claim)


def picture(terminal: str, claim: str) -> str:
    """The text of that QR."""
    return f"{terminal}/{claim}"


def up(claim: str) -> str:
    """The topic where the till asks. The broker at the door lets it speak there as the client `claim`, and nobody else."""
    return f"{ROOT}/claim/{claim}/up"


def down(claim: str) -> str:
    """The topic where it is answered."""
    return f"{ROOT}/claim/{claim}/dn"


def claimed(topic: str) -> str:
    """The code in a topic of the first kind. Raises WireFault."""
    try:
        claim = typed(topic[len(ROOT) + 7 : -3])
    except ValueError:
        claim = ""
    if not claim or topic != up(claim):
        raise WireFault(f"topic: {topic[:80]!r} is none of the door's", "topic")
    return claim


def ask(claim: str, terminal: str, request: bytes, keys: "Keystore") -> bytes:
    """Up: certify this (PKCS #10, DER), and take my journal's key for mine, which signs all this."""
    return seal.signed(up(claim), canonical({"v": VERSION, "t": terminal, "csr": _text(request)}), keys)


def read_ask(payload: bytes) -> "dict[str, object]":
    """Checked, csr as bytes; who signed it is for seal_of. Raises WireFault."""
    message = small(payload, "claim")
    check_version(message, "claim")
    if not terminal_ok(words(message, "t", "claim")):
        raise WireFault("claim: t: not the name of a terminal")
    message["csr"] = _der(message, "csr")
    return message


def answer(state: str, certificate: bytes = b"", documents: bytes = b"", first: int = 0, why: str = "") -> bytes:
    """Down. certificate, documents: DER. first: the least number of the next receipt, for new hardware in an old name."""
    message: "dict[str, object]" = {"v": VERSION, "state": state}
    if state == ENROLLED:
        message["crt"], message["doc"], message["first"] = _text(certificate), _text(documents), first
    if state == REFUSED:
        message["why"] = why
    return canonical(message)


def read_answer(payload: bytes) -> "dict[str, object]":
    """Checked, crt and doc as bytes. Raises WireFault."""
    message = small(payload, "answer")
    check_version(message, "answer")
    state = words(message, "state", "answer")
    if state not in (WAITING, ENROLLED, REFUSED):
        raise WireFault("answer: state: not one that this till knows")
    if state == ENROLLED:
        message["crt"], message["doc"] = _der(message, "crt"), _der(message, "doc")
        if integer(message, "first", "answer", 0) > MAX_SEQ >> 22:
            raise WireFault("answer: first: no number of a receipt")
    if state == REFUSED:
        words(message, "why", "answer")
    return message


def _check(plain: str) -> str:
    """Luhn, mod 32: shows each single wrong sign, and nearly each swap of two neighbours."""
    total = 0
    for i, sign in enumerate(plain):
        value = SIGNS.index(sign)
        if (len(plain) - i) % 2:
            value *= 2
        total += value // 32 + value % 32
    return SIGNS[-total % 32]


def _text(data: bytes) -> str:
    return binascii.b2a_base64(data).decode().strip()


def _der(message: "dict[str, object]", key: str) -> bytes:
    value = message.get(key)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_DER * 4 // 3:
        raise WireFault(f"{key}: no base64 of a reasonable length")
    try:
        data = binascii.a2b_base64(value)
    except ValueError:
        raise WireFault(f"{key}: no base64") from None
    if _text(data) != value:
        raise WireFault(f"{key}: no base64")
    return data
