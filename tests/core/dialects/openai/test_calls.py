"""Fragments of calls, however they are numbered, give calls that are numbered from 0."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.calls import Calls, rest_of
from freetier.values.chat import ToolCallDelta


def piece(index=None, id=None, name=None, arguments=None, **more):  # noqa: A002 - the wire's name
    """Return a fragment as it comes."""
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": id, "function": function, **more}


def events(*fragments, kept=()):
    """Return all events of these fragments."""
    calls = Calls(kept)
    return [event for fragment in fragments if (event := calls.take(fragment, "a-1"))]


def put_together(found):
    """Return id, name and arguments of each call, as a reader of events does."""
    calls: dict[int, list[str]] = {}
    for event in found:
        call = calls.setdefault(event.index, ["", "", ""])
        call[0] += event.id or ""
        call[1] += event.name or ""
        call[2] += event.arguments
    return [tuple(call) for _, call in sorted(calls.items())]


A, B = ("c1", "f", '{"a":1}'), ("c2", "g", '{"b":2}')
TWICE = [("c1", "f", '{"a":1}'), ("c2", "f", '{"b":2}')]


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([piece(0, "c1", "f", '{"a"'), piece(0, None, None, ":1}")], [A]),
        ([piece(0, "c1", "f", '{"a"'), piece(0, "c1", "f", ":1}")], [A]),
        ([piece(0, "c1", "f", ""), piece(0, "", "", '{"a":1}')], [A]),
        ([piece(None, "c1", "f", '{"a"'), piece(None, None, None, ":1}")], [A]),
        ([piece(0, *A), piece(1, *B)], [A, B]),
        ([piece(0, *A), piece(0, *B)], [A, B]),
        ([piece(None, *A), piece(None, *B)], [A, B]),
        ([piece(0, "c1", "f", '{"a":1}'), piece(0, "c2", "f", '{"b":2}')], TWICE),
        ([piece(3, *A), piece(7, *B)], [A, B]),
        (
            [piece(0, "c1", "f", "{"), piece(1, "c2", "g", "{"),
             piece(0, None, None, '"a":1}'), piece(1, None, None, '"b":2}')],
            [A, B],
        ),
        (
            [piece(None, "c1", "f", "{"), piece(None, "c2", "g", "{"),
             piece(None, "c1", None, '"a":1}'), piece(None, "c2", None, '"b":2}')],
            [A, B],
        ),
        ([piece(0, "c1", None, None), piece(0, None, "f", '{"a":1}')], [A]),
        ([piece(0, None, None, '{"a"'), piece(0, "c1", "f", ":1}")], [A]),
        ([piece(0, "c1", "f", {"a": 1})], [A]),
        ([piece(0, "c1", "f", None)], [("c1", "f", "")]),
        ([piece(0, 7, "f", "{}")], [("7", "f", "{}")]),
        ([None, 5, {}, {"function": None}], []),
    ],
)  # fmt: skip
def test_fragments_become_numbered_calls(fragments, expected):
    """A new id or name begins a call; index, repeated ids and names change nothing."""
    assert put_together(events(*fragments)) == expected


def test_id_and_name_stand_on_the_first_piece_only():
    """A reader that joins names never sees one twice."""
    assert events(piece(0, "c1", "f", '{"a"'), piece(0, "c1", "f", ":1}")) == [
        ToolCallDelta(0, "c1", "f", '{"a"'),
        ToolCallDelta(0, None, None, ":1}"),
    ]


def test_calls_without_ids_get_ids_that_are_always_the_same():
    """Ids are made of the answer, so reading it again gives the same ones, all different."""
    fragments = (piece(None, None, "f", '{"a":1}'), piece(None, None, "f", '{"b":2}'))
    first, second = put_together(events(*fragments))
    assert first[1:] == ("f", '{"a":1}')
    assert second[1:] == ("f", '{"b":2}')
    assert first[0] != second[0]
    assert put_together(events(*fragments)) == [first, second]


def test_an_id_that_comes_late_does_not_split_a_call():
    """A call that was given an id of ours keeps it."""
    (call,) = put_together(events(piece(0, None, "f", "{"), piece(0, "late", None, "}")))
    assert call[1:] == ("f", "{}")


def test_fields_that_must_come_back_are_kept_with_their_call():
    """Gemini's signature stands on the call, in its first or in a later piece."""
    calls = Calls(("extra_content",))
    calls.take(piece(0, "c1", "f", "{", extra_content={"s": 1}, other=2), "a")
    calls.take(piece(0, "c2", "g", "{}"), "a")
    calls.take(piece(0, "c2", None, None, extra_content={"s": 2}), "a")
    assert [call.vendor for call in calls.all] == [
        {"extra_content": {"s": 1}},
        {"extra_content": {"s": 2}},
    ]


def test_a_call_without_arguments_ends_as_an_empty_object():
    """Arguments are always JSON in the end."""
    calls = Calls(())
    calls.take(piece(0, "c1", "f", ""), "a")
    assert calls.all[0].is_whole
    assert rest_of(calls.all[0]) == ToolCallDelta(0, None, None, "{}")
    assert rest_of(calls.all[0]) is None


def test_half_an_object_is_not_whole():
    """A cut call is known as one."""
    calls = Calls(())
    calls.take(piece(0, "c1", "f", '{"a": [1,'), "a")
    assert not calls.all[0].is_whole


def test_a_call_whose_name_comes_late_is_numbered_when_it_is_told():
    """Readers of events meet 0 before 1, whichever began first."""
    found = events(
        piece(0, "c1", None, '{"a"'), piece(1, "c2", "g", '{"b":2}'), piece(0, None, "f", ":1}")
    )
    assert [event.index for event in found if event.id] == [0, 1]
    assert put_together(found) == [B, A]
