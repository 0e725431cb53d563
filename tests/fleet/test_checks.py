"""The collector's fast reader and the journal's codec: one verdict on every text, whoever made it up."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware.journal.codec import canonical
from fleet.checks import Unfit, check_sale, read, record_of
from tests.fleet.till import sale


def by_the_codec(payload):
    """What read() must say, by the codec alone."""
    try:
        record = json.loads(payload.decode())
        return record if isinstance(record, dict) and canonical(record) == payload else None
    except (ValueError, RecursionError):
        return None


def by_read(payload):
    try:
        return read(payload)
    except Unfit as fault:
        assert str(fault) == "not canonical JSON"
        return None


TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=6) | st.sampled_from(
    [
        "null",
        "1.5",
        "2e9",
        "]]]]]]",
        "[[[[[[",
        "\0",
        "\x1b",
        "\x7f",
        "\u2028",
        "\ue000",
        "\uffff",
        "\U0001f600",
        '"\\/\b',
        "\ud800",
        "é中",
    ]
)
NUMBERS = st.integers(-(1 << 54), 1 << 54) | st.sampled_from(
    [2**53, 2**53 - 1, -(2**53), 2**63, 2**64, 10**30, -0.0, 1.5, 1e16, 1e-7]
)
LEAVES = NUMBERS | TEXTS | st.booleans() | st.none()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def nested(depth, leaf):
    value = leaf
    for level in range(depth):
        value = {"k": value} if level % 2 else [value]
    return {"a": value, "z": ["]" * 9, "[" * 9]}


def written(value, orderly, spaced, ascii_only):
    """JSON as somebody might write it: canonical more often than not."""
    separators = (", ", ": ") if spaced else (",", ":")
    return json.dumps(value, sort_keys=orderly, separators=separators, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


@given(
    st.dictionaries(TEXTS, VALUES, max_size=5),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([False, False, True]),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
@example(nested(14, 1), True, False, False)
@example(nested(15, 1), True, False, False)
@example(nested(16, 1), True, False, False)
@example(nested(40, 1), True, False, False)
@example({"a": 1e16, "b": -0.0}, True, False, False)
@example({"\U0001f600": 1}, True, False, False)
@example({"\uffff": 1, "\ue000": 2}, True, False, False)
@example({"a": 2**53 - 1, "b": -(2**53) + 1}, True, False, False)
@example({"a": "it costs 1.5, or 2e9, or null"}, True, False, False)
def test_read_and_the_codec_are_of_one_mind(value, orderly, spaced, ascii_only):
    payload = written(value, orderly, spaced, ascii_only)
    assert by_read(payload) == by_the_codec(payload)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_also_on_a_sale_with_a_few_bytes_changed(data):
    payload = bytearray(sale(7, note="a 1.5 \u4e2d"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.binary(max_size=2) | st.sampled_from([b"1.0", b"null", b"1e5", b"\\u0041"])
        )
    assert by_read(bytes(payload)) == by_the_codec(bytes(payload))


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', '{"a":01}', '{"a":-0}', '{"a":1e2}', '{"a":NaN}', '{"a":1}\n', '\ufeff{"a":1}', '{"a":"\\/"}', "[]", "1"]
    + ['{"a":' + "9" * 5000 + "}", '{"a":18446744073709551616}', "[" * 100_000, '{"a":' * 2000 + "1" + "}" * 2000],
)  # fmt: skip
def test_texts_on_which_readers_differ(text):
    assert by_read(text.encode()) is None and by_the_codec(text.encode()) is None


def test_the_depth_where_it_turns():
    depths = [depth for depth in range(1, 40) if by_read(written({"a": nested(depth, True)}, True, False, False)) is not None]
    assert depths == [depth for depth in range(1, 40) if by_the_codec(written({"a": nested(depth, True)}, True, False, False))]
    assert depths == list(range(1, len(depths) + 1)) and 10 < len(depths) < 16


@pytest.mark.parametrize("kind", ["sa\0le", "", "x" * 201, 7, None])
def test_a_kind_that_a_database_could_not_keep_is_unfit(kind):
    with pytest.raises(Unfit):
        record_of(json.dumps({"kind": kind, "no": 1, "seq": 1}, separators=(",", ":")).encode(), 1)


@pytest.mark.parametrize("currency", ["A\0B", "GB1", "gbp", "£££", "GBPP", None, 7])
def test_a_currency_is_three_capital_letters(currency):
    whole = json.loads(sale(1))
    with pytest.raises(Unfit, match="cur"):
        check_sale(whole | {"cur": currency})


@pytest.mark.parametrize("key", ["at", "off", "total", "rounding"])
@pytest.mark.parametrize("value", [True, 1.0, "1", None, []])
def test_what_is_counted_is_an_integer(key, value):
    with pytest.raises(Unfit):
        check_sale(json.loads(sale(1)) | {key: value})
