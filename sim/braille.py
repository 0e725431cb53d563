"""The panel in a terminal: two columns by four rows of pixels in a braille letter, 16 lines of 64 letters, or of 128."""

HEIGHT = 64
DOTS = ((0, 0, 0x01), (0, 1, 0x02), (0, 2, 0x04), (1, 0, 0x08), (1, 1, 0x10), (1, 2, 0x20), (0, 3, 0x40), (1, 3, 0x80))


def braille(pages: bytes) -> str:
    """Page bytes as 16 lines of text (Unicode 2800-28FF)."""
    width = len(pages) * 8 // HEIGHT

    def lit(x: int, y: int) -> bool:
        return bool(pages[(y // 8) * width + x] >> (y % 8) & 1)

    def letter(x: int, y: int) -> str:
        return chr(0x2800 + sum(bit for dx, dy, bit in DOTS if lit(x + dx, y + dy)))

    return "\n".join("".join(letter(x, y) for x in range(0, width, 2)) for y in range(0, HEIGHT, 4))
