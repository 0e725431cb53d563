"""The profile: what the shop sells, in which money, tax and languages, read from three kinds of file and checked whole.

profile/merchant.json (README.md in firmware/sale lists its keys), profile/catalogue.json, text/LANG.json. A wrong file
or key stops the boot by ConfigFault; a wrong catalogue row is logged and left out."""

from firmware import schema
from firmware.age_key import is_key
from firmware.sale import catalogue
from firmware.sale.catalogue import Catalogue, Item
from firmware.sale.money import Currency, currency
from firmware.sale.tax import ADDED, INCLUDED, WHOLE, Rate
from firmware.ui.words import Words, places
from hal.ports.slip import COLUMNS, columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.schema import Node
    from hal.ports.board import Files, Log

MERCHANT = "profile/merchant.json"
CATALOGUE = "profile/catalogue.json"
LANGUAGES = ("en", "zh")
RECEIPT = ("auto", "ask", "never")
TENDERS = ("cash", "card", "qr")
FAVOURITES = 3
ROWS = 20_000  # of a catalogue
MAY = ("journal",)  # keys that may be left out
KEEP_DAYS = 90  # of the journal, at least
KEYS = (
    "shop", "currency", "cash_step", "notes", "taxes", "open_rate", "languages", "lang", "offset", "receipt", "first_no",
    "tenders", "no_sale_reasons", "favourites", "backup_key",
)  # fmt: skip


class Reason:
    """Why a drawer was opened without a sale. code: what the journal says, names: language -> what the operator picks."""

    def __init__(self, code: str, names: "dict[str, str]"):
        self.code = code
        self.names = names

    def name(self, lang: str) -> str:
        """In that language, or else in another that it has."""
        return catalogue.in_language(self.names, lang)


class Settings:
    """Everything the shop decided. Amounts are minor units.

    shop: language -> header lines of a slip. cash_step: 1 is no rounding. notes: ascending. taxes: name -> Rate.
    open_rate: the rate of a typed price. offset_s: to add to UTC. tenders: in the order of their keys. favourites: three,
    None where a key has none; favourite_codes: what they should be. keep_days: how old a sale is before it may
    leave the journal. backup_key: the shop's public key of age, "" where no backups are made. bad_rows: (row, reason) of
    catalogue rows that were left out."""

    def __init__(self, merchant: "Node", words: "dict[str, Words]", rows: "Node"):
        self.words = words
        self.languages = sorted(words)
        self.lang = merchant.at("lang").one_of(self.languages)
        self.shop = _header(merchant.at("shop"), self.languages)
        self.currency = _currency(merchant.at("currency"))
        self.cash_step = _amount(merchant.at("cash_step"), self.currency)
        self.notes = _notes(merchant.at("notes"), self.currency, self.cash_step)
        self.taxes = _taxes(merchant.at("taxes"), self.languages)
        self.open_rate = merchant.at("open_rate").one_of(sorted(self.taxes))
        self.offset_s = _offset(merchant.at("offset"))
        self.receipt = merchant.at("receipt").one_of(RECEIPT)
        self.first_no = merchant.at("first_no").number(1, 99_999_999)
        self.tenders = merchant.at("tenders").some_of(TENDERS)
        self.no_sale_reasons = [_reason(node, self.languages) for node in merchant.at("no_sale_reasons").rows(0, 9)]
        self.keep_days = _keep_days(merchant)
        self.backup_key = _backup_key(merchant.at("backup_key"))
        items, self.bad_rows = catalogue.read_rows(rows.value, self.currency, self.taxes, self.languages)
        self.catalogue = Catalogue(items)
        self.favourite_codes = [node.text(catalogue.CODE) for node in merchant.at("favourites").rows(0, FAVOURITES)]
        self.favourites: list[Item | None] = [self.catalogue.find(code) for code in self.favourite_codes]
        while len(self.favourites) < FAVOURITES:
            self.favourites.append(None)


class Profile:
    """The files as they were read, before anything is made of them. tables: language -> its word list."""

    def __init__(self, merchant: "Node", rows: "Node", tables: "dict[str, dict[str, str]]"):
        self.merchant = merchant
        self.rows = rows
        self.tables = tables


async def load(files: "Files", log: "Log") -> Settings:
    """Read and check the profile. Raises ConfigFault."""
    settings = settle(await read(files))
    for row, reason in settings.bad_rows:
        log.say("cfg", f"{CATALOGUE}: row {row} left out: {reason}")
    for i, code in enumerate(settings.favourite_codes):
        if settings.favourites[i] is None:
            log.say("cfg", f"{MERCHANT}: favourites.{i}: no item {code} in the catalogue, the key stays blank")
    return settings


