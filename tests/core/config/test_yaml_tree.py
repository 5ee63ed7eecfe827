"""YAML is read safely, and what is wrong is named by line and column."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from freetier.config.yaml_tree import MOST_NODES, parse
from freetier.errors import ConfigError

BOMB = "a: &a [1,2,3,4,5,6,7,8,9,10]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON_LIKE)
def test_what_a_yaml_writer_writes_is_read_back(value: Any):
    """Except numbers of more than 40 digits, which stay text."""
    text = yaml.safe_dump(value, allow_unicode=True)
    assert parse(text, "f") == yaml.safe_load(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str):
    """There is no other outcome."""
    with suppress(ConfigError):
        parse(text, "f")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1_000", {"a": 1000}),
        ("a: 2026-11-21", {"a": "2026-11-21"}),
        ("1: x", {"1": "x"}),
        ("yes: x", {"yes": "x"}),
        ("a: yes", {"a": True}),
        ("a: '5'", {"a": "5"}),
        ("a: !!str 5", {"a": "5"}),
        ("a: =", {"a": "="}),
        ("", None),
        ("# nothing\n", None),
        ("a: " + "9" * 60, {"a": "9" * 60}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("b: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}", {"b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}}),
        ("b: [&b {x: 1}, &c {x: 2, z: 3}]\nd: {<<: [*b, *c]}", None),
        ("&k key: 1\nv: {*k : 2}", {"key": 1, "v": {"key": 2}}),
        ("'<<': 1", {"<<": 1}),
    ],
)
def test_plain_values_are_what_they_say(text: str, value: Any):
    """Dates are text, keys are words, anchors and merges work."""
    expected = value if value is not None or not text.startswith("b: [") else None
    got = parse(text, "f")
    if text.startswith("b: ["):
        assert got["d"] == {"x": 1, "z": 3}
    else:
        assert got == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\na: 2", "line 2, column 1: the key 'a' is given twice"),
        ("a: !!python/object/apply:os.system [x]", "line 1, column 4: tags are not allowed"),
        ("a: !env X", "tags are not allowed"),
        ("a: !!binary aGk=", "tags are not allowed"),
        ("a: !!int x", "is not what its tag says"),
        ("a: !!set {x: }", "tags are not allowed"),
        ("a: 1\n--- \nb: 2", "line 2, column 1: a second document"),
        ("? [a, b]\n: 1", "a key must be a plain word"),
        ("a: &l [1]\n*l : 1", "a key must be a plain word"),
        ("a: *b", "an anchor that was not given before"),
        ("a: &a [*a]", "an anchor that was not given before"),
        ("a: {<<: 1}", "'<<' takes a mapping"),
        ("a: [1", "malformed YAML"),
        ("a: b: c", "line 1, column 5: malformed YAML"),
        ("\tx: 1", "line 1, column 1: malformed YAML"),
        ("[" * 40 + "]" * 40, "nested deeper than 32"),
        ("a: 0x", None),
        ("a: 1__", None),
        ("x\0y", "line 1: a character that YAML does not allow"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(text: str, told: str | None):
    """Each refusal is a `ConfigError` that begins with the file."""
    if told is None:
        assert isinstance(parse(text, "f")["a"], (str, int))
        return
    with pytest.raises(ConfigError) as caught:
        parse(text, "f")
    assert str(caught.value).startswith("f, line ")
    assert told in str(caught.value)


def test_an_alias_bomb_is_refused_before_it_grows():
    """Ten million values in 300 characters."""
    with pytest.raises(ConfigError, match=f"more than {MOST_NODES:,} values"):
        parse(BOMB, "f")


def test_deep_nesting_does_not_exhaust_the_stack():
    """A hundred thousand brackets end in an error at the bound."""
    with pytest.raises(ConfigError, match="nested deeper"):
        parse("[" * 100_000, "f")


@pytest.mark.parametrize(
    "text", ["key: *sk-canary-1234567890", "k: &sk-canary-12 x\n-", "%sk-canary x", "'sk-canary"]
)
def test_the_parsers_words_never_quote_the_text(text: str):
    """A key in malformed YAML stays out of the error, its cause and its context."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "f")
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
