"""Answers in Cohere's own language: the recorded one, and streams of its events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.catalog import fault_table, provider
from freetier.dialects.cohere import CohereDialect
from freetier.routing.collect import Collector
from freetier.values.accounts import Account, Candidate
from freetier.values.chat import Content, FinishReason, Usage
from freetier.values.faults import Fault, Refused
from freetier.values.models import Model
from tests.wire.samples import sample

DIALECT = CohereDialect(fault_table())
WHOM = Candidate(
    key="a/m",
    account=Account(id="a", provider="cohere-native"),
    model=Model(id="m", canonical="m"),
    provider=provider("cohere-native"),
)
USAGE = {
    "billed_units": {"input_tokens": 12, "output_tokens": 9},
    "tokens": {"input_tokens": 80.0, "output_tokens": 9},
}


def stream(*events: dict[str, Any]) -> bytes:
    """Return events as they go over the wire."""
    lines = [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events]
    return "".join(lines).encode()


def message(kind: str, index: int = 0, **members: Any) -> dict[str, Any]:
    """Return one event with something of the message."""
    return {"type": kind, "index": index, "delta": {"message": members}}


def end(reason: str) -> dict[str, Any]:
    """Return the last event."""
    return {"type": "message-end", "delta": {"finish_reason": reason, "usage": USAGE}}


START = {"type": "message-start", "id": "c-1", "delta": {"message": {"role": "assistant"}}}
WORDS = stream(
    START,
    message("content-start", content={"type": "thinking", "thinking": ""}),
    message("content-delta", content={"thinking": "Short."}),
    message("content-end"),
    message("content-start", 1, content={"type": "text", "text": ""}),
    message("content-delta", 1, content={"text": "Oslo is cold"}),
    message("content-delta", 1, content={"text": " and clear today."}),
    {"type": "citation-start", "index": 0, "delta": {"message": {"citations": {}}}},
    message("content-end", 1),
    end("COMPLETE"),
)
CALLS = stream(
    START,
    message("tool-plan-delta", tool_plan="I will "),
    message("tool-plan-delta", tool_plan="look."),
    message(
        "tool-call-start",
        0,
        tool_calls={
            "id": "w1", "type": "function", "function": {"name": "get_weather", "arguments": ""}
        },
    ),
    message("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"city":'}}),
    message("tool-call-delta", 0, tool_calls={"function": {"arguments": '"Oslo"}'}}),
    message("tool-call-end", 0),
    message(
        "tool-call-start",
        1,
        tool_calls={
            "id": "w2",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city":"Bergen"}'},
        },
    ),
    message("tool-call-end", 1),
    end("TOOL_CALL"),
)  # fmt: skip


def streamed(*pieces: bytes) -> Content | Refused:
    """Read a stream in these pieces."""
    decoder, collector = DIALECT.decoder(WHOM), Collector()
    found = [event for piece in pieces for event in decoder.feed(piece)]
    for event in [*found, *decoder.finish()]:
        if isinstance(event, Refused):
            return event
        collector.add(event)
    return collector.content()


def test_the_recorded_answer_is_read_right():
    """Text, reason, and the tokens that were read, not those that are billed."""
    found = DIALECT.whole(WHOM, sample("cohere/native_success.json").body)
    assert found.text == "Oslo is cold and clear today."
    assert found.finish_reason is FinishReason.STOP
    assert found.usage == Usage(input_tokens=80, output_tokens=9, total_tokens=89)
    assert found.id == "5c0f-4"


def test_the_recorded_answer_is_refused_if_it_is_cut():
    """At every byte."""
    body = sample("cohere/native_success.json").body
    for cut in range(len(body)):
        assert isinstance(DIALECT.whole(WHOM, body[:cut]), Refused)


def test_words_and_thoughts_of_a_stream():
    """Each in its place, with usage and reason at the end."""
    found = streamed(WORDS)
    assert (found.text, found.reasoning) == ("Oslo is cold and clear today.", "Short.")
    assert found.finish_reason is FinishReason.STOP
    assert found.usage.input_tokens == 80


def test_calls_of_a_stream():
    """Two at once, of which one came in pieces; the plan is thought."""
    found = streamed(CALLS)
    assert [(c.id, json.loads(c.arguments)["city"]) for c in found.tool_calls] == [
        ("w1", "Oslo"),
        ("w2", "Bergen"),
    ]
    assert (found.finish_reason, found.reasoning) == (FinishReason.TOOL_CALLS, "I will look.")


@pytest.mark.parametrize("body", [WORDS, CALLS], ids=["words", "calls"])
def test_a_stream_says_the_same_however_it_is_cut_into_pieces(body):
    """At every byte; and cut off there it is never an answer that says less."""
    whole = streamed(body)
    assert streamed(*(body[i : i + 1] for i in range(len(body)))) == whole
    for cut in range(len(body)):
        assert streamed(body[:cut], body[cut:]) == whole
        found = streamed(body[:cut])
        if isinstance(found, Content):
            assert (found.text, found.tool_calls) == (whole.text, whole.tool_calls)


def test_a_whole_turn_with_calls():
    """The plan is thought, the calls are whole."""
    call = {"id": "w1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answer = {
        "id": "c",
        "finish_reason": "TOOL_CALL",
        "message": {"role": "assistant", "tool_plan": "Look.", "tool_calls": [call]},
    }
    found = DIALECT.whole(WHOM, json.dumps(answer).encode())
    assert (found.reasoning, found.tool_calls[0].name) == ("Look.", "f")
    assert found.finish_reason is FinishReason.TOOL_CALLS


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("STOP_SEQUENCE", FinishReason.STOP),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("ERROR_TOXIC", FinishReason.CONTENT_FILTER),
    ],
)
def test_ends_have_words_of_their_own(reason, meant):
    """They are OpenAI's under other names."""
    body = stream(START, message("content-delta", content={"text": "x"}), end(reason))
    assert streamed(body).finish_reason is meant


