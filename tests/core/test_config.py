"""A profile is read whole or the boot stops, naming file, key and reason."""

import asyncio

from firmware import config
from firmware.ui.words import Words, places
from hal.ports.faults import ConfigFault
from tests.core.shop import PROFILES, Folder, Log, Memory, shop

ITEM = {"code": "11", "name": {"en": "Coffee"}, "price": "3.50", "rate": "standard"}


def merchant():
    return {
        "shop": {"en": ["Market", "Stall 3"], "zh": ["集市"]},
        "currency": "GBP",
        "cash_step": "0.05",
        "notes": ["5.00", "10.00"],
        "taxes": {"standard": {"bp": 2000, "mode": "included", "label": {"en": "VAT", "zh": "增值税"}}},
        "open_rate": "standard",
        "languages": ["en", "zh"],
        "lang": "en",
        "offset": "+05:45",
        "receipt": "auto",
        "first_no": 1,
        "tenders": ["cash"],
        "no_sale_reasons": [{"code": "change", "name": {"en": "Change", "zh": "换零"}}],
        "favourites": ["11"],
        "backup_key": "",
    }


def files(shop=None, items=None):
    return {
        "profile/merchant.json": merchant() if shop is None else shop,
        "profile/catalogue.json": {"items": [ITEM] if items is None else items},
        "text/en.json": {"a": "A", "b": "{n} of {total}"},
        "text/zh.json": {"a": "甲", "b": "{total} 之 {n}"},
    }


def load(files, log=None):
    return asyncio.run(config.load(Memory(files), log or Log()))


def fault(files):
    """file and key of the fault that stops the boot."""
    try:
        load(files)
    except ConfigFault as e:
        assert e.reason and all(" " <= c <= "~" for c in e.file + e.key + e.reason), str(e)
        return e.file, e.key
    return "", ""


def test_a_profile_is_read():
    s = load(files())
    assert (s.currency.code, s.cash_step, s.notes, s.lang, s.languages) == ("GBP", 5, [500, 1000], "en", ["en", "zh"])
    assert (s.offset_s, s.receipt, s.first_no, s.tenders) == (20_700, "auto", 1, ["cash"])
    assert s.shop["en"] == ["Market", "Stall 3"] and s.open_rate == "standard" and s.taxes["standard"].bp == 2000
    assert [item and item.code for item in s.favourites] == ["11", None, None]
    assert s.no_sale_reasons[0].code == "change" and s.no_sale_reasons[0].name("zh") == "换零"
    assert s.words["zh"].t("b", n=1, total=2) == "2 之 1"


def test_every_profile_of_the_repository_loads_whole():
    for profile in PROFILES:
        log = Log()
        s = asyncio.run(config.load(Folder(profile), log))
        assert log.said == [] and s.bad_rows == [] and None not in s.favourites, profile


def test_the_market_never_changes():
    s = shop()
    assert (s.currency.code, s.cash_step, s.notes, s.offset_s) == ("GBP", 1, [500, 1000, 2000, 5000], 0)
    assert (s.receipt, s.first_no, s.lang, s.tenders, s.no_sale_reasons) == ("auto", 1, "en", ["cash"], [])
    assert s.keep_days == 90
    assert [(rate.bp, rate.mode) for rate in s.taxes.values()] == [(2000, "included")]
    shelf = [
        ("11", "Coffee", 350),
        ("12", "Dumplings", 600),
        ("13", "Bun", 250),
        ("14", "Tea", 200),
        ("5012345678900", "Oolong L", 380),
    ]
    for code, name, price in shelf:
        item = s.catalogue.find(code)
        assert item.name("en") == name and item.price == price and item.name("zh") != name
    assert len(s.catalogue.items) == 5 and [item.code for item in s.favourites] == ["11", "13", "14"]


def test_the_widest_that_may_stand():
    wide = merchant()
    wide["shop"] = {"en": ["x" * 32] * 6, "zh": ["店" * 16]}
    for offset, seconds in (("+14:00", 50_400), ("-14:00", -50_400), ("-00:30", -1800)):
        wide["offset"] = offset
        assert load(files(wide)).offset_s == seconds


