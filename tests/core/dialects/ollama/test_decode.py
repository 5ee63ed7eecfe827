"""Answers in Ollama's own language: the recorded lines, and calls, thoughts and ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.catalog import fault_table, provider
from freetier.dialects.ollama import OllamaDialect
from freetier.routing.collect import Collector
from freetier.values.accounts import Account, Candidate
from freetier.values.chat import Content, FinishReason, TextDelta, Usage
from freetier.values.faults import Fault, Refused
from freetier.values.models import Model
from tests.wire.samples import ROOT, sample

DIALECT = OllamaDialect(fault_table())
WHOM = Candidate(
    key="a/m",
    account=Account(id="a", provider="ollama-native"),
    model=Model(id="m", canonical="m"),
    provider=provider("ollama-native"),
)
CHAT = (ROOT / "ollama" / "native_chat.ndjson").read_bytes()
BROKEN = (ROOT / "ollama" / "native_stream_error.ndjson").read_bytes()
DONE = {"done": True, "done_reason": "stop", "prompt_eval_count": 21, "eval_count": 9}


def line(done: dict[str, Any] | None = None, **message: Any) -> bytes:
    """Return one line of a stream."""
    value = {"model": "m", "created_at": "2026-11-21T00:00:00Z", "message": message, "done": False}
    return json.dumps({**value, **(done or {})}).encode() + b"\n"


def events(*pieces: bytes) -> list[Any]:
    """Read a stream in these pieces."""
    decoder = DIALECT.decoder(WHOM)
    return [*(e for piece in pieces for e in decoder.feed(piece)), *decoder.finish()]


def together(found: list[Any]) -> Content | Refused:
    """Put the events of a stream together."""
    collector = Collector()
    for event in found:
        if isinstance(event, Refused):
            return event
        collector.add(event)
    return collector.content()


def test_the_recorded_stream_is_read_right():
    """Text, reason and counts of the last line."""
    found = together(events(CHAT))
    assert (found.text, found.finish_reason) == ("Oslo is cold and clear today.", FinishReason.STOP)
    assert found.usage == Usage(input_tokens=21, output_tokens=9, total_tokens=30)


@pytest.mark.parametrize("body", [CHAT, BROKEN], ids=["chat", "broken"])
def test_it_says_the_same_however_it_is_cut_into_pieces(body):
    """At every byte."""
    whole = events(body)
    assert events(*(body[i : i + 1] for i in range(len(body)))) == whole
    for cut in range(len(body)):
        assert events(body[:cut], body[cut:]) == whole


def test_a_stream_that_is_cut_off_is_never_an_answer_that_says_less():
    """Only the whole last line makes an answer."""
    for cut in range(len(CHAT) - 1):
        found = together(events(CHAT[:cut]))
        assert isinstance(found, Refused)
        assert found.fault is Fault.MALFORMED
    assert isinstance(together(events(CHAT[:-1])), Content)


def test_the_recorded_error_comes_after_what_was_said():
    """A line with an error, though the status was 200."""
    *before, last = events(BROKEN)
    assert [e.text for e in before if isinstance(e, TextDelta)] == ["Oslo is"]
    assert isinstance(last, Refused)
    assert "an error was encountered" in last.detail


def test_the_recorded_refusal_means_a_model_that_is_not_there():
    """By its status and words."""
    of = sample("ollama/native_404_model.json")
    assert DIALECT.refusal(WHOM, of.status, of.headers, of.body).fault is Fault.MODEL_GONE


def test_calls_come_whole_and_thoughts_apart():
    """Arguments are values there, a text here; ids are ours."""
    calls = [{"function": {"name": "f", "arguments": {"city": city}}} for city in ("Oslo", "Rome")]
    body = (
        line(role="assistant", content="", thinking="Hm.")
        + line(role="assistant", content="", tool_calls=calls[:1])
        + line(role="assistant", content="", tool_calls=calls[1:])
        + line(DONE, role="assistant", content="")
    )
    found = together(events(body))
    assert found.reasoning == "Hm."
    assert [json.loads(call.arguments)["city"] for call in found.tool_calls] == ["Oslo", "Rome"]
    assert len({call.id for call in found.tool_calls}) == 2
    assert found.finish_reason is FinishReason.TOOL_CALLS
    whole = DIALECT.whole(WHOM, line(DONE, role="assistant", content="", tool_calls=calls))
    assert [call.name for call in whole.tool_calls] == ["f", "f"]


def test_an_answer_that_ran_out_of_room_says_so():
    """`length` is `length`."""
    body = line({**DONE, "done_reason": "length"}, role="assistant", content="x")
    assert DIALECT.whole(WHOM, body).finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"error":"no"}', b"<html>", b"3"])
def test_what_is_no_answer_is_refused(body):
    """Whole, and as a stream."""
    assert isinstance(DIALECT.whole(WHOM, body), Refused)
    assert isinstance(together(events(body)), Refused)


def test_nothing_comes_after_the_end():
    """Whatever a server goes on to say."""
    assert events(CHAT + CHAT) == events(CHAT)
