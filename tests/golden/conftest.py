"""The golden book is read once for all tests of it."""

import pytest

from tests.golden import book, gallery


@pytest.fixture(scope="session")
def pages():
    """Every script in every language, played."""
    found = [book.read(path) for path in book.scripts()]
    gallery.write(found, book.ROOT / "out")
    return found