def test_each_key_is_missed():
    for key in config.KEYS:
        shop = merchant()
        del shop[key]
        assert fault(files(shop)) == ("profile/merchant.json", key)


def test_wrong_values_name_their_key():
    for key, value, named in (
        ("colour", 1, "colour"),
        ("shop", {"en": ["x"]}, "shop.zh"),
        ("shop", {"en": ["x"], "zh": ["x"], "de": ["x"]}, "shop.de"),
        ("shop", {"en": [], "zh": ["x"]}, "shop.en"),
        ("shop", {"en": ["x" * 33], "zh": ["x"]}, "shop.en.0"),
        ("shop", {"en": ["a\x1bb"], "zh": ["x"]}, "shop.en.0"),
        ("shop", {"en": ["店" * 17], "zh": ["x"]}, "shop.en.0"),
        ("currency", "gbp", "currency"),
        ("currency", "XYZ", "currency"),
        ("currency", 826, "currency"),
        ("cash_step", "0", "cash_step"),
        ("cash_step", "0.00", "cash_step"),
        ("cash_step", 5, "cash_step"),
        ("notes", ["10.00", "5.00"], "notes"),
        ("notes", ["5.00", "5.00"], "notes"),
        ("notes", ["5.00", "ten"], "notes.1"),
        ("notes", "5.00", "notes"),
        ("notes", ["5.00", "10.02"], "notes.1"),
        ("taxes", {}, "taxes"),
        ("taxes", [], "taxes"),
        ("open_rate", "reduced", "open_rate"),
        ("open_rate", ["standard"], "open_rate"),
        ("languages", [], "languages"),
        ("languages", ["en", "de"], "languages.1"),
        ("languages", ["en", "en"], "languages"),
        ("lang", "de", "lang"),
        ("offset", "01:00", "offset"),
        ("offset", "+1:00", "offset"),
        ("offset", "+15:00", "offset"),
        ("offset", "+01:60", "offset"),
        ("offset", "+01-30", "offset"),
        ("offset", 60, "offset"),
        ("receipt", "always", "receipt"),
        ("receipt", None, "receipt"),
        ("first_no", 0, "first_no"),
        ("journal", {"keep_days": 89}, "journal.keep_days"),
        ("journal", {"keep_days": True}, "journal.keep_days"),
        ("journal", {}, "journal.keep_days"),
        ("journal", {"keep": 90}, "journal.keep"),
        ("journal", [], "journal"),
        ("first_no", 1.5, "first_no"),
        ("first_no", True, "first_no"),
        ("first_no", "1", "first_no"),
        ("first_no", 10**20, "first_no"),
        ("tenders", [], "tenders"),
        ("tenders", ["gold"], "tenders.0"),
        ("tenders", ["cash", "cash"], "tenders"),
        ("tenders", {"cash": 1}, "tenders"),
        ("no_sale_reasons", [{"code": "x"}], "no_sale_reasons.0.name"),
        ("favourites", ["11", "12", "13", "14"], "favourites"),
        ("favourites", [11], "favourites.0"),
        ("backup_key", None, "backup_key"),
        ("backup_key", "age1ftnwl2l9fe7x8fwfp2rxflmxmjfz0wn5u9dxjvjkapdn3u0gkvfs2zahwx", "backup_key"),  # mistyped at its end
        ("backup_key", "AGE-SECRET-KEY-1QQQQ", "backup_key"),
    ):
        shop = merchant()
        shop[key] = value
        assert fault(files(shop)) == ("profile/merchant.json", named), (key, value, fault(files(shop)))


