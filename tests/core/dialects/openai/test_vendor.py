"""What a provider wants back goes back to it and to nobody else."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.vendor import merged, note, returned
from freetier.values.chat import Message
from tests.core.dialects.build import candidate

NOTE = {"message": {"sig": "s", "other": 1}, "calls": {"c1": {"sig": "t", "other": 2}}}


def test_the_note_goes_back_to_the_same_provider_and_family_only():
    """Another family, or another provider, gets nothing; only wanted fields are sent."""
    message = Message(role="assistant", vendor={("acme", "fam"): NOTE})
    same = candidate(message_fields=("sig",))
    assert returned(message, same) == ({"sig": "s"}, {"c1": {"sig": "t"}})
    assert returned(message, candidate(family="other", message_fields=("sig",))) == ({}, {})
    foreign = candidate(provider={"name": "other"})
    assert returned(message, foreign) == ({}, {})


@pytest.mark.parametrize("data", [{}, {"message": 1}, {"calls": [1]}, {"calls": {"c1": 5}}])
def test_a_note_that_was_tampered_with_breaks_nothing(data):
    """Notes travel through the callers' hands."""
    message = Message(role="assistant", vendor={("acme", "fam"): data})
    fields, calls = returned(message, candidate(message_fields=("sig",)))
    assert fields == {}
    assert not any(calls.values())


def test_without_anything_to_keep_there_is_no_note():
    """Most answers carry no secrets."""
    assert note({}, []) == {}
    assert note({"sig": 1}, []) == {"message": {"sig": 1}}


@pytest.mark.parametrize(
    ("before", "more", "expected"),
    [
        (None, "a", "a"),
        ("a", "b", "ab"),
        ("a", None, "a"),
        ({"a": "x", "t": "k"}, {"a": "y", "t": "k"}, {"a": "xy", "t": "k"}),
        ([{"index": 0, "type": "t", "text": "a"}], [{"index": 0, "type": "t", "text": "b"}],
         [{"index": 0, "type": "t", "text": "ab"}]),
        ([{"index": 0, "type": "t"}], [{"index": 1, "type": "t"}],
         [{"index": 0, "type": "t"}, {"index": 1, "type": "t"}]),
        ([{"index": 0, "type": "t"}], [{"index": 0, "type": "u"}],
         [{"index": 0, "type": "t"}, {"index": 0, "type": "u"}]),
        ([1], [2], [1, 2]),
        (1, 2, 2),
        ([1], "x", "x"),
    ],
)  # fmt: skip
def test_streamed_fields_grow(before, more, expected):
    """Texts are joined, items of one index are joined, types and ids are not doubled."""
    assert merged(before, more) == expected
