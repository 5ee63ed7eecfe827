"""Chunks and messages into events."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.reader import Reader
from freetier.values.chat import (
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
    VendorNote,
)
from freetier.values.faults import Fault, Refused
from freetier.values.quirks import Quirks


def read(*deltas, reason="stop", field="delta", **quirks):
    """Return the events of these deltas and of the end."""
    reader = Reader(Quirks(**quirks))
    events = []
    for delta in deltas:
        reader.take({"id": "a", "model": "m", "choices": [{field: delta}]}, field, events)
    reader.take({"choices": [{field: {}, "finish_reason": reason}]}, field, events)
    return [*events, *reader.end()]


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        ({"content": "hi"}, [TextDelta("hi")]),
        ({"role": "assistant", "content": "hi"}, [TextDelta("hi")]),
        ({"content": 6}, [TextDelta("6")]),
        ({"content": 6.5}, [TextDelta("6.5")]),
        ({"content": True}, [TextDelta("true")]),
        ({"content": {"a": [1]}}, [TextDelta('{"a":[1]}')]),
        ({"content": ["a", {"type": "text", "text": "b"}, {"type": "ref"}, None]},
         [TextDelta("a"), TextDelta("b")]),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]},
                      {"type": "text", "text": "b"}]}, [ReasoningDelta("t"), TextDelta("b")]),
        ({"content": [{"type": "thinking", "thinking": "t"}]}, [ReasoningDelta("t")]),
        ({"content": [{"type": "refusal", "refusal": "no"}]}, [RefusalDelta("no")]),
        ({"reasoning_content": "t", "content": "b"}, [ReasoningDelta("t"), TextDelta("b")]),
        ({"reasoning": "t"}, [ReasoningDelta("t")]),
        ({"reasoning_content": "t", "reasoning": "t"}, [ReasoningDelta("t")]),
        ({"reasoning_content": None, "reasoning": "t"}, [ReasoningDelta("t")]),
        ({"refusal": "no"}, [RefusalDelta("no")]),
        ({"content": "", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
         [ToolCallDelta(0, "c", "f", "{}")]),
    ],
)  # fmt: skip
def test_each_form_of_words_gives_its_events(delta, expected):
    """Texts, numbers, objects, parts, thoughts, refusals and calls."""
    assert read(delta)[: len(expected)] == expected
    assert isinstance(read(delta)[-1], Finished)


@pytest.mark.parametrize(
    "delta",
    [{}, {"role": "assistant"}, {"content": None}, {"role": "assistant", "content": ""},
     {"content": []}, {"content": [{"type": "text", "text": ""}]}, {"tool_calls": None},
     {"tool_calls": []}, {"tool_calls": [None, {}, {"index": 0, "function": {}}]},
     {"reasoning": ""}, {"reasoning": None, "refusal": None}],
)  # fmt: skip
def test_what_says_nothing_gives_nothing(delta):
    """Role-only and empty chunks are no content; the end then finds the answer empty."""
    (end,) = read(delta)
    assert isinstance(end, Refused)
    assert end.fault is Fault.EMPTY


def test_a_legacy_function_call_is_a_call():
    """The old form still comes from old servers, whole or in pieces."""
    events = read(
        {"function_call": {"name": "f", "arguments": '{"a"'}},
        {"function_call": {"arguments": ":1}"}},
        reason="function_call",
    )
    assert [e.arguments for e in events if isinstance(e, ToolCallDelta)] == ['{"a"', ":1}"]
    assert events[-1] == Finished(FinishReason.TOOL_CALLS)


def test_the_last_usage_is_told_once():
    """Counts that are repeated or cumulative are never added up."""
    reader, events = Reader(Quirks()), []
    for count in (3, 5):
        usage = {"prompt_tokens": 10, "completion_tokens": count}
        reader.take({"choices": [{"delta": {"content": "x"}}], "usage": usage}, "delta", events)
    reader.take({"choices": [], "usage": None}, "delta", events)
    reader.take({"choices": [], "usage": {"prompt_tokens": 0}}, "delta", events)
    told = [e.usage.output_tokens for e in reader.end() if isinstance(e, UsageReported)]
    assert told == [5]


@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 4, "completion_tokens": 1}}},
        {"choices": [{"delta": {}, "finish_reason": "stop",
                      "usage": {"prompt_tokens": 4, "completion_tokens": 1}}]},
    ],
)  # fmt: skip
def test_usage_is_found_in_its_unusual_places(chunk):
    """Groq's own object, and the choice itself."""
    reader, events = Reader(Quirks()), []
    reader.take({"choices": [{"delta": {"content": "x"}}]}, "delta", events)
    reader.take(chunk, "delta", events)
    assert [e.usage.total_tokens for e in reader.end() if isinstance(e, UsageReported)] == [5]


def test_secrets_of_a_turn_are_noted_once_at_the_end():
    """Fields of the turn grow over the chunks, fields of calls stand by call id."""
    events = read(
        {"content": "a", "sig": "x"},
        {"sig": "y", "tool_calls": [{"id": "c", "function": {"name": "f"}, "sig": {"k": 1}}]},
        message_fields=("sig",),
    )
    notes = [e.data for e in events if isinstance(e, VendorNote)]
    assert notes == [{"message": {"sig": "xy"}, "calls": {"c": {"sig": {"k": 1}}}}]


@pytest.mark.parametrize("reason", ["length", "content_filter", None])
def test_a_call_that_was_cut_is_refused(reason):
    """Half the arguments must never reach a tool."""
    call = {"id": "c", "function": {"name": "f", "arguments": '{"a": [1, 2'}}
    assert read({"tool_calls": [call]}, reason=reason)[-1].fault is Fault.MALFORMED


def test_a_call_that_the_model_wrote_badly_is_kept():
    """The model's own mistake at a proper end is the caller's to see."""
    call = {"id": "c", "function": {"name": "f", "arguments": "{a}"}}
    assert read({"tool_calls": [call]}, reason="tool_calls")[-1] == Finished(
        FinishReason.TOOL_CALLS
    )


def test_a_call_without_a_name_is_refused():
    """Nobody can run it."""
    call = {"index": 0, "id": "c", "function": {"arguments": "{}"}}
    assert read({"tool_calls": [call]}, reason="tool_calls")[-1].fault is Fault.MALFORMED


def test_text_before_a_filter_is_kept():
    """A filter that cuts in later leaves what was said."""
    assert read({"content": "so far"}, reason="sensitive") == [
        TextDelta("so far"),
        Finished(FinishReason.CONTENT_FILTER),
    ]


@pytest.mark.parametrize(
    "chunk",
    [{}, {"choices": None}, {"choices": {}}, {"choices": [None]}, {"choices": [5]},
     {"choices": [{"delta": 5}]}, {"choices": [{"delta": {"tool_calls": 5}}]},
     {"choices": [{"delta": {"tool_calls": [5, None]}}]}, {"usage": 5, "x_groq": 5},
     {"choices": [{"delta": {"function_call": 5, "refusal": 5, "reasoning": 5}}]},
     {"id": [], "model": {}}],
)  # fmt: skip
def test_fields_of_the_wrong_kind_break_nothing(chunk):
    """A stranger's JSON is never trusted to have the right types."""
    reader, events = Reader(Quirks(message_fields=("sig",))), []
    reader.take(chunk, "delta", events)
    reader.end()
