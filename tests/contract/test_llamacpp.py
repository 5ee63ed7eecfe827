"""A real server that nobody here wrote, llama.cpp's, through its entry; and real vectors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from freetier import ResponseFormat, Router, Tool, ToolChoice
from freetier.errors import RequestRejected
from freetier.local import PROMPT, LocalModel, embed, passages, questions
from freetier.values.vectors import Embedder
from tests.core.local import conftest

extra, gguf, model = conftest.extra, conftest.gguf, conftest.model
pytestmark = pytest.mark.real_sleep("a real model takes its time")

WEATHER = Tool(
    name="get_weather",
    description="Tell the weather in a city.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    strict=True,
)
PLANET = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"name": {"type": "string"}, "moons": {"type": "integer"}},
    "required": ["name", "moons"],
}


@pytest.fixture
def router(model: LocalModel) -> Iterator[Router]:
    """A router over that server and nobody else."""
    account = {
        "provider": "llamacpp",
        "base_url": model.base_url,
        "auth": {"api_key": model.api_key},
        "models": [{"id": model.model, "tier": 1, "context": 2048}],
    }
    with Router({"accounts": [account]}, environ={}) as made:
        yield made


@pytest.fixture
def asked(model: LocalModel) -> dict[str, Any]:
    """What every request says."""
    return {"model": f"llamacpp/{model.model}", "max_tokens": 64, "temperature": 0, "seed": 1}


def test_it_answers(router: Router, asked: dict[str, Any]) -> None:
    """From a text that holds the answer, with the usage and the reason of the server."""
    texts = {passage.title: passage.text for passage in passages()}
    question = questions()[0]
    words = PROMPT.format(context=texts[question.title], question=question.text)
    done = router.complete(words, **asked)
    assert any(word in done.text for word in question.words)
    assert done.content.finish_reason == "stop"
    assert done.usage is not None
    assert done.usage.output_tokens > 0
    assert not done.usage.estimated
    assert (done.report.provider, done.report.free) == ("llamacpp", True)


def test_it_streams_the_same_words(router: Router, asked: dict[str, Any]) -> None:
    """In both colours, piece by piece, and with usage at the end."""
    asked |= {"max_tokens": 12}
    whole = router.complete("What is the capital of France?", **asked)
    with router.stream("What is the capital of France?", **asked) as stream:
        pieces = [event.text for event in stream if hasattr(event, "text")]
    assert len(pieces) > 3
    assert "".join(pieces) == stream.completion.text == whole.text
    assert stream.completion.usage is not None
    assert not stream.completion.usage.estimated

    async def again() -> str:
        async with router.astream("What is the capital of France?", **asked) as events:
            async for _ in events:
                pass
        await router.aclose()
        return events.completion.text

    assert asyncio.run(again()) == whole.text


@pytest.mark.parametrize("choice", [ToolChoice("required"), ToolChoice("named", "get_weather")])
def test_it_calls_a_tool(router: Router, asked: dict[str, Any], choice: ToolChoice) -> None:
    """The entry's data turn a named choice into the words that this server takes."""
    asked |= {"tools": [WEATHER], "tool_choice": choice}
    done = router.complete("What is the weather in Oslo?", **asked)
    with router.stream("What is the weather in Oslo?", **asked) as stream:
        assert list(stream)
    for content in (done.content, stream.completion.content):
        assert [call.name for call in content.tool_calls] == ["get_weather"]
        assert isinstance(json.loads(content.tool_calls[0].arguments)["city"], str)
        assert content.finish_reason == "tool_calls"


def test_it_goes_on_after_a_tool_has_answered(router: Router, asked: dict[str, Any]) -> None:
    """A whole turn: call, result, words."""
    first = router.complete(
        "What is the weather in Oslo?", **asked, tools=[WEATHER], tool_choice="required"
    )
    (call,) = first.content.tool_calls
    talk = [
        {"role": "user", "content": "What is the weather in Oslo?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
            ],
        },
        {"role": "tool", "tool_call_id": call.id, "content": "4 degrees, rain"},
    ]
    assert router.complete(talk, **asked).text.strip()


def test_it_fills_a_schema(router: Router, asked: dict[str, Any]) -> None:
    """Whole and streamed, whatever the model would rather say."""
    shape = ResponseFormat(kind="json_schema", schema=PLANET, strict=True)
    done = router.complete("Mars has two moons.", response_format=shape, **asked)
    with router.stream("Mars has two moons.", response_format=shape, **asked) as stream:
        assert list(stream)
    for text in (done.text, stream.completion.text):
        found = json.loads(text)
        assert isinstance(found["name"], str)
        assert isinstance(found["moons"], int)


def test_a_prompt_that_is_too_long_is_known_for_what_it_is(
    model: LocalModel, asked: dict[str, Any]
) -> None:
    """By the server's own words, where nobody told the context."""
    account = {
        "provider": "llamacpp",
        "base_url": model.base_url,
        "auth": {"api_key": model.api_key},
        "models": [model.model],
    }
    with (
        Router({"accounts": [account]}, environ={}) as router,
        pytest.raises(RequestRejected) as told,
    ):
        router.complete("word " * 40_000, attempts=2, max_wait=0, **asked)
    assert told.value.report.attempts[0].fault == "context_too_long"


def test_a_check_of_it_needs_no_generation(router: Router, model: LocalModel) -> None:
    """Its list names the model."""
    (check,) = router.check().accounts
    assert (check.key, check.problem, check.wanted) == ("accepted", "", ())
    assert check.listed == 1


def test_real_vectors_have_sensible_neighbours(extra: None) -> None:
    """Each question is nearest to the passage that answers it, for nine of ten at least."""
    texts = [passage.text for passage in passages()]
    router = Router(environ={}, embedders={"minilm": Embedder(embed, 384, normalised=True)})
    known = router.embed(texts, model="minilm", task="document").vectors
    asked = router.embed([q.text for q in questions()], model="minilm", task="query").vectors
    right = 0
    for question, vector in zip(questions(), asked, strict=True):
        near = [sum(a * b for a, b in zip(vector, other, strict=True)) for other in known]
        right += passages()[near.index(max(near))].title == question.title
    assert right >= 0.9 * len(questions())
    assert router.space("minilm").dimensions == 384
