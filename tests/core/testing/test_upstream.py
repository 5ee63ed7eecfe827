"""A real server behind a fake provider's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from freetier.testing import FakeProvider, Fleet, Limit, Upstream, VirtualClock, echo, faults
from freetier.testing.said import Usage
from freetier.testing.upstream import forward, usage_of
from freetier.values.wire import Timeouts
from tests.core.testing.kit import events, request, told_text
from tests.core.testing.test_fleet import over_http


@pytest.fixture
def real() -> Iterator[Fleet]:
    """A server that stands for the real model; it knows one model only."""
    with Fleet(FakeProvider("real", answer=echo, models=["llama"])) as fleet:
        yield fleet


def gate(real: Fleet, *limits: Limit, key: str | None = "its own") -> Fleet:
    """Return a fake vendor that lets the real server answer."""
    shown = real.key("real-1") if key == "its own" else key
    upstream = Upstream(url=real.url("real"), key=shown, model="llama")
    return Fleet(FakeProvider("groq", limits=limits, upstream=upstream))


def test_the_real_answer_comes_through_with_the_vendors_headers(real: Fleet) -> None:
    """Model and key are the upstream's own; limits and books the fake's."""
    with gate(real, Limit(2)) as fleet:
        statuses = []
        for _ in range(3):
            status, body, _ = over_http(request(fleet, "groq-1", model="openai/gpt-oss-20b"))
            statuses.append(status)
            if status == 200:
                answer = json.loads(body)
                assert answer["choices"][0]["message"]["content"] == "Hello there my friend"
    assert statuses == [200, 200, 429]
    assert [entry.model for entry in real.books.entries] == ["llama", "llama"]
    assert fleet.books.tokens("groq-1") == real.books.tokens()


def test_a_stream_passes_through_and_its_usage_is_counted(real: Fleet) -> None:
    """Usage is asked for although the caller did not."""
    with gate(real) as fleet:
        status, body, end = over_http(request(fleet, "groq-1", stream=True))
    assert (status, end) == (200, "whole")
    assert told_text(body) == "Hello there my friend"
    assert events(body)[-1] == "[DONE]"
    assert fleet.books.tokens("groq-1") == real.books.tokens()
    assert fleet.books.tokens().output > 0


def test_tokens_reserved_are_corrected_by_real_usage(real: Fleet) -> None:
    """The bound is held while the answer runs, the truth afterwards."""
    with gate(real, Limit(1100, metric="total_tokens")) as fleet:
        statuses = [over_http(request(fleet, "groq-1", max_tokens=1000))[0] for _ in range(3)]
    assert statuses == [200, 200, 200]


def test_an_error_from_upstream_comes_through_and_costs_no_tokens(real: Fleet) -> None:
    """Status and body as they are."""
    with gate(real, key="wrong") as fleet:
        status, body, _ = over_http(request(fleet, "groq-1"))
    assert (status, b"Invalid API key" in body) == (401, True)
    (entry,) = fleet.books.entries
    assert (entry.status, entry.input_tokens, entry.output_tokens) == (401, 0, 0)


def test_an_upstream_that_is_gone_is_a_bad_gateway(real: Fleet) -> None:
    """In the vendor's shape."""
    with gate(real) as fleet, real.down("real"):
        status, body, _ = over_http(request(fleet, "groq-1"))
    assert status == 502
    assert "error" in json.loads(body)
    assert fleet.books.entries[0].status == 502


def test_an_upstream_that_breaks_off_is_told_as_such(real: Fleet) -> None:
    """Nothing hangs, and the entry ends."""
    real.script("real-1", [faults.Cut(3)])
    with gate(real) as fleet:
        status, _, end = over_http(request(fleet, "groq-1", stream=True))
        assert (status, end) == (200, "cut")
        assert over_http(request(fleet, "groq-1"))[0] == 200
    assert fleet.books.entries[0].ended_at is not None


def test_a_caller_who_leaves_is_noted(real: Fleet) -> None:
    """The answer upstream goes on, the caller is gone: the entry ends as aborted."""
    real.always("real-1", faults.StallMidStream(2))
    with gate(real, Limit(1, metric="concurrent")) as fleet:
        _, _, end = over_http(request(fleet, "groq-1", stream=True), 0.1)
        assert end == "timeout"
        while fleet.books.entries[0].ended_at is None:
            over_http(request(fleet, "groq-1"), 0.1)
    assert fleet.books.entries[0].aborted


def test_faults_come_before_the_upstream_is_asked(real: Fleet) -> None:
    """A scripted status needs no real answer; a stall delays it."""
    with gate(real) as fleet:
        fleet.script("groq-1", [faults.Status(503), faults.Stall(0.01)])
        assert [over_http(request(fleet, "groq-1"))[0] for _ in range(2)] == [503, 200]
    assert len(real.books) == 1


def test_a_real_answer_cannot_be_spoilt() -> None:
    """It belongs to somebody else; the script is told so."""
    provider = FakeProvider("groq", upstream=Upstream(url="http://127.0.0.1:1/v1"))
    fleet = Fleet(provider)
    fleet.always("groq", faults.NoDone())
    with pytest.raises(ValueError, match="NoDone cannot"):
        fleet.transport(VirtualClock()).send(request(fleet, "groq-1"), Timeouts())


def test_what_goes_upstream() -> None:
    """Its path, its key, its model; a stream with usage."""
    upstream = Upstream(url="http://127.0.0.1:1/v1/", key="secret", model="llama")
    sent = forward(upstream, "/chat/completions", {"model": "x", "stream": True})
    assert sent.url == "http://127.0.0.1:1/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer secret"
    body = json.loads(sent.body)
    assert (body["model"], body["stream_options"]) == ("llama", {"include_usage": True})
    assert "secret" not in repr(sent) + repr(upstream)
    assert "authorization" not in forward(Upstream(url="http://x"), "/y", {"model": "x"}).headers


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        ({"usage": {"prompt_tokens": 3, "completion_tokens": 4}}, Usage(prompt=3, output=4)),
        ({"usage": {"prompt_tokens": 3}}, Usage(prompt=3, output=0)),
        ({"usage": None}, None),
        ({"usage": {"prompt_tokens": "3"}}, None),
        ([], None),
    ],
)
def test_usage_is_read_where_it_is_told(answer: object, usage: Usage | None) -> None:
    """Else it is not known."""
    assert usage_of(answer) == usage