@pytest.mark.parametrize(
    ("body", "fault", "detail"),
    [
        (b'{"id":"x","message":"model \'m\' not found"}', Fault.MALFORMED, "model 'm' not found"),
        (b"{}", Fault.MALFORMED, "the answer holds no message"),
        (b"", Fault.EMPTY, "the answer holds nothing"),
    ],
)
def test_what_is_no_answer_is_refused(body, fault, detail):
    """A text where the message should be is an error's words."""
    found = DIALECT.whole(WHOM, body)
    assert isinstance(found, Refused)
    assert (found.fault, found.detail) == (fault, detail)


def test_the_limits_of_cohere_hold_for_its_own_language():
    """A copy: the same month, rules and headers."""
    found = DIALECT.refusal(WHOM, 429, (), sample("cohere/429_month.json").body)
    assert (found.fault, found.retry_is_calendar) == (Fault.QUOTA_GONE, True)
    told = DIALECT.hints(WHOM, 200, sample("cohere/native_success.json").headers)
    limits = {(o.span, o.limit, o.remaining) for o in told.observations}
    assert limits == {(60.0, 20, 19), (2_592_000.0, 1000, None)}


def test_what_came_from_their_cache_is_read():
    """It stands beside the tokens, whole and in a stream."""
    used = {**USAGE, "cached_tokens": 64}
    last = {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": used}}
    body = stream(START, message("content-delta", content={"text": "Oslo."}), last)
    found = streamed(body)
    assert found.usage == Usage(input_tokens=80, output_tokens=9, total_tokens=89, cached_tokens=64)
    answer = {
        "message": {"role": "assistant", "content": [{"type": "text", "text": "Oslo."}]},
        "finish_reason": "COMPLETE",
        "usage": used,
    }
    whole = DIALECT.whole(WHOM, json.dumps(answer).encode())
    assert isinstance(whole, Content)
    assert whole.usage == found.usage


def test_a_stream_that_ends_with_an_error_says_which():
    """The word for such an end says only that there was one."""
    last = {"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "the model fell"}}
    found = streamed(stream(START, last))
    assert isinstance(found, Refused)
    assert (found.fault, found.detail) == (Fault.MALFORMED, "the model fell")