def test_wrong_tax_rates_name_their_key():
    for key, value in (
        ("bp", -1),
        ("bp", 10_001),
        ("bp", "20"),
        ("bp", 20.0),
        ("mode", "both"),
        ("mark", "**"),
        ("label", "VAT"),
        ("x", 1),
    ):
        shop = merchant()
        shop["taxes"]["standard"][key] = value
        assert fault(files(shop)) == ("profile/merchant.json", "taxes.standard." + key)


def test_files_that_are_no_files_of_ours():
    for name in ("profile/merchant.json", "profile/catalogue.json", "text/en.json", "text/zh.json"):
        for data in (b"", b"{", b"\xff\xfe{}", b"[]", b"null", b'"x"', b"{]", b"[" * 100_000, b"\x00"):
            broken = files()
            broken[name] = data
            assert fault(broken)[0] == name, (name, data[:9])
        gone = files()
        del gone[name]
        assert fault(gone) == (name, "")


def test_a_byte_order_mark_is_no_fault():
    marked = files()
    marked["text/en.json"] = b'\xef\xbb\xbf{"a": "A", "b": "{n} of {total}"}'
    assert load(marked).words["en"].t("a") == "A"


def test_the_catalogue_is_one_list():
    for value, key in (({"items": {}}, "items"), ({}, "items"), ({"items": [], "more": 1}, "more")):
        wrong = files()
        wrong["profile/catalogue.json"] = value
        assert fault(wrong) == ("profile/catalogue.json", key)


def test_wrong_rows_are_logged_and_left_out():
    log = Log()
    s = load(files(items=[ITEM, ITEM, {"code": "12"}]), log)
    assert len(s.catalogue.items) == 1 and [row for row, _ in s.bad_rows] == [2, 3]
    assert len(log.said) == 2 and "row 2" in log.said[0] and "twice" in log.said[0] and "row 3" in log.said[1]


def test_a_favourite_that_is_not_sold_is_logged_and_blank():
    shop, log = merchant(), Log()
    shop["favourites"] = ["99", "11"]
    s = load(files(shop), log)
    assert [item and item.code for item in s.favourites] == [None, "11", None]
    assert len(log.said) == 1 and "favourites.0" in log.said[0] and "99" in log.said[0]


def test_a_shop_of_one_language_needs_no_other():
    shop = merchant()
    shop["languages"] = ["en"]
    for names in (shop["shop"], shop["taxes"]["standard"]["label"], shop["no_sale_reasons"][0]["name"]):
        del names["zh"]
    alone = files(shop)
    del alone["text/zh.json"]
    assert load(alone).languages == ["en"]


def test_words_that_do_not_match_stop_the_boot():
    for lang, table, key in (
        ("zh", {"a": "甲"}, "b"),
        ("zh", {"a": "甲", "b": "{n}"}, "b"),
        ("zh", {"a": "甲", "b": "{n} {totals}"}, "b"),
        ("zh", {"a": "甲", "b": "{n} {n} {total}"}, "b"),
        ("en", {"a": "A", "b": "{n} of {total"}, "b"),
        ("en", {"a": "A", "b": "{n.x} {total}"}, "b"),
        ("en", {"a": "A", "b": "{0}"}, "b"),
        ("en", {"a": 1, "b": "{n} {total}"}, "a"),
        ("en", {"a": "A\n", "b": "{n} {total}"}, "a"),
    ):
        wrong = files()
        wrong["text/" + lang + ".json"] = table
        assert fault(wrong) == ("text/" + lang + ".json", key), table
    fewer = files()
    fewer["text/en.json"] = {"b": "{n} {total}"}
    assert fault(fewer) == ("text/en.json", "a")


def test_a_missing_word_stands_out():
    words = Words("en", {"a": "A {n}"})
    assert words.t("a", n=3) == "A 3" and words.t("b", n=3) == "?b?"


def test_places_are_plain_names():
    assert places("no place") == [] and places("{b} {a_c}") == ["a_c", "b"]
    for wrong in ("{", "}", "{}", "{a", "a}", "{a}}", "{a[0]}", "{a!r}", "{a:5}", "{{a}}", "{A}"):
        assert places(wrong) is None, wrong
