"""The proof on a receipt: short enough for a small code, and whoever changes a letter of it breaks it."""

from firmware.sale import proof, receipt
from hal.ports.slip import Cut, Line, Qr
from tests.core.devices import Keys
from tests.core.shop import shop

LINK = bytes(range(200, 232))
SALE = {"no": 42, "total": 1580, "cur": "GBP", "at": 1795271526, "seq": 83}
QR_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def made(**changed):
    return proof.text(Keys(), "BARROW-0001", SALE | changed, LINK)


def refusal(text):
    try:
        proof.read(text)
    except ValueError as fault:
        return str(fault)
    raise AssertionError("not refused: " + text)


def test_it_says_what_was_sold_and_where_in_the_chain():
    text = made()
    assert text.startswith("BW1/BARROW-0001/42/1580/GBP/1795271526/ZDE4VS6MZXHM7UGR/")
    found = proof.read(text)
    assert (found.terminal, found.no, found.total, found.currency, found.at) == ("BARROW-0001", 42, 1580, "GBP", 1795271526)
    assert found.link == LINK[:10] and found.said == text[: text.rindex("/")].encode()
    assert found.signature == Keys().sign(found.said)
    assert proof.read(made(total=-350)).total == -350


def test_it_is_base32_as_rfc_4648_has_it():
    """Section 10."""
    for data, told in ((b"f", "MY"), (b"fo", "MZXQ"), (b"foo", "MZXW6"), (b"foob", "MZXW6YQ"), (b"fooba", "MZXW6YTB")):
        assert proof.letters(data) == told and proof.octets(told, len(data)) == data


def test_the_longest_one_fits_a_code_of_version_7():
    text = proof.text(Keys(), "STALL-0000000016", SALE | {"no": 9999999999, "total": 999999999, "at": 9999999999}, LINK)
    assert len(made()) == 159 and len(text) <= 178 and all(c in QR_LETTERS for c in text)


def test_another_sale_has_another_proof():
    texts = [made(), made(no=43), made(total=1), made(cur="EUR"), made(at=1)]
    texts.append(proof.text(Keys(), "BARROW-0002", SALE, LINK))
    texts.append(proof.text(Keys(), "BARROW-0001", SALE, bytes(32)))
    assert len({proof.read(text).signature for text in texts}) == len(texts)


def test_the_control_a_changed_letter_is_never_the_same_word():
    """The total swapped for a smaller one, and every other letter too: other bytes than were signed, or no proof at all."""
    text = made()
    for i in range(len(text)):
        for c in ("0", "B", "/"):
            if c == text[i]:
                continue
            try:
                changed = proof.read(text[:i] + c + text[i + 1 :])
            except ValueError:
                continue
            genuine = Keys().sign(changed.said) == changed.signature
            assert not genuine, (i, c)


def test_what_is_no_proof_is_refused_by_its_part():
    parts = made().split("/")

    def without(i, value):
        return "/".join(parts[:i] + [value] + parts[i + 1 :])

    assert "not the code" in refusal("") and "not the code" in refusal("5012345678900")
    assert "not the code" in refusal(without(0, "BW2")) and "not the code" in refusal(made() + "/X")
    assert "not the code" in refusal("BW1/" * 1000)
    assert "number" in refusal(without(2, "4x")) and "number" in refusal(without(2, "")) and "number" in refusal(without(2, "-4"))
    assert (
        "total" in refusal(without(3, "--4")) and "time" in refusal(without(5, "1" * 17)) and "time" in refusal(without(5, "٣"))
    )
    assert "terminal" in refusal(without(1, "\x1b[2J")) and "currency" in refusal(without(4, "GBPX"))
    assert "cut short" in refusal(without(6, "A")) and "cut short" in refusal(without(7, parts[7].lower()))
    assert "wrong end" in refusal(without(7, parts[7][:-1] + "B"))


def test_a_slip_carries_it_last_before_the_cut():
    settings = shop("market")
    line = {"code": "11", "names": {"en": "Coffee"}, "price": 350, "qty": 1000, "total": 350, "rate": "standard"}
    record = SALE | {
        "off": 0, "trusted": True, "lines": [line], "tax": [], "rounding": 0, "receipt": "auto",
        "legs": [{"tender": "cash", "amount": 350, "given": 350, "change": 0}],
    }  # fmt: skip
    for lang, words in (("en", "Proof ZDE4-VS6M"), ("zh", "验证码 ZDE4-VS6M")):
        last = receipt.slip(record, settings, settings.words[lang], 0, proved=made()).blocks[-1]
        assert isinstance(last[-1], Cut) and isinstance(last[-2], Qr) and last[-2].text == made()
        assert isinstance(last[-3], Line) and last[-3].left == words
    plain = receipt.slip(record, settings, settings.words["en"], 0)
    assert not [each for block in plain.blocks for each in block if isinstance(each, Qr)]
