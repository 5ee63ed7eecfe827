"""Streams into events, however they are cut and whatever is wrong with them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.openai.decode import StreamDecoder
from freetier.dialects.sse import SseDecoder
from freetier.values.chat import (
    Finished,
    FinishReason,
    TextDelta,
    Usage,
    UsageReported,
)
from freetier.values.faults import Fault, Refused
from tests.core.dialects.build import candidate, dialect

STOP = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


def text(words: str) -> bytes:
    """Return an event that says something."""
    chunk = {"id": "a", "model": "m", "choices": [{"index": 0, "delta": {"content": words}}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def decoder() -> StreamDecoder:
    """Return a fresh decoder."""
    return dialect().decoder(candidate())


def events(*pieces: bytes):
    """Return everything a stream gives, its end included."""
    stream = decoder()
    found = [event for piece in pieces for event in stream.feed(piece)]
    return [*found, *stream.finish()]


def one_by_one(stream: bytes):
    """Return the same, byte by byte."""
    return events(*(stream[i : i + 1] for i in range(len(stream))))


ANSWER = [TextDelta("hi"), Finished(FinishReason.STOP)]


@pytest.mark.parametrize(
    "stream",
    [
        text("hi") + STOP + DONE,
        text("hi") + STOP,
        text("hi") + STOP.rstrip(),
        text("hi") + STOP + STOP + DONE,
        text("hi") + STOP + DONE.rstrip(),
        (text("hi") + STOP + DONE).replace(b"\n", b"\r\n"),
        b": note\n\n" + text("hi") + b": note\n\n" + STOP + DONE + text("after the end"),
        text("hi") + STOP + b'data: {"choices":[]}\n\ndata: {"type":"ping"}\n\n' + DONE,
        text("hi") + STOP + b"data: \n\n" + DONE,
        text("hi").rstrip() + b"\n" + STOP,
        b'{"id":"a","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}',
    ],
    ids=["whole", "no-done", "no-last-line", "two-ends", "done-cut", "crlf", "comments", "pings",
         "empty-data", "single-line-ends", "no-stream-at-all"],
)  # fmt: skip
def test_every_way_to_end_well_gives_the_same_answer(stream):
    """Text and one end, in one piece and byte by byte."""
    assert events(stream) == ANSWER
    assert one_by_one(stream) == ANSWER


def test_done_without_a_reason_is_an_end():
    """A provider that says it is done is believed."""
    assert events(text("hi") + DONE) == [TextDelta("hi"), Finished(FinishReason.UNKNOWN)]


@pytest.mark.parametrize(
    ("stream", "fault", "said"),
    [
        (text("hi"), Fault.MALFORMED, 1),
        (text("hi") + STOP[:20], Fault.MALFORMED, 1),
        (b"", Fault.MALFORMED, 0),
        (b"<html>busy</html>", Fault.MALFORMED, 0),
        (text("hi") + b"data: {cut\n\n" + STOP, Fault.MALFORMED, 1),
        (b"data: 5\n\n", Fault.MALFORMED, 0),
        (STOP + DONE, Fault.EMPTY, 0),
        (DONE, Fault.EMPTY, 0),
        (b'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n' + STOP, Fault.EMPTY, 0),
        (b'data: {"choices":[{"delta":{},"finish_reason":"content_filter"}]}\n\n',
         Fault.CONTENT_REFUSED, 0),
        (text("hi") + b'data: {"choices":[{"delta":{},"finish_reason":"error"}]}\n\n',
         Fault.MALFORMED, 1),
        (b'data: {"error":{"message":"slow","code":429}}\n\n' + DONE, Fault.RATE_LIMITED, 0),
        (b'data: [{"error":{"message":"slow","code":429}}]\n\n', Fault.RATE_LIMITED, 0),
        (b'data: {"error":"broken"}\n\n', Fault.MALFORMED, 0),
        (b'data: "Invalid token"\n\n', Fault.MALFORMED, 0),
        (b'event: error\ndata: {"message":"slow","code":429}\n\n', Fault.RATE_LIMITED, 0),
        (b"event: error\ndata: out of memory\n\n", Fault.MALFORMED, 0),
        (b'data: {"error":{"code":429}}\n' + text("hi"), Fault.RATE_LIMITED, 0),
        (b"event: error\ndata: out of memory", Fault.MALFORMED, 0),
        (text("hi") + b'data: {"error":{"code":503},"choices":[{"delta":{"content":""},'
         b'"finish_reason":"error"}]}\n\n' + DONE, Fault.OVERLOADED, 1),
        (b'{"error":{"message":"slow","code":429}}', Fault.RATE_LIMITED, 0),
        (b'[{"error":{"message":"slow","code":429}}]', Fault.RATE_LIMITED, 0),
        (b'"Invalid token"', Fault.MALFORMED, 0),
    ],
)  # fmt: skip
def test_every_way_to_fail_ends_in_one_refusal(stream, fault, said):
    """What was said is given, then one refusal, then nothing, in any cuts."""
    for found in (events(stream), one_by_one(stream)):
        *before, last = found
        assert isinstance(last, Refused)
        assert last.fault is fault
        assert len(before) == said
        assert not any(isinstance(event, Refused | Finished) for event in before)


def test_the_words_of_a_failure_are_told():
    """A person can see what the stream said."""
    assert events(b"event: error\ndata: out of memory\n\n")[-1].detail == "out of memory"
    assert "at once" in events(b"")[-1].detail
    assert "before its end" in events(text("hi"))[-1].detail
    assert "within an event" in events(text("hi")[:-9])[-1].detail


def test_usage_comes_once_before_the_end():
    """Usage on the last chunk, with no choices in it, is told before the end."""
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n'
    assert events(text("hi") + STOP + usage + usage + DONE) == [
        TextDelta("hi"),
        UsageReported(Usage(input_tokens=3, output_tokens=1, total_tokens=4)),
        Finished(FinishReason.STOP),
    ]


def test_letters_that_are_cut_apart_come_whole():
    """A letter of several bytes over two reads is one letter."""
    assert one_by_one(text("tøy \U0001f600") + STOP) == [
        TextDelta("tøy \U0001f600"),
        Finished(FinishReason.STOP),
    ]


def test_an_event_without_bound_is_refused():
    """A provider that never ends a line is left."""
    stream = decoder()
    stream._sse = SseDecoder(1000)
    found = [event for _ in range(300) for event in stream.feed(b"data: xxxx")]
    assert [event.fault for event in found] == [Fault.MALFORMED]
    assert stream.finish() == []


def test_identity_is_known_from_the_first_chunk():
    """The provider's id and model can be told while the stream runs."""
    stream = decoder()
    stream.feed(text("hi"))
    assert (stream.id, stream.upstream_model) == ("a", "m")


def test_after_the_end_nothing_comes():
    """Bytes after a refusal or after the end are not read."""
    stream = decoder()
    assert stream.feed(b'data: {"error":"x"}\n\n')
    assert stream.feed(text("hi")) == []
    assert stream.finish() == []


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_no_bytes_break_the_decoder(pieces):
    """Any bytes end in exactly one refusal or end."""
    found = events(*pieces, b"\n\n", text("hi"))
    ends = [event for event in found if isinstance(event, Refused | Finished)]
    assert len(ends) == 1
    assert found[-1] is ends[0]