async def read(files: "Files") -> Profile:
    """The profile's files, each sound by itself. Raises ConfigFault."""
    merchant = schema.parse(MERCHANT, await files.read(MERCHANT)).only(KEYS + MAY)
    tables = {}
    for lang in merchant.at("languages").some_of(LANGUAGES):
        file = f"text/{lang}.json"
        tables[lang] = read_words(file, await files.read(file))
    rows = schema.parse(CATALOGUE, await files.read(CATALOGUE)).only(("items",)).at("items")
    return Profile(merchant, rows, tables)


def settle(profile: Profile) -> Settings:
    """What a profile comes to. Raises ConfigFault."""
    words = {lang: Words(lang, table) for lang, table in profile.tables.items()}
    match_words(words)
    profile.rows.rows(0, ROWS)
    return Settings(profile.merchant, words, profile.rows)


def read_words(file: str, data: bytes) -> "dict[str, str]":
    """A word list: flat, key -> text with {named} places. Raises ConfigFault."""
    table = {}
    for key, node in schema.parse(file, data).entries():
        table[key] = node.text(200, least=0)
        if places(table[key]) is None:
            raise node.fault("braces must pair around a plain name")
    return table


def match_words(words: "dict[str, Words]") -> None:
    """Every language has the same keys with the same places. Raises ConfigFault."""
    langs = sorted(words)
    for lang in langs[1:]:
        one, other = words[langs[0]].table, words[lang].table
        for key in sorted(set(one) | set(other)):
            if key not in one or key not in other:
                raise schema.Node(f"text/{langs[0] if key not in one else lang}.json", key, None).fault("is missing")
            if places(one[key]) != places(other[key]):
                raise schema.Node(f"text/{lang}.json", key, None).fault(f"has not the places of text/{langs[0]}.json")


def _names(node: "Node", languages: "list[str]", longest: int) -> "dict[str, str]":
    """A text a language, all of them."""
    node.only(tuple(languages))
    return {lang: node.at(lang).text(longest) for lang in languages}


def _header(node: "Node", languages: "list[str]") -> "dict[str, list[str]]":
    node.only(tuple(languages))
    header: dict[str, list[str]] = {}
    for lang in languages:
        header[lang] = []
        for line in node.at(lang).rows(1, 6):
            if columns(line.text(COLUMNS)) > COLUMNS:
                raise line.fault(f"is wider than the paper, {COLUMNS} columns")
            header[lang].append(line.text(COLUMNS))
    return header


def _currency(node: "Node") -> Currency:
    found = currency(node.text(3, least=3))
    if found is None:
        raise node.fault("is no ISO 4217 currency")
    return found


def _amount(node: "Node", money: Currency) -> int:
    minor = money.read(node.text(12))
    if not minor:
        raise node.fault(f"must be an amount above zero with {money.decimals} decimals")
    return minor


def _notes(node: "Node", money: Currency, step: int) -> "list[int]":
    notes: list[int] = []
    for row in node.rows(0, 12):
        notes.append(_amount(row, money))
        if notes[-1] % step:
            raise row.fault("is no multiple of cash_step")
    if any(notes[i] >= notes[i + 1] for i in range(len(notes) - 1)):
        raise node.fault("must ascend")
    return notes


def _taxes(node: "Node", languages: "list[str]") -> "dict[str, Rate]":
    taxes = {name: _rate(name, rate, languages) for name, rate in node.entries()}
    if not taxes:
        raise node.fault("must have a rate, of 0 where there is no tax")
    return taxes


def _rate(name: str, node: "Node", languages: "list[str]") -> Rate:
    node.only(("bp", "mode", "label", "mark"))
    mark = node.at("mark").text(1) if "mark" in node.table() else ""
    mode = node.at("mode").one_of((INCLUDED, ADDED))
    return Rate(name, node.at("bp").number(0, WHOLE), mode, _names(node.at("label"), languages, 16), mark)


def _offset(node: "Node") -> int:
    """Seconds of "+05:45"."""
    text = node.text(6, least=6)
    hours, minutes = text[1:3], text[4:]
    if text[0] not in "+-" or text[3] != ":" or not catalogue.is_digits(hours + minutes):
        raise node.fault('must be like "+01:00"')
    seconds = int(hours) * 3600 + int(minutes) * 60
    if seconds > 14 * 3600 or int(minutes) > 59:
        raise node.fault("must be -14:00 to +14:00")
    return -seconds if text[0] == "-" else seconds


def _reason(node: "Node", languages: "list[str]") -> Reason:
    node.only(("code", "name"))
    return Reason(node.at("code").text(16), _names(node.at("name"), languages, 20))


def _keep_days(merchant: "Node") -> int:
    """journal.keep_days, where the shop wants more than the least."""
    if "journal" not in merchant.table():
        return KEEP_DAYS
    return merchant.at("journal").only(("keep_days",)).at("keep_days").number(KEEP_DAYS, 36_500)


def _backup_key(node: "Node") -> str:
    key = node.text(100, least=0)
    if key and not is_key(key):
        raise node.fault("is no public key of age (age1...)")
    return key
