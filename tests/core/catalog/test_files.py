"""YAML, read strictly."""

from __future__ import annotations

import pytest

from freetier.catalog.files import read_yaml
from freetier.errors import ConfigError


def told(text: str) -> str:
    """Return the error text."""
    with pytest.raises(ConfigError) as error:
        read_yaml(text, "a.yaml")
    return str(error.value)


def test_it_reads_what_yaml_says():
    """Mappings, lists, numbers; a key may stand in two mappings."""
    assert read_yaml("a: {b: 1}\nc: [{b: 2}]\n", "a.yaml") == {"a": {"b": 1}, "c": [{"b": 2}]}


def test_a_key_that_stands_twice_is_told_with_its_line():
    """One of the two values would be lost without a word."""
    assert told("a: 1\nb: 2\na: 3\n") == "a.yaml: line 3: the key 'a' stands here twice"
    assert told("x:\n  a: 1\n  a: 1\n").startswith("a.yaml: line 3: ")


def test_what_a_mapping_takes_over_it_may_change():
    """A merged key is no repeated key."""
    text = "base: &base {a: 1, b: 1}\nmore: {<<: *base, b: 2}\n"
    assert read_yaml(text, "a.yaml")["more"] == {"a": 1, "b": 2}


def test_what_is_no_yaml_is_told_with_its_line():
    """A bracket that stays open is found."""
    assert told("a: 1\nb: [1, 2\n").startswith("a.yaml: line 3: ")


def test_nothing_is_built_but_plain_data():
    """A file cannot call anything."""
    assert "could not determine a constructor" in told("a: !!python/object/apply:os.getcwd []\n")


def test_a_forbidden_character_is_told():
    """Not even the reader's own errors go past."""
    assert told("a: \x00\n").startswith("a.yaml: ")
