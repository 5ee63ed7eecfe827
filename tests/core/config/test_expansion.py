"""`${NAME}` and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.config.expansion import Composed, FromVariable, expand
from freetier.config.places import Place
from freetier.errors import ConfigError

HERE = Place("freetier.yaml")
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
PLAIN = st.text().filter(lambda text: "${" not in text)


def _filled(value: Any, **environ: str) -> Any:
    return expand(value, environ, HERE, "account 'a'")


@given(PLAIN)
def test_text_without_a_brace_is_left_alone(text: str):
    """`$word`, `$1`, `$$` and a lone `$` are text."""
    assert _filled(text, word="no") == text


@given(NAMES, st.text())
def test_a_whole_variable_gives_its_value_and_remembers_its_name(name: str, value: str):
    """Whatever the value holds, it is not expanded again."""
    got = expand(f"${{{name}}}", {name: value}, HERE)
    assert got == value
    assert isinstance(got, FromVariable)
    assert got.variable == name


@given(
    st.text().filter(lambda t: "$" not in t),
    NAMES,
    st.text(),
    st.text().filter(lambda t: "$" not in t),
)
def test_a_variable_within_a_text_is_replaced_in_place(
    before: str, name: str, value: str, after: str
):
    """The text around it is untouched."""
    assert expand(f"{before}${{{name}}}{after}", {name: value}, HERE) == before + value + after


@given(NAMES, st.text().filter(lambda text: not set(text) & set("{}$")))
def test_a_default_stands_for_a_variable_that_is_not_set(name: str, default: str):
    """Also an empty default."""
    got = expand(f"${{{name}:-{default}}}", {}, HERE)
    assert got == default
    assert not isinstance(got, (FromVariable, Composed))


@given(st.recursive(PLAIN | st.integers() | st.none() | st.booleans(), st.lists, max_leaves=10))
def test_a_tree_without_variables_comes_back_equal(value: Any):
    """Numbers, flags and nothing are not touched."""
    assert _filled(value) == value


@given(st.text())
def test_any_text_is_expanded_or_refused(text: str):
    """There is no other outcome."""
    with suppress(ConfigError):
        assert _filled("${X}" + text, X="1").startswith("1")


def test_a_default_stands_for_an_empty_variable():
    """As in a shell."""
    assert _filled("${A:-b}", A="") == "b"


def test_a_part_from_a_variable_is_told_from_plain_text():
    """So that a key of which a part is a variable does not count as written in the file."""
    assert isinstance(_filled("sk-${A}", A="1"), Composed)


def test_keys_are_not_expanded():
    """Only values are."""
    assert _filled({"${A}": "${A}"}, A="1") == {"${A}": "1"}


def test_an_unset_variable_is_named_with_its_account_and_place():
    """The error says what to set, and for whom."""
    with pytest.raises(
        ConfigError, match=r"key\[0\]: the variable NOPE is not set \(account 'a'\)"
    ):
        _filled({"key": ["${NOPE}"]})


def test_the_nearest_variable_that_is_set_is_told():
    """A slip of the pen is seen at once; what the variable holds is not told."""
    with pytest.raises(ConfigError, match="did you mean 'GROQ_API_KEY'") as caught:
        _filled("${GROQ_API_KYE}", GROQ_API_KEY="a-secret")
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["${A:?no}", "${a-b}", "${", "${}", "${1A}", "${A", "x${A:+y}z"])
def test_other_forms_are_refused(text: str):
    """They would silently become wrong keys."""
    with pytest.raises(ConfigError, match="only"):
        _filled(text, A="1")


def test_a_tree_without_end_is_refused():
    """A list that holds itself ends in an error."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ConfigError, match="nested deeper"):
        _filled(endless)


def test_a_key_written_as_a_variables_name_is_not_repeated():
    """`${gsk_...}` is a slip, and whoever says so must not say the key."""
    key = "gsk_Q7w9Zt4Kp2Lx8Vb6Nm3Hd5Rj1Fs0Gc7Ya"
    with pytest.raises(ConfigError) as caught:
        expand(f"${{{key}}}", {}, Place("file"))
    assert key not in str(caught.value)
