"""What fakes say has the shape of the recorded samples of each vendor."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from freetier.testing import STYLES, Call, FakeProvider, Limit, Said, faults
from freetier.testing.breakage import FACTS
from freetier.testing.forms import error_json
from freetier.testing.rules import Scene, Script, by_call
from tests.core.testing.kit import T0, WEATHER, events, incoming
from tests.wire.samples import Sample, sample

TEXT = "Oslo is cold and clear today."
OSLO, BERGEN = (Call("get_weather", {"city": city}) for city in ("Oslo", "Bergen"))
ASKED = {"stream": True, "stream_options": {"include_usage": True}}
LIMITS = (
    Limit(5, "minute"),
    Limit(2400, "day", kind="bucket"),
    Limit(30_000, "minute", "total_tokens", kind="bucket"),
    Limit(10**6, "hour", "total_tokens"),
    Limit(10**6, "day", "total_tokens"),
    Limit(10**9, "month", "total_tokens"),
)


def shape(value: Any) -> Any:
    """Return JSON with kinds instead of values; a list is its first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def missing(wanted: Any, given: Any, path: str = "") -> list[str]:
    """Return what a sample has and a fake has not, or has otherwise."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        absent = [f"{path}.{key}" for key in wanted.keys() - given.keys()]
        both = wanted.keys() & given.keys()
        return absent + [
            m for key in both for m in missing(wanted[key], given[key], f"{path}.{key}")
        ]
    if isinstance(wanted, list) and isinstance(given, list) and wanted and given:
        return missing(wanted[0], given[0], f"{path}[]")
    return [] if wanted == given else [f"{path}: {wanted} is {given}"]


def fake(vendor: str, said: Said, **members: Any) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a fake's answer."""
    provider = FakeProvider(vendor, answer=said, limits=LIMITS)
    reply = provider.reply(incoming(provider, **members), T0)
    assert reply.status == 200, reply.body
    return dict(reply.headers), reply.body


@pytest.mark.parametrize(
    ("file", "said", "members"),
    [
        ("groq/success.json", Said(text=TEXT, reasoning="Short."), {}),
        ("groq/tool_call.json", Said(calls=(OSLO,), reasoning="Need it."), {"tools": [WEATHER]}),
        ("cerebras/success.json", Said(text=TEXT, reasoning="Short."), {}),
        ("openrouter/success.json", Said(text=TEXT), {}),
        ("openrouter/tool_call.json", Said(calls=(OSLO,)), {"tools": [WEATHER]}),
        ("mistral/success.json", Said(text=TEXT), {}),
        ("mistral/success_thinking.json", Said(text=TEXT, reasoning="Short."), {}),
        ("mistral/tool_call.json", Said(calls=(OSLO,)), {"tools": [WEATHER]}),
        ("nvidia/success.json", Said(text=TEXT), {}),
        ("nvidia/tool_call.json", Said(calls=(OSLO,)), {"tools": [WEATHER]}),
        ("openai/success.json", Said(text=TEXT), {}),
        ("openai/tool_call.json", Said(calls=(OSLO, BERGEN)), {"tools": [WEATHER]}),
        ("gemini-openai/success.json", Said(text=TEXT), {}),
    ],
)
def test_a_whole_answer_has_everything_the_vendor_sends(
    file: str, said: Said, members: dict[str, Any]
) -> None:
    """Every member of the sample is there, and of its kind; so are the rate headers."""
    recorded = sample(file)
    headers, body = fake(recorded.provider, said, **members)
    assert missing(shape(json.loads(recorded.body)), shape(json.loads(body))) == []
    assert {name for name, _ in recorded.headers} <= set(headers)
    finish = json.loads(recorded.body)["choices"][0]["finish_reason"]
    assert json.loads(body)["choices"][0]["finish_reason"] == finish


