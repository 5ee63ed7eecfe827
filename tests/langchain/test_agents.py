"""Agents work as with one provider: tools, response formats, middleware, a cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import (
    ModelFallbackMiddleware,
    ModelRetryMiddleware,
    SummarizationMiddleware,
)
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.caches import InMemoryCache
from langchain_core.messages import AIMessage, AIMessageChunk
from pydantic import BaseModel

from freetier import NoCandidate
from freetier.testing import Call, FakeModel, FakeProvider, Fleet, Said, Usage, faults
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import (
    ALIAS,
    MODEL,
    NORTH,
    SOUTH,
    Stage,
    failing_over,
    offline,
    two_providers,
)

ASK = {"messages": [("user", "What is the weather in Paris?")]}


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"It rains in {city}."


class Weather(BaseModel):
    """The weather of a city."""

    city: str


@pytest.fixture(scope="module")
def scene() -> Iterator[Stage]:
    """Two providers, of which the first refuses every request."""
    with failing_over() as scene:
        yield scene


@pytest.fixture
def model(scene: Stage) -> FreeTierChatModel:
    """A model that has to fail over on every call."""
    return FreeTierChatModel(model=ALIAS, router=scene.router)


def test_an_agent_calls_its_tool_and_answers(model: FreeTierChatModel) -> None:
    """Middleware that summarises and retries is around it."""
    middleware = [
        SummarizationMiddleware(model=model, trigger=("messages", 50)),
        ModelRetryMiddleware(),
    ]
    agent: Any = create_agent(model, [get_weather], middleware=middleware)

    *_, called, ran, answered = agent.invoke(ASK)["messages"]

    assert called.tool_calls[0]["args"] == {"city": "Paris"}
    assert ran.content == "It rains in Paris."
    assert answered.content == "The tool says: It rains in Paris."
    assert answered.response_metadata["provider"] == SOUTH


async def test_an_agent_streams_in_a_task(model: FreeTierChatModel, scene: Stage) -> None:
    """The pieces of both answers come, with the piece of the call between them."""
    agent: Any = create_agent(model, [get_weather])

    messages = [message async for message, _ in agent.astream(ASK, stream_mode="messages")]
    await scene.router.aclose()

    chunks = [message for message in messages if isinstance(message, AIMessageChunk)]
    assert any(chunk.tool_call_chunks for chunk in chunks)
    assert "".join(str(chunk.content) for chunk in chunks) == "The tool says: It rains in Paris."


@pytest.mark.parametrize("strategy", [Weather, ToolStrategy(Weather), ProviderStrategy(Weather)])
def test_an_agent_answers_in_a_shape(model: FreeTierChatModel, strategy: Any) -> None:
    """By a tool of its own or by the provider's schema, with another tool beside it."""
    agent: Any = create_agent(model, [get_weather], response_format=strategy)

    ask = {"messages": [("user", "Weather of 'Paris'?")]}
    answer = agent.invoke(ask, {"recursion_limit": 15})

    assert answer["structured_response"].city


def test_a_retry_that_makes_no_sense_is_not_made() -> None:
    """The middleware asks the error itself, so quota is not spent on the impossible."""
    fleet = two_providers()
    middleware = [ModelRetryMiddleware(max_retries=3, initial_delay=0, on_failure="error")]
    agent: Any = create_agent(offline(fleet).bind(only=["nobody"]), middleware=middleware)

    with pytest.raises(NoCandidate):
        agent.invoke(ASK)

    assert len(fleet.books) == 0


def test_a_retry_that_makes_sense_is_made() -> None:
    """A provider that was in trouble may answer a moment later."""
    fleet = two_providers()
    for name in fleet.providers:
        fleet.script(name, [faults.Status(503)])
    middleware = [ModelRetryMiddleware(max_retries=3, initial_delay=0, on_failure="error")]
    agent: Any = create_agent(offline(fleet).bind(max_retries=1), middleware=middleware)

    assert agent.invoke(ASK)["messages"][-1].content


def counting(context: int, reported: int) -> tuple[FreeTierChatModel, Fleet]:
    """Return a model that calls a tool once and reports so many tokens for every prompt."""

    def answer(body: dict[str, Any]) -> Said:
        usage = Usage(prompt=reported, output=5)
        if "tools" in body and not any(m["role"] == "tool" for m in body["messages"]):
            return Said(calls=(Call("get_weather", {"city": "Paris"}),), usage=usage)
        return Said(text="A word of it.", usage=usage)

    fleet = Fleet(
        FakeProvider(NORTH, models=[FakeModel(MODEL, context=context)], answer=answer),
    )
    return offline(fleet), fleet


@pytest.mark.parametrize(("reported", "calls"), [(7000, 3), (100, 2)])
@pytest.mark.parametrize("trigger", [("fraction", 0.6), ("tokens", 6000)])
def test_a_summary_is_made_by_the_tokens_that_were_reported(
    trigger: Any, reported: int, calls: int
) -> None:
    """The middleware trusts them only of a model that calls itself what its answers say.

    The share is that of the profile, which has to be known before anything is asked.
    """
    model, fleet = counting(context=10_000, reported=reported)
    middleware = [SummarizationMiddleware(model=model, trigger=trigger, keep=("messages", 1))]
    agent: Any = create_agent(model, [get_weather], middleware=middleware)

    agent.invoke(ASK)

    assert len(fleet.books) == calls


def test_a_middleware_of_fallbacks_goes_on_from_us_and_to_us() -> None:
    """Another of our models answers when all accounts of the first are of no use."""
    broken, sound = two_providers(), two_providers()
    for name in broken.providers:
        broken.always(name, faults.Status(401))
    middleware = [ModelFallbackMiddleware(offline(broken), offline(sound))]
    agent: Any = create_agent(offline(broken), [get_weather], middleware=middleware)

    *_, answered = agent.invoke(ASK)["messages"]

    assert answered.content == "The tool says: It rains in Paris."
    assert {entry.verdict for entry in sound.books.entries} == {"admitted"}


async def test_an_agents_run_is_told_in_events(model: FreeTierChatModel, scene: Stage) -> None:
    """Of version 2: the pieces, who answered in the end, and each failover once."""
    agent: Any = create_agent(model, [get_weather])

    events = [event async for event in agent.astream_events(ASK, version="v2")]
    await scene.router.aclose()

    ends = [e["data"]["output"] for e in events if e["event"] == "on_chat_model_end"]
    assert [end.response_metadata["provider"] for end in ends] == [SOUTH, SOUTH]
    assert any(event["event"] == "on_chat_model_stream" for event in events)
    told = [event for event in events if event["event"] == "on_custom_event"]
    assert [event["name"] for event in told] == ["freetier_failover"] * len(ends)


def test_a_cached_answer_asks_nobody() -> None:
    """Another temperature is another question."""
    fleet = two_providers()
    model = offline(fleet)
    model.cache = InMemoryCache()

    first, again = model.invoke("hi"), model.invoke("hi")
    model.invoke("hi", temperature=0.9)

    assert isinstance(again, AIMessage)
    assert first.content == again.content
    assert len(fleet.books) == 2
