"""Files are bounded, checked, and named in every error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freetier.config.reading import MOST_BYTES, home_path, read_tree, readable_by_others
from freetier.errors import ConfigError

Tree = Callable[..., Any]


def test_json_and_yaml_say_the_same(tree: Tree):
    """The format follows the name."""
    assert tree('{"a": [1, true, null]}', "f.json") == tree("a: [1, true, null]", "f.yml")


def test_json_with_tabs_is_read(tree: Tree):
    """What YAML refuses is fine in JSON."""
    assert tree('{\n\t"a": "\\ud83d\\ude00"\n}', "f.json") == {"a": "😀"}


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_an_empty_file_says_nothing(tree: Tree, name: str):
    """It is a mapping without keys."""
    assert tree("\n", name) == {}


def test_a_byte_order_mark_is_no_part_of_the_text(tree: Tree):
    """Editors on Windows write one."""
    assert tree(b"\xef\xbb\xbfa: 1") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (b"a: \xff", "f.yaml", "line 1: is not UTF-8"),
        (b"a: 1\n\xff", "f.yaml", "line 2: is not UTF-8"),
        ("- a", "f.yaml", "must be a mapping"),
        ("3", "f.json", "must be a mapping"),
        ("{", "f.json", "line 1, column 2: malformed JSON"),
        ('{"a": 1,\n "a": 2}', "f.json", "the key 'a' is given twice"),
        ('{"a": NaN}', "f.json", "NaN is no number of JSON"),
        ('{"a": ' + "9" * 5000 + "}", "f.json", "a number of too many digits"),
        ('{"a": ' + "[" * 100_000, "f.json", "nested too deeply"),
        ("a: " + "x" * MOST_BYTES, "f.yaml", "is larger than 1 MiB"),
    ],
)
def test_what_is_wrong_is_told(tree: Tree, text: str | bytes, name: str, told: str):
    """Each refusal is a `ConfigError` that names the file."""
    with pytest.raises(ConfigError) as caught:
        tree(text, name)
    assert name in str(caught.value)
    assert told in str(caught.value)


def test_a_key_in_malformed_json_is_not_kept(tree: Tree):
    """The parser's error holds the document; ours does not hold the parser's."""
    with pytest.raises(ConfigError) as caught:
        tree('{"apiKey": "canary"', "f.json")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["missing.yaml", ".", "zero\0byte"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, name: str):
    """Missing, a folder, or no path at all."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_tree(tmp_path / name)


def test_who_may_read_a_file_is_seen(tmp_path: Path):
    """Only the owner's rights are private."""
    path = tmp_path / "f"
    path.touch()
    path.chmod(0o644)
    assert readable_by_others(path)
    path.chmod(0o600)
    assert not readable_by_others(path)


def test_a_home_that_nobody_has_is_left_as_it_is():
    """The error then comes from reading it."""
    assert home_path("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
