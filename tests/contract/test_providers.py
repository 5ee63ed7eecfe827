"""Every provider of the catalog against a fake that is as strict as the vendor.

Encoded by the router, refused or taken by the fake's own rules, answered in the vendor's
shape, decoded again. The fakes share no code with the dialects (import rule).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from freetier import (
    ChatRequest,
    MediaPart,
    Message,
    ResponseFormat,
    Router,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
    catalog,
)
from freetier.routing.fitness import abilities
from freetier.testing import STYLES, FakeModel, FakeProvider, Fleet, VirtualClock
from freetier.values.accounts import Account, Candidate
from freetier.values.models import Capability
from freetier.values.wire import HttpRequest, Timeouts

OWN = {"cohere": "cohere-native", "ollama": "ollama-native"}
"""Languages of one entry each; their strict readers stand beside the tests of the dialect."""

NAMES = tuple(
    name for name in catalog.provider_names() if catalog.provider(name).dialect not in OWN
)
PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 1},
        "degrees": {"type": "integer", "minimum": -90},
    },
    "required": ["city", "degrees"],
}
WEATHER = Tool(name="get_weather", description="Tells the weather.", parameters=SCHEMA, strict=True)
TIME = Tool(name="get_time", parameters={"type": "object", "properties": {}})
KNOBS: dict[str, Any] = {
    "max_tokens": 64,
    "temperature": 0.2,
    "top_p": 0.9,
    "seed": 7,
    "stop": ("END",),
    "presence_penalty": 0.1,
    "frequency_penalty": 0.1,
    "extra": {
        "user": "u-1",
        "store": False,
        "metadata": {"a": "b"},
        "logit_bias": {"1": 1},
        "service_tier": "auto",
    },
}
TALK = (
    Message(role="system", content="Be brief."),
    Message(role="system", content="Answer in English."),
    Message(role="user", content="What is the weather in Oslo?", name="ada"),
    Message(
        role="assistant",
        reasoning="I need the weather.",
        tool_calls=(
            ToolCall(id="call:" + "x" * 44, name="get_weather", arguments='{"city":"Oslo"}'),
        ),
    ),
    Message(role="tool", tool_call_id="call:" + "x" * 44, content="cold"),
    Message(role="user", content="And in one word?"),
)


@dataclass(frozen=True)
class Ask:
    """One kind of request: what it needs, and what it is."""

    needs: frozenset[Capability] = frozenset()
    given: dict[str, Any] = field(default_factory=dict)
    messages: tuple[Message, ...] = (Message(role="user", content="Is Oslo cold?"),)


ASKS = {
    "words": Ask(),
    "parts": Ask(
        messages=(Message(role="user", content=(TextPart("Is Oslo"), TextPart("cold?"))),)
    ),
    "knobs": Ask(given=KNOBS),
    "effort": Ask(frozenset({Capability.REASONING}), {"reasoning_effort": "low"}),
    "tools": Ask(
        frozenset({Capability.TOOLS}),
        {"tools": (WEATHER, TIME)},
        (Message(role="user", content='Call get_weather for "Oslo"'),),
    ),
    "history": Ask(frozenset({Capability.TOOLS}), {"tools": (WEATHER, TIME)}, TALK),
    "forced": Ask(
        frozenset({Capability.TOOLS, Capability.TOOL_CHOICE}),
        {"tools": (WEATHER, TIME), "tool_choice": ToolChoice("named", "get_weather")},
    ),
    "parallel": Ask(
        frozenset({Capability.TOOLS, Capability.PARALLEL_TOOLS}),
        {"tools": (WEATHER,), "parallel_tool_calls": True},
        (Message(role="user", content='get_weather for "Oslo" and "Bergen"'),),
    ),
    "object": Ask(
        frozenset({Capability.JSON_OBJECT}),
        {"response_format": ResponseFormat(kind="json_object")},
        (Message(role="user", content="Answer in JSON with the key `city`."),),
    ),
    "schema": Ask(
        frozenset({Capability.JSON_SCHEMA}),
        {"response_format": ResponseFormat(kind="json_schema", schema=SCHEMA, strict=True)},
    ),
    "image": Ask(
        frozenset({Capability.VISION}),
        {},
        (
            Message(
                role="user",
                content=(TextPart("What is this?"), MediaPart(kind="image", data=PIXEL)),
            ),
        ),
    ),
}


def able(name: str, needs: frozenset[Capability]) -> str | None:
    """Return a model of a provider that can do what is needed; any, where it lists none."""
    provider = catalog.provider(name)
    account = Account(id="a", provider=name)
    living = [m for m in provider.models if m.status == "active" and not m.embeds]
    if not living:
        return "m" if Capability.TOOL_CHOICE not in needs else None
    for model in living:
        candidate = Candidate(key="a/m", account=account, model=model, provider=provider)
        if needs <= abilities(candidate):
            return model.id
    return None


def stage(name: str, **about: Any) -> tuple[Router, Fleet, VirtualClock]:
    """Return a router over one strict fake that goes by a provider's name."""
    fleet = Fleet(FakeProvider(name, **about))
    clock = VirtualClock()
    entry = {"provider": name, "id": "a", "free": True, "base_url": fleet.url(name)}
    entry["auth"] = {"api_key": fleet.key(f"{name}-1")}
    return (
        Router({"accounts": [entry]}, transport=fleet.transport(clock), clock=clock),
        fleet,
        clock,
    )


