"""Ids that every provider takes, the same each time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.openai.ids import wire_id


@pytest.mark.parametrize("old", ["call_1", "function-call-s001", "a" * 40, "Dk3pQ9xZa"])
def test_an_id_that_fits_is_kept(old):
    """Nothing is rewritten without need."""
    assert wire_id(old, "any") == old


def test_nine_letters_are_kept_where_nine_are_wanted():
    """Mistral's own ids go back as they came."""
    assert wire_id("Dk3pQ9xZa", "alnum9") == "Dk3pQ9xZa"


@given(st.text(max_size=60), st.integers(0, 3))
def test_every_id_becomes_one_that_is_taken(old, again):
    """Any text, also none, gives a fitting id, always the same one."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", wire_id(old, "any", again))
    assert re.fullmatch(r"[A-Za-z0-9]{9}", wire_id(old, "alnum9", again))
    assert wire_id(old, "alnum9", again) == wire_id(old, "alnum9", again)


@pytest.mark.parametrize("style", ["any", "alnum9"])
def test_different_ids_stay_different(style):
    """Ten thousand ids, and the same id used again, do not meet."""
    made = {wire_id(f"call:{n}", style, again) for n in range(5000) for again in (0, 1)}
    assert len(made) == 10_000