@pytest.mark.parametrize(
    ("file", "said", "members"),
    [
        ("groq/success.sse", Said(text=TEXT, reasoning="Short"), {"stream": True}),
        ("groq/success_include_usage.sse", Said(text=TEXT), ASKED),
        ("groq/tool_call.sse", Said(calls=(OSLO,)), {"stream": True, "tools": [WEATHER]}),
        ("cerebras/success.sse", Said(text=TEXT, reasoning="Short."), {"stream": True}),
        ("openrouter/success.sse", Said(text=TEXT), {"stream": True}),
        ("mistral/success.sse", Said(text=TEXT), {"stream": True}),
        ("nvidia/success.sse", Said(text=TEXT, reasoning="Short."), ASKED),
        ("openai/success.sse", Said(text=TEXT), ASKED),
        ("gemini-openai/success.sse", Said(text=TEXT), {"stream": True}),
        (
            "gemini-openai/tool_call.sse",
            Said(calls=(OSLO, BERGEN)),
            {"stream": True, "tools": [WEATHER]},
        ),
    ],
)
def test_a_stream_tells_the_same_story_as_the_vendors(
    file: str, said: Said, members: dict[str, Any]
) -> None:
    """The same kinds of events in the same order, each with every member of the sample's."""
    recorded = sample(file)
    _, body = fake(recorded.provider, said, **members)
    wanted, given = story(recorded.body), story(body)
    assert [kind for kind, _ in wanted] == [kind for kind, _ in given]
    for (_, sampled), (kind, made) in zip(wanted, given, strict=True):
        ignored = {".x_groq.seed"}
        assert set(missing(sampled, made)) <= ignored, kind


def story(stream: bytes) -> list[tuple[str, Any]]:
    """Return the kinds of a stream's events with their shapes; repeated kinds once."""
    told: list[tuple[str, Any]] = []
    for event in events(stream):
        kind = kind_of(event)
        if not told or told[-1][0] != kind:
            told.append((kind, shape(event)))
    return told


def kind_of(event: Any) -> str:
    """Return what an event is about."""
    if isinstance(event, str):
        return "done" if event == "[DONE]" else "comment"
    if not event["choices"]:
        return "usage"
    choice = event["choices"][0]
    if choice["finish_reason"]:
        return "finish"
    delta = choice["delta"]
    told = [key for key in ("tool_calls", "reasoning", "reasoning_content") if delta.get(key)]
    return told[0] if told else "text" if delta.get("content") else "open"


def test_usage_is_told_as_often_as_groq_tells_it() -> None:
    """On the finish chunk at two places, and once more if asked: a trap for adding up."""
    _, plain = fake("groq", Said(text=TEXT), stream=True)
    _, asked = fake("groq", Said(text=TEXT), **ASKED)
    assert plain.count(b'"usage":') == 2
    assert asked.count(b'"usage":') == 3


@pytest.mark.parametrize("style", ["openai", "nvidia", "generic"])
def test_usage_is_told_only_if_asked(style: str) -> None:
    """Vendors that want `stream_options.include_usage` are mute without it."""
    _, plain = fake(style, Said(text=TEXT), stream=True)
    _, asked = fake(style, Said(text=TEXT), **ASKED)
    assert b"prompt_tokens" not in plain
    assert asked.count(b"prompt_tokens") >= 1


SAME_ERROR = [
    ("groq/401.json", "bad_key"),
    ("groq/404_model_not_found.json", "no_model"),
    ("groq/400_model_decommissioned.json", "gone"),
    ("groq/400_context_length.json", "context"),
    ("groq/400_tool_use_failed.json", "tool_failed"),
    ("groq/498.json", "capacity"),
    ("groq/500.json", "server"),
    ("groq/503.json", "busy"),
    ("cerebras/401.json", "bad_key"),
    ("cerebras/402.json", "payment"),
    ("cerebras/403_no_key.json", "no_key"),
    ("cerebras/429_queue.json", "queue"),
    ("cerebras/500.json", "server"),
    ("openrouter/402.json", "payment"),
    ("openrouter/404_no_endpoints.json", "no_model"),
    ("openrouter/429_upstream.json", "upstream"),
    ("openrouter/502.json", "gateway"),
    ("openrouter/503.json", "busy"),
    ("mistral/400_context_length.json", "context"),
    ("mistral/403_tier.json", "forbidden"),
    ("mistral/404_route.json", "no_route"),
    ("mistral/500.json", "server"),
    ("nvidia/401.json", "no_key"),
    ("nvidia/403.json", "bad_key"),
    ("nvidia/400_context_length.json", "context"),
    ("nvidia/404_not_for_account.json", "no_model"),
    ("nvidia/404_plain.json", "no_route"),
    ("nvidia/410.json", "gone"),
    ("nvidia/502.json", "gateway"),
    ("nvidia/504.json", "timeout"),
    ("openai/400_context_length.json", "context"),
    ("openai/401.json", "bad_key"),
    ("openai/404_model.json", "no_model"),
    ("openai/429_insufficient_quota.json", "payment"),
    ("gemini-openai/400_bad_key.json", "bad_key"),
    ("gemini-openai/400_context_length.json", "context"),
    ("gemini-openai/500.json", "server"),
    ("gemini-openai/503.json", "busy"),
]


