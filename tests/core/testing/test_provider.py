"""A provider from request to reply, with time as an argument."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.testing import (
    Call,
    FakeAccount,
    FakeModel,
    FakeProvider,
    Incoming,
    Limit,
    Said,
    Usage,
    echo,
    faults,
)
from freetier.testing.replies import duration
from freetier.testing.rules import Scene, Script, by_call
from tests.core.testing.kit import T0, WEATHER, events, incoming, told_text


def get(provider: FakeProvider, path: str, **members: Any) -> Any:
    """Return the JSON of another route."""
    request = incoming(provider)
    method = "POST" if members else "GET"
    body = json.dumps(members).encode() if members else b""
    reply = provider.reply(
        Incoming(method=method, path=path, headers=request.headers, body=body), T0
    )
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def test_a_whole_answer_says_what_the_model_said() -> None:
    """Text, model and usage by the rule of tokens; the books agree."""
    provider = FakeProvider("mine", answer=echo)
    reply = provider.reply(incoming(provider), T0)
    answer = json.loads(reply.body)
    assert answer["choices"][0]["message"]["content"] == "Hello there my friend"
    assert answer["model"] == "small"
    assert answer["usage"] == {"prompt_tokens": 13, "completion_tokens": 6, "total_tokens": 19}
    assert provider.books.tokens("mine-1") == (13, 6)


@pytest.mark.parametrize("style", ["openai", "groq", "gemini-openai", "mistral", "openrouter"])
def test_a_stream_says_the_same_as_the_whole(style: str) -> None:
    """Word for word, also through blanks and letters of several bytes."""
    text = "  Zwei  Wörter, 好的;\nund   noch eine Zeile mit  vielen kleinen Wörtern "
    provider = FakeProvider(style, answer=text)
    whole = json.loads(provider.reply(incoming(provider), T0).body)
    stream = provider.reply(incoming(provider, stream=True), T0)
    assert whole["choices"][0]["message"]["content"] == text
    assert told_text(stream.body) == text


def test_fragments_of_arguments_make_the_whole() -> None:
    """As OpenAI streams them: the name first, then pieces of JSON."""
    call = Call("get_weather", {"city": "Llanfairpwllgwyngyll", "days": [1, 2, 3]})
    provider = FakeProvider("openai", answer=Said(calls=(call, call)))
    stream = provider.reply(incoming(provider, stream=True, tools=[WEATHER]), T0)
    told: dict[int, str] = {}
    for event in events(stream.body):
        for choice in event["choices"] if isinstance(event, dict) else ():
            for part in choice["delta"].get("tool_calls", ()):
                told[part["index"]] = told.get(part["index"], "") + part["function"]["arguments"]
    assert [json.loads(text) for text in told.values()] == [dict(call.arguments)] * 2  # type: ignore[arg-type]


def test_latency_and_speed_are_in_the_reply() -> None:
    """A whole answer waits for all its tokens, a stream spreads them."""
    provider = FakeProvider("mine", answer="x" * 400, latency=0.5, token_rate=50)
    whole = provider.reply(incoming(provider), T0)
    stream = provider.reply(incoming(provider, stream=True), T0)
    assert whole.after == pytest.approx(2.5)
    assert stream.after == pytest.approx(0.5)
    assert duration(stream) == pytest.approx(2.5)


def test_latency_may_be_a_range_or_a_function() -> None:
    """The same seed gives the same latencies."""

    def pauses(seed: int) -> list[float]:
        provider = FakeProvider("mine", latency=(0.1, 0.4), seed=seed)
        return [provider.reply(incoming(provider), T0).after for _ in range(5)]

    assert pauses(1) == pauses(1) != pauses(2)
    assert all(0.1 <= pause <= 0.4 for pause in pauses(1))
    provider = FakeProvider("mine", latency=lambda: 7.0)
    assert provider.reply(incoming(provider), T0).after == 7.0


def test_a_prompt_longer_than_the_context_is_refused() -> None:
    """In the vendor's words, and charged nowhere."""
    provider = FakeProvider("openai", models=[FakeModel("small", context=10)], limits=[Limit(1)])
    reply = provider.reply(incoming(provider), T0)
    assert reply.status == 400
    assert b"maximum context length is 10 tokens" in reply.body
    provider = FakeProvider("openai", models=[FakeModel("small", context=13)])
    assert provider.reply(incoming(provider), T0).status == 200


