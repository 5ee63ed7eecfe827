"""Vectors depend on the text alone, have length one, and say who is near."""

from __future__ import annotations

import base64
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing.vectors import packed, vector


@given(st.text(max_size=200), st.integers(1, 64))
def test_every_text_has_one_vector_of_length_one(text: str, dimensions: int) -> None:
    """The same every time, whatever the text."""
    values = vector(text, dimensions)
    assert values == vector(text, dimensions)
    assert len(values) == dimensions
    assert math.isclose(math.sqrt(sum(x * x for x in values)), 1.0)


def test_texts_that_share_words_are_nearer() -> None:
    """Retrieval over fake vectors finds what a reader would expect."""

    def near(one: str, other: str) -> float:
        pairs = zip(vector(one, 256), vector(other, 256), strict=True)
        return sum(x * y for x, y in pairs)

    question = "which statement leaves a loop"
    assert near(question, "break leaves the nearest loop") > near(question, "a tuple is immutable")


def test_tokens_make_vectors_too() -> None:
    """A list of numbers stands for a text."""
    assert vector([1, 2, 3], 16) == vector([1, 2, 3], 16) != vector([4], 16)


def test_base64_is_little_endian_floats() -> None:
    """As `encoding_format` asks for."""
    raw = base64.b64decode(packed([0.5, -0.25]))
    assert struct.unpack("<2f", raw) == pytest.approx((0.5, -0.25))
