"""Lengths of time."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.config.durations import LONGEST, seconds
from freetier.config.places import Place
from freetier.errors import ConfigError

HERE = Place("f", "deadline")


@pytest.mark.parametrize(
    ("written", "length"),
    [
        (90, 90), (1.5, 1.5), (0, 0), ("90", 90), ("60s", 60), ("2m", 120), ("1h30m", 5400),
        ("500ms", 0.5), ("1.5h", 5400), ("7d", 604_800), (" 2m ", 120), ("1m1s", 61),
    ],
)  # fmt: skip
def test_lengths_are_seconds(written: object, length: float):
    """Numbers are seconds; texts are numbers with units, as Go writes them."""
    assert seconds(written, HERE) == length


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("soon", "must be a length"), ("", "must be a length"), ("5x", "must be a length"),
        (True, "must be a length"), (None, "must be a length"), ([1], "must be a length"),
        (float("nan"), "must be a length"), (float("inf"), "must be a length"),
        (-1, "not be negative"), ("-2m", "not be negative"), (-(10**400), "not be negative"),
        (10**400, "a hundred years"), ("999999999999d", "a hundred years"),
    ],
)  # fmt: skip
def test_what_is_no_length_is_refused(written: object, told: str):
    """With the key path."""
    with pytest.raises(ConfigError, match=told) as caught:
        seconds(written, HERE)
    assert caught.value.path == "deadline"


@given(st.text() | st.integers() | st.floats() | st.from_regex(r"[0-9.]{0,30}[smhdw]{0,3}"))
def test_any_value_is_a_length_or_refused(written: object):
    """A length is finite and not negative."""
    with suppress(ConfigError):
        assert 0 <= seconds(written, HERE) <= LONGEST