@pytest.mark.parametrize("kind", ASKS)
@pytest.mark.parametrize("name", NAMES)
def test_a_strict_vendor_takes_what_is_sent_and_is_understood(name: str, kind: str) -> None:
    """Whole and streamed: nothing is refused, and what was said comes back."""
    ask = ASKS[kind]
    model = able(name, ask.needs)
    if model is None:
        assert catalog.provider(name).models or Capability.TOOL_CHOICE in ask.needs
        return
    router, fleet, _ = stage(name)
    request = ChatRequest(model=f"{name}/{model}", messages=ask.messages, **ask.given)
    done = router.complete(request, attempts=1, max_wait=None)
    with router.stream(request, attempts=1, max_wait=None) as stream:
        assert list(stream)
    streamed = stream.completion
    assert [entry.verdict for entry in fleet.books.entries] == ["admitted", "admitted"]
    assert done.usage.output_tokens > 0
    if kind in {"tools", "forced", "parallel"}:
        wanted = 2 if kind == "parallel" else 1
        calls = done.content.tool_calls
        assert [call.name for call in calls] == ["get_weather"] * wanted
        assert all("city" in json.loads(call.arguments) for call in calls)
        assert done.content.finish_reason == "tool_calls"
        assert streamed.content.tool_calls[0].name == "get_weather"
    elif kind in {"object", "schema"}:
        assert "city" in json.loads(done.text)
        assert streamed.text == done.text
    else:
        assert done.text
        assert streamed.text == done.text
        assert streamed.content.finish_reason == done.content.finish_reason == "stop"


EFFORTS = [
    (name, effort)
    for name in NAMES
    for effort in ("none", "minimal", "low", "medium", "high", "xhigh")
    if STYLES[name].fields.efforts
]


@pytest.mark.parametrize(("name", "effort"), EFFORTS)
def test_a_strict_vendor_takes_every_effort_in_its_own_words(name: str, effort: str) -> None:
    """Also where the catalog lists a model that does not think: whoever asks is understood."""
    router, fleet, _ = stage(name)
    model = able(name, frozenset())
    router.complete(
        "hi", model=f"{name}/{model}", reasoning_effort=effort, attempts=1, max_wait=None
    )
    assert [entry.verdict for entry in fleet.books.entries] == ["admitted"]


BARE = {"huggingface"}
"""Whose vectors come bare, from a route of the model's own: `test_texts.py` reads the sample."""

VECTORS = [
    (name, model.id)
    for name in NAMES
    for model in catalog.provider(name).models
    if model.embeds and model.status == "active" and name not in BARE
]


@pytest.mark.parametrize(("name", "model"), VECTORS)
def test_a_strict_vendor_makes_vectors_of_what_is_sent(name: str, model: str) -> None:
    """As query and as document, in the order of the texts."""
    size = next(m.dimensions for m in catalog.provider(name).models if m.id == model) or 64
    router, fleet, _ = stage(name, models=[FakeModel(model, dimensions=size)])
    found = router.embed(
        ["a cat", "a dog", "a cat"], model=f"{name}/{model}", task="query", max_wait=None
    )
    assert len(found.vectors) == 3
    assert list(found.vectors[0]) == list(found.vectors[2]) != list(found.vectors[1])
    assert {entry.verdict for entry in fleet.books.entries} == {"admitted"}


STRICT = {
    name: sorted(catalog.provider(name).quirks.drop - {"max_completion_tokens"})
    for name in NAMES
    if catalog.provider(name).dialect == "openai" and catalog.provider(name).quirks.drop
}


@pytest.mark.parametrize("name", STRICT)
def test_the_control_each_field_that_is_left_out_would_be_refused(name: str) -> None:
    """So the fakes are as strict as our own data say the vendors are."""
    fleet = Fleet(FakeProvider(name))
    transport = fleet.transport(VirtualClock())
    for dropped in STRICT[name]:
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], dropped: None}
        request = HttpRequest(
            method="POST",
            url=f"{fleet.url(name)}/chat/completions",
            headers=(("authorization", f"Bearer {fleet.key(f'{name}-1')}"),),
            body=json.dumps(body).encode(),
        )
        answer = transport.send(request, Timeouts())
        assert answer.status in {400, 422}, dropped


def test_every_provider_has_a_style_of_its_own() -> None:
    """No entry of the catalog is tested against the generic server only."""
    assert set(NAMES) <= set(STYLES)
    others = {catalog.provider(name).dialect: name for name in catalog.provider_names()}
    assert {dialect: others[dialect] for dialect in others.keys() - {"openai", "gemini"}} == OWN
    tests = Path(__file__).parents[1] / "core" / "dialects"
    assert all((tests / dialect / "test_encode.py").exists() for dialect in OWN)
