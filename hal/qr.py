"""QR codes as modules, for the panel (ISO/IEC 18004, by segno)."""

import importlib


def modules(text: str) -> list[bytes]:
    """Rows from the top, one byte a module, 1 dark, without the quiet zone; level L, the smallest version that holds it.

    Up to 77 characters of 0-9 A-Z $%*+-./: and space fit version 3, which the panel shows at two dots a module.
    Raises ValueError when the text is longer than any code."""
    segno = importlib.import_module("segno")  # 44 ms, which no boot should wait for
    return [bytes(row) for row in segno.make_qr(text, error="l", boost_error=False).matrix]