@pytest.mark.parametrize(("file", "kind"), SAME_ERROR)
def test_an_error_is_the_vendors_word_for_word(file: str, kind: str) -> None:
    """Status, content type, shape, codes, and the words apart from names and numbers."""
    recorded = sample(file)
    provider = FakeProvider(recorded.provider)
    provider.rules.add(Script(Scene(), by_call([faults.VendorError(kind)])))
    reply = provider.reply(incoming(provider), T0)
    assert reply.status == recorded.status
    assert dict(reply.headers)["content-type"] == dict(recorded.headers)["content-type"]
    assert skeleton(reply.body) == skeleton(recorded.body)


def skeleton(body: bytes) -> Any:
    """Return a body with names, ids and numbers in its words made equal."""
    try:
        return words(json.loads(body))
    except ValueError:
        return body.decode()


NAMES = r"`[^`]*`|'[^']*'|\"[^\"]*\"|sk-\S+|fak\S+|org[-_]\w+|user_\w+|req_\w+|s0\w+|models/\S+"
MODELS = r"(?<=for )[\w/.:-]+(?=\.$)|[\w/.:-]+(?= is temp)"


def words(value: Any) -> Any:
    """Return JSON whose texts keep their words only."""
    if isinstance(value, dict):
        return {key: words(item) for key, item in value.items()}
    if isinstance(value, list):
        return [words(item) for item in value]
    if not isinstance(value, str):
        return value
    text = re.sub(f"{NAMES}|{MODELS}|Google AI Studio|Nvidia|Fake", "NAME", value)
    return re.sub(r"\d[\d.]*(ms|h|m|s)?(\d[\d.]*(m|s))*", "N", text)


SAMPLED_MODELS = {"openai": "gpt-5-mini", "gemini-openai": "gemini-3.8-flash"}


def refusal(vendor: str, limit: Limit, **members: Any) -> tuple[int, dict[str, str], bytes]:
    """Return how a fake refuses the first request too many."""
    provider = FakeProvider(vendor, limits=[limit])
    while True:
        reply = provider.reply(incoming(provider, **members), T0)
        if reply.status != 200:
            return reply.status, dict(reply.headers), reply.body


@pytest.mark.parametrize(
    ("file", "limit"),
    [
        ("groq/429_requests_per_minute.json", Limit(3, "minute")),
        ("groq/429_requests_per_day.json", Limit(3, "day", kind="bucket")),
        ("groq/429_tokens_per_day.json", Limit(2000, "day", "total_tokens")),
        ("groq/429_input_tokens_per_minute.json", Limit(30, "minute", "input_tokens")),
        ("groq/413_request_too_large.json", Limit(30, "minute", "total_tokens", kind="bucket")),
        ("cerebras/429_tokens_minute.json", Limit(2000, "minute", "total_tokens")),
        ("cerebras/429_tokens_day.json", Limit(2000, "day", "total_tokens")),
        ("openrouter/429_free_per_minute.json", Limit(3, "minute", kind="fixed")),
        ("mistral/429_rate.json", Limit(3, "minute")),
        ("nvidia/429.json", Limit(3, "minute")),
        ("openai/429_rate.json", Limit(2000, "minute", "total_tokens")),
        ("gemini-openai/429_requests_day.json", Limit(3, "day", kind="calendar")),
    ],
)
def test_a_refusal_names_the_window_as_the_vendor_does(file: str, limit: Limit) -> None:
    """Body and headers of the sample, its numbers and names aside."""
    recorded = sample(file)
    model = SAMPLED_MODELS.get(recorded.provider, "small")
    status, headers, body = refusal(recorded.provider, limit, model=model)
    assert status == recorded.status
    assert skeleton(body) == skeleton(recorded.body)
    told = {name for name, _ in recorded.headers if not_of_another_limit(name)}
    assert told <= set(headers) | {"retry-after"}


def not_of_another_limit(name: str) -> bool:
    """Return whether a header does not tell a limit that this test has not configured."""
    return not name.startswith("x-ratelimit")


def test_a_day_that_is_gone_at_openrouter() -> None:
    """The same 429 with other words, the header's reset at the end of the day."""
    status, headers, body = refusal("openrouter", Limit(2, "day", kind="calendar"))
    recorded = json.loads(sample("openrouter/429_free_per_day.json").body)
    error = json.loads(body)["error"]
    assert (status, error["message"]) == (429, recorded["error"]["message"])
    assert headers["X-RateLimit-Reset"] == "1795305600000"
    assert error["metadata"]["headers"] == {
        name: value for name, value in headers.items() if name.startswith("X-")
    }