def test_limits_hold_and_the_books_say_why() -> None:
    """Three a minute: the fourth is refused, the next minute is open."""
    provider = FakeProvider("groq", limits=[Limit(3)])
    statuses = [provider.reply(incoming(provider), T0 + second).status for second in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert provider.reply(incoming(provider), T0 + 60).status == 200
    assert [entry.why for entry in provider.books.refused()] == ["requests per minute"] * 2
    assert provider.books.peak("groq-1", 60) == 3


def test_refused_and_rejected_requests_cost_nothing() -> None:
    """Only what is admitted is charged."""
    provider = FakeProvider("groq", limits=[Limit(1)])
    provider.reply(incoming(provider, temperature=99), T0)
    assert provider.reply(incoming(provider), T0).status == 200
    verdicts = [entry.verdict for entry in provider.books.entries]
    assert verdicts == ["rejected", "admitted"]


def test_accounts_of_a_pool_share_their_limit() -> None:
    """Two keys of one organisation have one quota."""
    accounts = [FakeAccount(label=name, pool="team") for name in ("a", "b")]
    provider = FakeProvider("groq", accounts=accounts, limits=[Limit(3, scope="pool")])
    statuses = [provider.reply(incoming(provider, n), T0).status for n in ("a", "b", "a", "b")]
    assert statuses == [200, 200, 200, 429]


def test_reserved_tokens_come_back_when_the_answer_ends() -> None:
    """While it runs the bound is held; afterwards only what it took."""
    limits = [Limit(1100, metric="total_tokens")]
    provider = FakeProvider("cerebras", limits=limits, latency=5)
    first = provider.reply(incoming(provider, max_tokens=1000), T0)
    assert first.status == 200
    assert provider.reply(incoming(provider, max_tokens=1000), T0 + 4.9).status == 429
    assert provider.reply(incoming(provider, max_tokens=1000), T0 + 5).status == 200


def test_a_slot_is_free_when_the_answer_has_been_sent() -> None:
    """Nobody needs to close a reply whose end is known; whoever closes early frees it early."""
    provider = FakeProvider("mine", limits=[Limit(1, metric="concurrent")], latency=5)
    provider.reply(incoming(provider), T0)
    assert provider.reply(incoming(provider), T0 + 4).status == 429
    second = provider.reply(incoming(provider), T0 + 5)
    assert second.status == 200
    second.close(T0 + 6, 0, None)
    assert provider.reply(incoming(provider), T0 + 6).status == 200


def test_an_abandoned_stream_costs_what_had_been_made() -> None:
    """The books say so: aborted, with a part of the output."""
    provider = FakeProvider("mine", answer="x" * 4000, token_rate=100)
    stream = provider.reply(incoming(provider, stream=True), T0)
    stream.close(T0 + 5, len(stream.pieces) // 2, None)
    (entry,) = provider.books.entries
    assert entry.aborted
    assert entry.ended_at == T0 + 5
    assert 0 < entry.output_tokens < 1000


def test_closing_twice_changes_nothing() -> None:
    """The first end counts."""
    provider = FakeProvider("mine", limits=[Limit(1, metric="concurrent")])
    reply = provider.reply(incoming(provider), T0)
    reply.close(T0, 1, None)
    reply.close(T0 + 9, 0, None)
    (entry,) = provider.books.entries
    assert (entry.aborted, entry.ended_at) == (False, T0)


def test_a_provider_may_have_its_own_idea_of_time() -> None:
    """A skewed clock moves its days, not the books."""
    provider = FakeProvider("mine", limits=[Limit(1, "day", kind="calendar")], skew=3600)
    provider.reply(incoming(provider), T0 - 3700)
    assert provider.reply(incoming(provider), T0 - 3601).status == 429
    assert provider.reply(incoming(provider), T0 - 3600).status == 200
    assert [entry.at for entry in provider.books.entries] == [T0 - 3700, T0 - 3601, T0 - 3600]


def test_the_answer_may_bring_its_own_usage() -> None:
    """What is told is what is charged."""
    said = Said(text="hi", usage=Usage(prompt=500, output=70))
    provider = FakeProvider("mine", answer=said)
    reply = provider.reply(incoming(provider), T0)
    reply.close(T0, 1, None)
    assert json.loads(reply.body)["usage"]["total_tokens"] == 570
    assert provider.books.tokens() == (500, 70)


def test_an_answer_that_fails_is_the_tests_own_error() -> None:
    """It is not hidden in a 500, and holds no slot."""

    def broken(_request: dict[str, Any]) -> str:
        raise LookupError("no such answer")

    provider = FakeProvider("mine", answer=broken, limits=[Limit(1, metric="concurrent")])
    for _ in range(2):
        with pytest.raises(LookupError):
            provider.reply(incoming(provider), T0)


def test_models_are_listed() -> None:
    """Without those that are gone; Gemini prefixes them."""
    models = ["a", FakeModel("b"), FakeModel("c", gone=True)]
    listed = get(FakeProvider("mine", models=models), "/v1/models")
    assert [model["id"] for model in listed["data"]] == ["a", "b"]
    listed = get(FakeProvider("gemini-openai", models=["a"]), "/v1beta/openai/models")
    assert listed["data"][0]["id"] == "models/a"


def test_a_list_of_models_is_free() -> None:
    """No limit counts it, and it is not among the admitted."""
    provider = FakeProvider("mine", limits=[Limit(1)])
    for _ in range(3):
        get(provider, "/v1/models")
    assert provider.books.admitted() == []
    assert {entry.verdict for entry in provider.books.entries} == {"listed"}


def test_texts_become_vectors() -> None:
    """One for each text, as long as the model or the request says, counted as input."""
    provider = FakeProvider("mine", models=[FakeModel("small", dimensions=32)])
    answer = get(provider, "/v1/embeddings", model="small", input=["some words", "x"])
    assert [len(item["embedding"]) for item in answer["data"]] == [32, 32]
    assert [item["index"] for item in answer["data"]] == [0, 1]
    assert answer["usage"] == {"prompt_tokens": 4, "total_tokens": 4}
    answer = get(provider, "/v1/embeddings", model="small", input="x", dimensions=8)
    assert len(answer["data"][0]["embedding"]) == 8
    assert provider.books.tokens() == (5, 0)


def test_vectors_may_be_packed() -> None:
    """`encoding_format: base64` is what OpenAI's client asks for."""
    provider = FakeProvider("mine")
    packed = get(provider, "/v1/embeddings", model="m", input="x", encoding_format="base64")
    assert isinstance(packed["data"][0]["embedding"], str)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.Empty(), b'{"object":"list","data":[]'),
        (faults.NoUsage(), b'"model":"m"}'),
        (faults.ErrorEvent(), b'{"error":{"message":"Internal server error"'),
        (faults.Cut(), b'{"object":"list"'),
        (faults.Status(503), b"overloaded"),
    ],
)
def test_vectors_can_be_spoilt_too(fault: faults.Fault, told: bytes) -> None:
    """Empty, without usage, an error in 200, cut, or none at all."""
    provider = FakeProvider("mine")
    provider.rules.add(Script(Scene(), by_call([fault])))
    request = incoming(provider)
    body = json.dumps({"model": "m", "input": "x"}).encode()
    wanted = Incoming(method="POST", path="/v1/embeddings", headers=request.headers, body=body)
    assert told in provider.reply(wanted, T0).body


def test_half_an_embedding_answer_is_no_json() -> None:
    """A `BadEvent` of a whole answer is its first half."""
    provider = FakeProvider("mine")
    provider.rules.add(Script(Scene(), by_call([faults.BadEvent()])))
    request = incoming(provider)
    body = json.dumps({"model": "m", "input": "x"}).encode()
    wanted = Incoming(method="POST", path="/v1/embeddings", headers=request.headers, body=body)
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(provider.reply(wanted, T0).body)


def test_a_scripted_fault_needs_no_fleet() -> None:
    """A provider alone plays by its own rules."""
    provider = FakeProvider("mine")
    provider.rules.add(Script(Scene(), by_call([faults.Status(503)])))
    assert [provider.reply(incoming(provider), T0).status for _ in range(2)] == [503, 200]
