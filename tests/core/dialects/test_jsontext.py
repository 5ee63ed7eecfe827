"""Strangers' JSON is read or refused readably, with both readers."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from freetier.dialects import jsontext
from freetier.dialects.jsontext import (
    Unreadable,
    _careful_read,
    _careful_write,
    as_count,
    as_dict,
    as_list,
    as_text,
    read,
    read_at,
    write,
)

READERS = pytest.mark.parametrize("reader", [read, _careful_read], ids=["fast", "careful"])
WRITERS = pytest.mark.parametrize("writer", [write, _careful_write], ids=["fast", "careful"])


@READERS
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"no",
        b'"\xff"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00\x01",
        b'{"a":1} and more',
    ],
)
def test_what_is_no_json_is_unreadable_and_nothing_else(reader, data):
    """Cut, deep, binary and foreign texts all give one kind of error with a short text."""
    with pytest.raises(Unreadable) as caught:
        reader(data)
    assert len(str(caught.value)) <= 120


@READERS
def test_halves_of_surrogates_become_readable_text(reader):
    """A text that UTF-8 cannot hold is mended, so that it can be sent on."""
    value = reader(b'{"a\\ud800":["x\\uDc00", "\\ud83d\\ude00"]}')
    assert value == {"a\ufffd": ["x\ufffd", "\U0001f600"]}
    assert reader(b'["\\ud800", 1, null]') == ["\ufffd", 1, None]
    write(value)


@READERS
def test_numbers_out_of_range_do_not_break_the_reader(reader):
    """Digits beyond any integer are a number, nothing, or a refusal; never a crash."""
    assert reader(b"[1e999]") == [None]
    assert reader(b"[NaN, Infinity]") == [None, None]
    assert as_count(reader(b"[" + b"9" * 40 + b"]")[0]) is None


@pytest.mark.parametrize(("depth", "is_read"), [(90, True), (101, False), (900, False)])
def test_no_value_is_deeper_than_a_reader_may_recurse(depth, is_read):
    """What is read can be walked and written again on any stack."""
    for start, end in ((b"[", b"]"), (b'{"a":', b"}")):
        data = start * depth + b"1" + end * depth
        if is_read:
            assert write(read(data)) == data
            assert read_at(data.decode(), 0) == read(data)
            continue
        with pytest.raises(Unreadable, match="deep"):
            read(data)
        with pytest.raises(Unreadable):
            read_at(data.decode(), 0)


def test_a_wide_value_is_not_a_deep_one():
    """Many short lists, such as probabilities of words, are read."""
    assert len(read(b"[" + b"[1]," * 5000 + b"[1]]")) == 5001


def test_a_mark_of_byte_order_is_no_part_of_the_text():
    """A byte order mark before the text is passed over."""
    assert read(b"\xef\xbb\xbf{}") == {}


@WRITERS
def test_values_are_written_compactly_and_read_only_mappings_as_objects(writer):
    """A mapping proxy, a tuple and letters beyond ASCII are written plainly."""
    value = MappingProxyType({"a": (1, 2), "b": "ø"})
    assert writer(value) == '{"a":[1,2],"b":"ø"}'.encode()


@WRITERS
def test_what_json_cannot_say_is_a_value_error(writer):
    """An object of a caller's own is refused with a text that names its type."""
    with pytest.raises(ValueError, match="object cannot be written"):
        writer({"a": object()})


@WRITERS
def test_a_value_that_holds_itself_is_a_value_error(writer):
    """A circle does not end in a recursion error."""
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match=r"."):
        writer(circle)


@WRITERS
def test_a_value_without_a_floor_is_a_value_error(writer):
    """A caller's endless nesting does not end in a recursion error."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="deep"):
        writer(deep)


@WRITERS
def test_half_a_surrogate_can_be_written(writer):
    """A caller's broken text is sent with a question mark instead of raising."""
    assert writer("a\ud800") == b'"a?"'


def test_fields_of_the_wrong_kind_are_empty():
    """Readers of fields never return another type than they promise."""
    assert as_dict([1]) == {}
    assert as_list({"a": 1}) == []
    assert [as_text(v) for v in ("a", 6, 1.5, True, None, [])] == ["a", "6", "1.5", "", "", ""]


@pytest.mark.parametrize(
    ("value", "count"),
    [(5, 5), (5.9, 5), (True, None), ("5", None), (-1, None), (float("nan"), None), (10**30, None)],
)
def test_a_count_is_a_whole_number_or_nothing(value, count):
    """Flags, texts, negative and absurd numbers are no counts."""
    assert as_count(value) == count


def test_a_value_can_be_read_from_the_middle_of_a_text():
    """What follows the value does not matter; what is none is unreadable."""
    assert read_at('see {"a":1} there', 4) == {"a": 1}
    with pytest.raises(Unreadable):
        read_at("see", 0)


def test_without_the_extra_the_careful_functions_do_the_work(monkeypatch):
    """Where `orjson` is missing, the standard library's reader is chosen."""
    monkeypatch.setitem(__import__("sys").modules, "orjson", None)
    assert jsontext._fastest() == (_careful_read, _careful_write)


@READERS
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"18446744073709551615", 18446744073709551615),
        (b"18446744073709551616", 18446744073709551616.0),
        (b"-9223372036854775808", -9223372036854775808),
        (b"-9223372036854775809", -9223372036854775809.0),
        (b"1" * 25, float("1" * 25)),
        (b"7", 7),
    ],
)
def test_a_number_of_any_length_is_the_same_to_both(reader, text, expected):
    """An integer as long as 64 bits hold it, a float beyond."""
    found = reader(text)
    assert found == expected
    assert type(found) is type(expected)


def test_a_number_of_thousands_of_digits_is_no_trouble():
    """It is more than any number can be, and so nothing."""
    assert _careful_read(b"1" * 5000) is None