def test_what_is_never_granted_looks_like_gemini_and_mistral_say_it() -> None:
    """No quota value at one, a limit of 0 in the headers of the other."""
    _, _, body = refusal("gemini-openai", Limit(0, "day", kind="calendar"))
    failure = json.loads(body)[0]["error"]["details"][1]
    assert "quotaValue" not in failure["violations"][0]
    assert "limit: 0, model" in json.loads(body)[0]["error"]["message"]
    _, headers, _ = refusal("mistral", Limit(0, "minute"))
    zero = dict(sample("mistral/429_zero_allowance.json").headers)
    assert {name: headers[name] for name in zero} == zero


def test_groq_tells_when_its_buckets_are_full_again() -> None:
    """The recorded headers, number for number: 4 of 1000 used, 464 of 8000 tokens."""
    limits = [
        Limit(1000, "day", kind="bucket"),
        Limit(8000, "minute", "total_tokens", kind="bucket", charge="end"),
    ]
    provider = FakeProvider("groq", limits=limits, answer=["x" * 1000, "x" * 1000, "x" * 732, "x"])
    for _ in range(3):
        provider.reply(incoming(provider), T0).close(T0, 1, None)
    told = dict(provider.reply(incoming(provider), T0).headers)
    recorded: Sample = sample("groq/success.json")
    for name in ("limit-requests", "remaining-requests", "reset-requests", "limit-tokens"):
        header = f"x-ratelimit-{name}"
        assert told[header] == dict(recorded.headers)[header]


@pytest.mark.parametrize("style", ["groq", "openrouter", "nvidia", "gemini-openai", "openai"])
def test_an_error_inside_a_stream_comes_after_200(style: str) -> None:
    """Text, then the error, then `[DONE]`, as the samples of Groq and OpenRouter have it."""
    provider = FakeProvider(style)
    provider.rules.add(Script(Scene(), by_call([faults.ErrorEvent()])))
    reply = provider.reply(incoming(provider, stream=True), T0)
    told = events(reply.body)
    assert reply.status == 200
    assert told[-1] == "[DONE]"
    assert "error" in (told[-2][0] if isinstance(told[-2], list) else told[-2])


@pytest.mark.parametrize("vendor", ["groq", "openrouter"])
def test_that_error_has_the_members_of_the_sample(vendor: str) -> None:
    """Groq sends the bare error, OpenRouter a chunk with a finish reason."""
    provider = FakeProvider(vendor)
    kind = "tool_failed" if vendor == "groq" else "gateway"
    provider.rules.add(Script(Scene(), by_call([faults.ErrorEvent(kind=kind)])))
    made = events(provider.reply(incoming(provider, stream=True), T0).body)[-2]
    recorded = events(sample(f"{vendor}/stream_error.sse").body)[-2]
    ignored = {".error.status_code"}
    assert set(missing(shape(recorded), shape(made))) <= ignored


@pytest.mark.parametrize("vendor", ["openai", "mistral", "gemini-openai"])
def test_vectors_come_in_the_vendors_shape(vendor: str) -> None:
    """Every member of the sample; Gemini tells no usage."""
    provider = FakeProvider(vendor)
    request = incoming(provider)
    body = json.dumps({"model": "m", "input": ["a", "b"]}).encode()
    request = replace(request, path="/v1/embeddings", body=body)
    made = json.loads(provider.reply(request, T0).body)
    recorded = json.loads(sample(f"{vendor}/embeddings_success.json").body)
    ignored = {".id", ".usage.completion_tokens"}
    assert set(missing(shape(recorded), shape(made))) <= ignored
    assert ("usage" in recorded) == ("usage" in made)


def test_styles_are_found_by_the_vendors_name() -> None:
    """A provider of a vendor's name speaks its style; any other name the generic one."""
    assert FakeProvider("groq").form is STYLES["groq"]
    assert FakeProvider("mine").form is STYLES["generic"]
    assert FakeProvider("mine", "mistral").form is STYLES["mistral"]
    assert FakeProvider("mine", STYLES["nvidia"]).form is STYLES["nvidia"]
    with pytest.raises(ValueError, match="no style"):
        FakeProvider("mine", "nonsense")


def test_an_error_in_a_stream_needs_no_other_facts() -> None:
    """Every style can make every generic error after 200."""
    for style in STYLES.values():
        for kind in STYLES["generic"].errors:
            assert error_json(style, kind, dict(FACTS)) is not None
