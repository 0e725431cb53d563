"""What a keyboard wedge means by a key: scan codes of linux/input-event-codes.h on the layout that the scanner is set to.

Scanners leave the factory as US keyboards; one that was bought for a desk at home types as that desk's keyboard. board.json
says which (scanner.layout)."""

from typing import NamedTuple

ENTER, TAB, KP_ENTER, SPACE = 28, 15, 96, 57
ENDS = (ENTER, TAB, KP_ENTER)
SHIFTS = (42, 54)
CTRL, ALT, ALT_GR = 29, 56, 100
# Ctrl, Alt and Meta: with one of them a key is a command or a control code, never a letter
COMMANDS = (CTRL, 97, ALT, ALT_GR, 125, 126)

# first code, plain, with Shift: consecutive codes from the first on
Rows = tuple[tuple[int, str, str], ...]
PAD: Rows = ((55, "*", "*"), (57, " ", " "), (71, "789-456+1230", "789-456+1230"), (98, "/", "/"))
US: Rows = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (83, ".", "."),
)
UK: Rows = (
    (2, "1234567890-=", '!"£$%^&*()_+'),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:@¬"),
    (43, "#zxcvbnm,./", "~ZXCVBNM<>?"),
    (83, ".", "."),
    (86, "\\", "|"),
)
DE: Rows = (
    (2, "1234567890ß´", '!"§$%&/()=?`'),
    (16, "qwertzuiopü+", "QWERTZUIOPÜ*"),
    (30, "asdfghjklöä^", "ASDFGHJKLÖÄ°"),
    (43, "#yxcvbnm,.-", "'YXCVBNM;:_"),
    (83, ",", ","),
    (86, "<", ">"),
)
DE_ALT_GR = {3: "²", 4: "³", 8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~", 50: "µ", 86: "|"}


class Layout(NamedTuple):
    """scan code -> character: alone, with Shift, with AltGr (or Ctrl and Alt, which is the same). dead: characters that show
    when the next key is the space bar, which is then no space."""

    plain: dict[int, str]
    shifted: dict[int, str]
    alt_gr: dict[int, str]
    dead: str = ""


def layout(rows: Rows, alt_gr: dict[int, str], dead: str = "") -> Layout:
    plain = {first + i: char for first, row, _ in rows + PAD for i, char in enumerate(row)}
    shifted = {first + i: char for first, _, row in rows + PAD for i, char in enumerate(row)}
    return Layout(plain, shifted, alt_gr, dead)


LAYOUTS = {"us": layout(US, {}), "uk": layout(UK, {5: "€"}), "de": layout(DE, DE_ALT_GR, "´`^")}
