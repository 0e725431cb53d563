"""The receipt as it lies in the customer's hand: 32 columns of text."""

from firmware import config
from firmware.sale import legs, receipt, record
from firmware.sale.cart import Cart
from hal.ports.slip import CENTRE, COLUMNS, Cut, Feed, Line, Qr, Rule, columns
from tests.core.shop import PROFILES, Chance, Clock, shop


def paper(slip):
    """The slip's lines as a printer sets them; big ones are marked by a star."""
    rows = []
    for block in slip.blocks:
        for element in block:
            if isinstance(element, Line):
                rows.append(set_line(element))
            elif isinstance(element, Rule):
                rows.append("-" * COLUMNS)
            elif isinstance(element, Feed):
                rows += [""] * element.lines
    return rows


def set_line(line):
    width = COLUMNS // 2 if line.big else COLUMNS
    left, right = columns(line.left), columns(line.right)
    assert left + right + (1 if right else 0) <= width, (line.left, line.right)
    if line.align == CENTRE:
        text = " " * ((width - left) // 2) + line.left
    else:
        text = line.left + " " * (width - left - right if right else 0) + line.right
    return ("*" if line.big else "") + text


def first_sale(profile="market", lang="en", copy=0, **more):
    """Two dumplings and an oolong, a twenty given."""
    settings = shop(profile)
    cart = Cart(settings.taxes, settings.open_rate)
    cart.add_item(settings.catalogue.find("12"), 2000)
    cart.add_item(settings.catalogue.find("5012345678900"))
    cart.legs.append(legs.cash(cart.due(), settings.cash_step, 2000))
    return receipt.slip(record.sale(cart, settings, 1, Clock()), settings, settings.words[lang], copy, **more)


def test_the_first_sale_in_english():
    slip = first_sale()
    assert (slip.no, slip.copy) == (1, 0)
    assert paper(slip) == [
        "     Harbour Street Market",
        "            Stall 3",
        "",
        "2026-11-21 14:32         No 0001",
        "--------------------------------",
        "Item                         GBP",
        "Dumplings                  12.00",
        "  2 x 6.00",
        "Oolong L                    3.80",
        "--------------------------------",
        "*TOTAL      15.80",
        "Cash                       20.00",
        "Change                      4.20",
        "incl. VAT 20%               2.63",
        "",
        "           Thank you",
    ]


def test_the_first_sale_in_chinese():
    assert paper(first_sale(lang="zh")) == [
        "           港湾街集市",
        "            3 号摊位",
        "",
        "2026-11-21 14:32       单号 0001",
        "--------------------------------",
        "品名                         GBP",
        "饺子                       12.00",
        "  2 x 6.00",
        "乌龙茶 大杯                 3.80",
        "--------------------------------",
        "*合计       15.80",
        "现金                       20.00",
        "找零                        4.20",
        "含增值税 20%                2.63",
        "",
        "            谢谢惠顾",
    ]


def test_a_copy_says_so_and_keeps_the_time_of_the_sale():
    rows = paper(first_sale(copy=2, printed_s=1795280000))
    assert rows[3] == "*  DUPLICATE 2" and rows[4].strip() == "printed 2026-11-21 16:53"
    assert "2026-11-21 14:32         No 0001" in rows
    first = paper(first_sale())
    assert [row for row in rows if row in first] == first[:3] + [""] + first[3:]


def test_a_simulated_slip_says_so():
    assert paper(first_sale(simulated=True))[-1].strip() == "SIM - not a real sale"
    assert not any("SIM" in row for row in paper(first_sale()))


def test_wide_paper_has_room_for_a_tax_and_what_it_is_worked_out_on():
    settings, body = sale_of("vancouver", [(10000, "gst"), (500, "zero")], [20000])

    def taxes(width):
        slip = receipt.slip(body, settings, settings.words["zh"], 0, width=width)
        lines = [line.left for block in slip.blocks for line in block if isinstance(line, Line)]
        return [left for left in lines if "税" in left]

    assert taxes(32) == ["另加商品服务税 5%", "  税基 100.00"]
    assert taxes(48) == ["另加商品服务税 5% 税基 100.00"]


def test_the_slip_ends_with_a_cut_and_has_no_other():
    elements = [element for block in first_sale().blocks for element in block]
    assert isinstance(elements[-1], Cut) and sum(isinstance(e, Cut) for e in elements) == 1


def test_a_long_slip_is_asked_for_paper_every_few_lines():
    settings = shop()
    cart = Cart(settings.taxes, settings.open_rate)
    for n in range(100):
        cart.add_price(100 + n, (1000, 2000)[n % 2])
    cart.legs.append(legs.cash(cart.due(), 1, cart.due()))
    slip = receipt.slip(record.sale(cart, settings, 1, Clock()), settings, settings.words["en"], 0)
    assert all(0 < len(block) <= 8 for block in slip.blocks)
    assert sum(row.startswith("Item  ") for row in paper(slip)) == 101


def sale_of(profile, prices, given, **clock):
    settings = shop(profile)
    cart = Cart(settings.taxes, settings.open_rate)
    for price, rate in prices:
        cart.add_price(price, 1000, rate)
    for amount in given:
        cart.legs.append(legs.cash(cart.due(), settings.cash_step, amount))
    return settings, record.sale(cart, settings, 12, Clock(settings.offset_s, **clock))


def tail(profile, prices, given, lang="en"):
    """From the ruled line above the total to the thanks."""
    settings, body = sale_of(profile, prices, given)
    rows = paper(receipt.slip(body, settings, settings.words[lang], 0))
    last_rule = max(i for i, row in enumerate(rows) if row.startswith("---"))
    return rows[last_rule + 1 : -2]


def test_francs_show_the_rounding_and_both_rates():
    assert tail("zurich", [(2001, "standard"), (933, "reduced")], [1000, 2000]) == [
        "*TOTAL      29.34",
        "Rounding                    0.01",
        "To pay                     29.35",
        "Cash                       10.00",
        "Cash                       20.00",
        "Change                      0.65",
        "incl. VAT 8.1% on 18.51     1.50",
        "incl. VAT 2.6% on 9.09      0.24",
    ]


def test_tax_on_top_stands_above_the_total():
    assert tail("vancouver", [(2731, "gst"), (100, "zero")], [5000]) == [
        "Subtotal                   28.31",
        "plus GST 5% on 27.31        1.37",
        "*TOTAL      29.68",
        "Rounding                    0.02",
        "To pay                     29.70",
        "Cash                       50.00",
        "Change                     20.30",
    ]


def test_where_there_is_no_tax_none_is_named():
    assert tail("kuwait", [(1250, "none")], [1250]) == ["*TOTAL      1.250", "Cash                       1.250"]


def test_yen_mark_what_is_taxed_less():
    settings, body = sale_of("tokyo", [(550, "standard"), (520, "reduced")], [2000])
    rows = paper(receipt.slip(body, settings, settings.words["en"], 0))
    assert rows[3] == "2026-11-21 23:32         No 0012"
    assert rows[5:8] == [
        "Item                         JPY",
        "Item                         550",
        "Item *                       520",
    ]
    assert rows[-4:-2] == ["incl. tax 10% on 500          50", "* incl. tax 8% on 481         39"]


def test_an_unconfirmed_clock_is_named():
    settings, body = sale_of("market", [(100, "")], [100], trusted=False)
    assert "clock not confirmed" in paper(receipt.slip(body, settings, settings.words["en"], 0))


def test_a_receipt_number_has_four_digits_at_least():
    settings, body = sale_of("market", [(100, "")], [100])
    body["no"] = 1234567
    assert paper(receipt.slip(body, settings, settings.words["en"], 0))[3].endswith("No 1234567")


def test_a_hostile_code_steers_no_printer():
    settings = shop()
    cart = Cart(settings.taxes, settings.open_rate)
    cart.add_price(100, code="\x1b@\x10\x04\x01 12\u202e")
    cart.legs.append(legs.cash(100, 1, 100))
    rows = paper(receipt.slip(record.sale(cart, settings, 1, Clock()), settings, settings.words["en"], 0))
    assert rows[6:8] == ["Item                        1.00", "  ?@??? 12?"]


def test_a_rate_that_the_shop_has_lost_is_named_by_its_key():
    settings, body = sale_of("market", [(120, "")], [120])
    settings.taxes = {}
    assert "incl. standard 20%          0.20" in paper(receipt.slip(body, settings, settings.words["en"], 0))


def test_every_slip_fits_the_paper_and_has_all_its_words():
    chance = Chance(6)
    for profile in PROFILES:
        settings = shop(profile)
        for n in range(40):
            cart = Cart(settings.taxes, settings.open_rate)
            for rate in sorted(settings.taxes):
                cart.add_price(1 + chance.below((100, 10_000, 30_000_000)[n % 3]), 1000, rate)
            cart.legs.append(legs.cash(cart.due(), settings.cash_step, 99_999_999))
            body = record.sale(cart, settings, 1 + chance.below(99_999_999), Clock(trusted=n % 2 == 0))
            for lang in settings.languages:
                rows = paper(receipt.slip(body, settings, settings.words[lang], n % 3, True, 0))
                assert not any("?" in row for row in rows), rows
                total = settings.currency.text(body["total"])
                assert any(settings.words[lang].t("slip.total") in row and row.endswith(" " + total) for row in rows)


def test_an_old_sale_keeps_its_money():
    _, body = sale_of("kuwait", [(1250, "none")], [1250])
    settings = shop()
    rows = paper(receipt.slip(body, settings, settings.words["en"], 0))
    assert "*TOTAL      1.250" in rows and "Item                         KWD" in rows


def test_the_total_is_as_large_as_the_paper_allows():
    assert tail("kuwait", [(99_999_000, "none")], [99_999_000])[0] == "*TOTAL  99999.000"
    settings, body = sale_of("kuwait", [(99_999_000, "none")], [99_999_000])
    for word, row in (("TO PAY", "*TO PAY 99999.000"), ("TOTALS:", "TOTALS:                99999.000")):
        settings.words["en"].table["slip.total"] = word
        assert row in paper(receipt.slip(body, settings, settings.words["en"], 0))


def test_every_tender_has_its_word():
    settings = shop()
    for lang in settings.languages:
        for tender in config.TENDERS:
            assert "slip." + tender in settings.words[lang].table


PROVED = "BW1/BARROW-0001/1/1580/GBP/1795271526/ABCDEFGHIJKLMNOP/SIGNATURE"


def last_line(**more):
    """Of the words: the line above the code, if there is one."""
    return paper(first_sale(**more))[-1]


def test_the_version_of_the_till_that_prints_stands_beside_the_proof_and_costs_no_line():
    assert last_line(proved=PROVED, version="0.1.0") == "Proof ABCD-EFGH     Barrow 0.1.0"
    assert last_line(proved=PROVED, version="0.1.0", lang="zh") == "验证码 ABCD-EFGH    Barrow 0.1.0"
    assert len(paper(first_sale(proved=PROVED, version="0.1.0"))) == len(paper(first_sale(proved=PROVED)))
    assert last_line(proved=PROVED) == "        Proof ABCD-EFGH"
    assert last_line(version="0.1.0") == "                    Barrow 0.1.0", "a slip without its proof"


def test_a_version_that_is_too_long_for_the_line_is_left_out():
    assert last_line(proved=PROVED, version="1.0.0-rc1") == "Proof ABCD-EFGH Barrow 1.0.0-rc1"
    assert last_line(proved=PROVED, version="1.0.0-rc12") == "        Proof ABCD-EFGH"
    wide = first_sale(proved=PROVED, version="1.0.0-rc12", width=48)
    assert [e.right for block in wide.blocks for e in block if isinstance(e, Line)][-1] == "Barrow 1.0.0-rc12"


def test_a_reprint_by_a_newer_till_bears_the_same_proof():
    def code(slip):
        return [e.text for block in slip.blocks for e in block if isinstance(e, Qr)]

    old = first_sale(proved=PROVED, version="0.1.0")
    assert code(old) == code(first_sale(proved=PROVED, version="0.2.0", copy=1)) == [PROVED]
