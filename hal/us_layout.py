"""What a keyboard wedge means by a key: scan codes of linux/input-event-codes.h on the US layout, plain and with Shift.

Scanners leave the factory with this layout; other layouts are a setting of the scanner's, not ours."""

# first code, plain, with Shift: consecutive codes from the first on
ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),  # from here on the number pad
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
)
ENTER, TAB, KP_ENTER = 28, 15, 96
ENDS = (ENTER, TAB, KP_ENTER)
SHIFTS = (42, 54)
# Ctrl, Alt and Meta: with one of them a key is a command or a control code, never a letter
COMMANDS = (29, 97, 56, 100, 125, 126)

PLAIN = {first + i: char for first, plain, _ in ROWS for i, char in enumerate(plain)}
SHIFTED = {first + i: char for first, _, shifted in ROWS for i, char in enumerate(shifted)}
