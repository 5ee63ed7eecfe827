"""Whole answers into one value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.values.chat import Content, FinishReason, ToolCall, Usage
from freetier.values.faults import Fault, Refused
from tests.core.dialects.build import candidate, dialect


def whole(body: object, **quirks) -> Content | Refused:
    """Read a body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return dialect().whole(candidate(**quirks), raw)


def answer(reason: str | None = "stop", **message: object) -> dict[str, object]:
    """Return a body with one message."""
    return {"id": "a", "model": "m", "choices": [{"message": message, "finish_reason": reason}]}


def test_everything_an_answer_says_is_in_the_value():
    """Text, thoughts, calls, usage, reason, secrets, id and model."""
    calls = [
        {"id": "c1", "function": {"name": "f", "arguments": '{"a":1}'}, "sig": "s"},
        {"id": "c2", "function": {"name": "g", "arguments": ""}},
    ]
    body = answer("stop", content="hi", reasoning="well", refusal=None, tool_calls=calls)
    body["usage"] = {"prompt_tokens": 2, "completion_tokens": 3}
    assert whole(body, message_fields=("sig",)) == Content(
        text="hi",
        reasoning="well",
        tool_calls=(
            ToolCall(id="c1", name="f", arguments='{"a":1}'),
            ToolCall(id="c2", name="g", arguments="{}"),
        ),
        finish_reason=FinishReason.TOOL_CALLS,
        usage=Usage(input_tokens=2, output_tokens=3, total_tokens=5),
        vendor={"calls": {"c1": {"sig": "s"}}},
        id="a",
        upstream_model="m",
    )


def test_keep_alive_lines_before_the_answer_are_passed_over():
    """DeepSeek sends empty lines while a request waits."""
    found = whole(b"\n\n\n" + json.dumps(answer(content="hi")).encode())
    assert isinstance(found, Content)
    assert found.text == "hi"


def test_a_spent_budget_without_a_word_is_an_answer():
    """All tokens went into thoughts: the caller sees `length`, not a failure."""
    found = whole(answer("length", content=""))
    assert isinstance(found, Content)
    assert found.is_empty
    assert found.finish_reason is FinishReason.LENGTH


def test_a_refusal_of_the_model_is_an_answer():
    """What the model refuses in words is no fault of the provider."""
    found = whole(answer("stop", content=None, refusal="I will not."))
    assert isinstance(found, Content)
    assert found.refusal == "I will not."


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"  \n", Fault.EMPTY),
        (b"{", Fault.MALFORMED),
        (b"<html>", Fault.MALFORMED),
        (b"\xff", Fault.MALFORMED),
        (b"[" * 50_000, Fault.MALFORMED),
        (5, Fault.MALFORMED),
        ([], Fault.MALFORMED),
        ({}, Fault.MALFORMED),
        ({"choices": "x"}, Fault.MALFORMED),
        ({"choices": []}, Fault.EMPTY),
        ({"choices": [None]}, Fault.EMPTY),
        (answer(content=""), Fault.EMPTY),
        (answer(content=None), Fault.EMPTY),
        (answer("content_filter", content=None), Fault.CONTENT_REFUSED),
        (answer("error", content="half"), Fault.MALFORMED),
        (answer("model_context_window_exceeded", content=""), Fault.CONTEXT_TOO_LONG),
        (answer("length", tool_calls=[{"id": "c", "function": {"name": "f", "arguments": "{"}}]),
         Fault.MALFORMED),
        ({"error": {"message": "m", "code": 429}}, Fault.RATE_LIMITED),
        ([{"error": {"message": "m", "code": 503}}], Fault.OVERLOADED),
        ({"error": "m"}, Fault.MALFORMED),
        ("Invalid token", Fault.MALFORMED),
        ({"message": "m", "code": 500}, Fault.SERVER),
    ],
)  # fmt: skip
def test_an_error_or_nothing_inside_a_good_status_is_a_refusal(body, fault):
    """Whatever is no answer is told as why."""
    found = whole(body)
    assert isinstance(found, Refused)
    assert found.fault is fault
    assert found.detail


@given(st.binary(max_size=100))
def test_no_bytes_break_the_reading(body):
    """Any body gives an answer or a refusal."""
    assert isinstance(whole(body), Content | Refused)


def test_a_refusal_never_holds_what_a_terminal_would_obey():
    """The name of a call that was cut stands in the detail, without its control characters."""
    call = {"id": "c1", "function": {"name": "g\x1b[2J\x7f", "arguments": '{"a":'}}
    found = whole(answer("length", content="", tool_calls=[call]))
    assert isinstance(found, Refused)
    assert "g [2J" in found.detail
    assert found.detail.isprintable()
