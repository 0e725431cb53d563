"""A public key of age as people copy it: "age1" and 58 letters, whose last six are a checksum (BIP 173, Bech32)."""

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
LENGTH = 62


def is_key(text: str) -> bool:
    """Right to the letter; a mistyped one is found here, and not when a backup is wanted."""
    if len(text) != LENGTH or not text.startswith("age1") or any(c not in LETTERS for c in text[4:]):
        return False
    check = 1
    for value in [ord(c) >> 5 for c in "age"] + [0] + [ord(c) & 31 for c in "age"] + [LETTERS.index(c) for c in text[4:]]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(GENERATOR):
            if top >> bit & 1:
                check ^= term
    return check == 1
