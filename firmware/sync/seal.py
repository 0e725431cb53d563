"""What is signed, byte for byte, for the end that signs and the end that checks: a till's heads, its hello and its requests,
and the fleet's welcome and answers.

Each begins with the topic that it travels on, so that one till's word is never another's, and a head is never a hello.
Who sees a signed head knows: all that the chain covers up to there was said by the till with this key."""

import binascii
import json

from firmware.journal.codec import canonical
from hal.ports.faults import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.ports.board import Keystore

KEY, SIGNATURE = "k", "s"  # the fields that a signed message has more
KEY_BYTES, SIGNATURE_BYTES = 32, 64


class Seal:
    """key: public, as the message says it. said: the bytes that were signed. signature: over them."""

    def __init__(self, key: bytes, said: bytes, signature: bytes):
        self.key = key
        self.said = said
        self.signature = signature


def head(topic: str, to: int, h: bytes) -> bytes:
    """The statement "my record `to` is where the chain says h"."""
    return _said(topic, {"h": binascii.hexlify(h).decode(), "to": to})


def signed(topic: str, payload: bytes, keys: "Keystore") -> bytes:
    """A message with its sender's public key, and a signature over all the rest of it."""
    message = json.loads(payload)
    message[KEY] = binascii.hexlify(keys.public()).decode()
    message[SIGNATURE] = binascii.hexlify(keys.sign(_said(topic, message))).decode()
    return canonical(message)


def countersigned(topic: str, payload: bytes, sign: "Callable[[bytes], bytes]") -> bytes:
    """A message of the fleet's with its signature over topic and all the rest. Every till knows the key: it is not said."""
    message = json.loads(payload)
    message[SIGNATURE] = binascii.hexlify(sign(_said(topic, message))).decode()
    return canonical(message)


def vouched(topic: str, payload: bytes, keys: "Keystore") -> bool:
    """Did the fleet say this message, one that its reader has taken for sound? A till that does not know the fleet's key
    yet believes whoever the broker lets speak. Raises WireFault."""
    fleet = keys.fleet()
    if not fleet:
        return True
    message = json.loads(payload)
    if SIGNATURE not in message:
        return False
    signature = octets(message, SIGNATURE, SIGNATURE_BYTES)
    del message[SIGNATURE]
    return keys.holds(fleet, _said(topic, message), signature)


def seal_of(topic: str, payload: bytes) -> "Seal | None":
    """What a message, one that its reader has taken for sound, was signed with; None for one that is not signed.
    Raises WireFault."""
    message = json.loads(payload)
    if KEY not in message and SIGNATURE not in message:
        return None
    rest = {key: value for key, value in message.items() if key != SIGNATURE}
    try:
        said = _said(topic, rest)
    except ValueError:
        raise WireFault("signed message: not canonical", "canonical") from None
    return Seal(octets(message, KEY, KEY_BYTES), said, octets(message, SIGNATURE, SIGNATURE_BYTES))


def octets(message: "dict[str, object]", key: str, size: int) -> bytes:
    """A field of `size` bytes in small hex digits. Raises WireFault."""
    value = message.get(key)
    if not isinstance(value, str) or len(value) != 2 * size or any(c not in "0123456789abcdef" for c in value):
        raise WireFault(f"{key}: not {2 * size} hex digits", "seal")
    return binascii.unhexlify(value)


def _said(topic: str, message: "dict[str, object]") -> bytes:
    return topic.encode() + b"\n" + canonical(message)
