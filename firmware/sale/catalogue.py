"""The catalogue: what the shop sells, by code. Rows that break a rule are left out and listed, and nothing else stops."""

from firmware.sale.money import Currency
from firmware.sale.tax import Rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = 40  # characters
CODE = 48  # characters: a long Code 128 label
CHECKED = (8, 12, 13, 14)  # digits of an EAN-8, UPC-A, EAN-13 and ITF-14


class Item:
    """code: PLU or barcode. names: language -> name. price: minor units. rate: a tax rate's name."""

    def __init__(self, code: str, names: "dict[str, str]", price: int, rate: str):
        self.code = code
        self.names = names
        self.price = price
        self.rate = rate

    def name(self, lang: str) -> str:
        """In that language, or else in another that it has."""
        return in_language(self.names, lang)


class Catalogue:
    """Items by code."""

    def __init__(self, items: "Iterable[Item]"):
        self.items = {item.code: item for item in items}

    def find(self, code: str) -> "Item | None":
        """The item, or None. A UPC-A is the EAN-13 that starts with 0: scanners send either."""
        if code in self.items:
            return self.items[code]
        if len(code) == 12 and is_digits(code):
            return self.items.get("0" + code)
        if len(code) == 13 and code.startswith("0"):
            return self.items.get(code[1:])
        return None


class BadRow(Exception):
    """A row that is left out; str() is the reason."""


def in_language(names: "dict[str, str]", lang: str) -> str:
    """The name in a language; where it has none, the first of the others by their codes; "" where there is none."""
    if lang in names:
        return names[lang]
    return names[min(names)] if names else ""


def is_digits(text: str) -> bool:
    """ASCII digits only; str.isdigit takes Arabic ones too."""
    return bool(text) and all(c in "0123456789" for c in text)


def check_digit(digits: str) -> str:
    """The GS1 check digit (GS1 General Specifications 7.9): from the right, weights 3 1 3 1."""
    total = 0
    for i, c in enumerate(digits):
        total += int(c) * (3 if (len(digits) - i) % 2 else 1)
    return str(-total % 10)


def printable(text: str) -> bool:
    """No control character, no half of a surrogate pair, and nothing that turns or hides what stands beside it."""
    for c in text:
        n = ord(c)
        if n < 0x20 or 0x7F <= n < 0xA0 or 0xD800 <= n < 0xE000:
            return False
        if 0x200B <= n < 0x2010 or 0x2028 <= n < 0x2030 or 0x2060 <= n < 0x2070 or n == 0xFEFF:
            return False
    return True


def read_rows(
    rows: "list[object]", currency: Currency, taxes: "dict[str, Rate]", languages: "list[str]"
) -> "tuple[list[Item], list[tuple[int, str]]]":
    """The items, and (row number from 1, reason) of every row that was left out. Of two rows with a code the first stands."""
    items: list[Item] = []
    bad: list[tuple[int, str]] = []
    codes: set[str] = set()
    for number, row in enumerate(rows, 1):
        try:
            item = _item(row, currency, taxes, languages)
            if item.code in codes:
                raise BadRow("code stands twice")
        except BadRow as e:
            bad.append((number, str(e)))
            continue
        codes.add(item.code)
        items.append(item)
    return items, bad


def _item(row: object, currency: Currency, taxes: "dict[str, Rate]", languages: "list[str]") -> Item:
    if not isinstance(row, dict):
        raise BadRow("not an object")
    for key in ("code", "name", "price", "rate"):
        if key not in row:
            raise BadRow(f"{key} is missing")
    if len(row) > 4:
        raise BadRow("has a key that is not known")
    return Item(_code(row["code"]), _names(row["name"], languages), _price(row["price"], currency), _rate(row["rate"], taxes))


def _code(code: object) -> str:
    if not isinstance(code, str) or not 0 < len(code) <= CODE:
        raise BadRow(f"code must be 1 to {CODE} characters in quotes")
    if not all("!" <= c <= "~" for c in code):
        raise BadRow("code must be printable ASCII without spaces")
    if is_digits(code) and len(code) in CHECKED and check_digit(code[:-1]) != code[-1]:
        raise BadRow("code has a wrong check digit")
    return code


def _names(names: object, languages: "list[str]") -> "dict[str, str]":
    if not isinstance(names, dict) or not names:
        raise BadRow("name must be an object of language and name")
    for lang, name in names.items():
        if lang not in languages:
            raise BadRow("name is in a language that the profile does not have")
        if not isinstance(name, str) or not name.strip() or len(name) > NAME:
            raise BadRow(f"name must be 1 to {NAME} characters")
        if not printable(name):
            raise BadRow("name has a control character")
    return names


def _price(price: object, currency: Currency) -> int:
    minor = currency.read(price) if isinstance(price, str) else None
    if not minor:
        raise BadRow(f"price must be above zero, in quotes, with {currency.decimals} decimals")
    return minor


def _rate(rate: object, taxes: "dict[str, Rate]") -> str:
    if not isinstance(rate, str) or rate not in taxes:
        raise BadRow("rate is not one of the profile's taxes")
    return rate
