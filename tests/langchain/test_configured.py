"""Routing options reach the router on every way a call can be made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField, RunnableConfig

from freetier import ConfigError, Router
from freetier.testing import Fleet
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import (
    ALIAS,
    MODEL,
    OTHER_MODEL,
    SOUTH,
    configuration,
    offline,
    two_providers,
)

Way = Callable[[BaseChatModel, RunnableConfig], object]
SAID: RunnableConfig = {"configurable": {"only": [SOUTH], "tags": ["a"], "thread_id": "t"}}


def invoke(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for a whole answer."""
    return model.invoke("hi", config)


def in_a_chain(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask behind a prompt."""
    return (ChatPromptTemplate.from_template("{x}") | model).invoke({"x": "hi"}, config)


def batch(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for one of several."""
    return model.batch(["hi"], config)


def stream(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for pieces."""
    return list(model.stream("hi", config))


def stream_events(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for events of the newest kind."""
    return str(model.stream_events("hi", config, version="v3").text)


def bound(model: BaseChatModel, _: RunnableConfig) -> object:
    """Ask a model that options were bound to."""
    return model.bind(only=[SOUTH], tags=["a"]).invoke("hi")


async def ainvoke(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for a whole answer."""
    return await model.ainvoke("hi", config)


async def astream(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for pieces."""
    return [chunk async for chunk in model.astream("hi", config)]


async def astream_events(model: BaseChatModel, config: RunnableConfig) -> object:
    """Ask for events of the newest kind."""
    events: Any = await model.astream_events("hi", config, version="v3")
    return await events.text


SYNC: list[Way] = [invoke, in_a_chain, batch, stream, stream_events, bound]
ASYNC = [ainvoke, astream, astream_events]


@pytest.mark.filterwarnings("ignore:.*is in beta")
@pytest.mark.parametrize("way", SYNC)
def test_a_calls_configuration_is_heard(way: Way) -> None:
    """Who may answer, and what listeners are told, is said per call."""
    fleet, heard = two_providers(), []
    model = offline(fleet, listeners=[heard.append])

    way(model, SAID)

    assert [entry.provider for entry in fleet.books.entries] == [SOUTH]
    assert {event.tags for event in heard} == {("a",)}


@pytest.mark.filterwarnings("ignore:.*is in beta")
@pytest.mark.parametrize("way", ASYNC)
def test_an_awaited_calls_configuration_is_heard(
    way: Callable[[BaseChatModel, RunnableConfig], Awaitable[object]],
) -> None:
    """The same in tasks."""
    fleet = two_providers()

    asyncio.run(_on_loopback(fleet, way))

    assert [entry.provider for entry in fleet.books.entries] == [SOUTH]


async def _on_loopback(
    fleet: Fleet, way: Callable[[BaseChatModel, RunnableConfig], Awaitable[object]]
) -> None:
    async with fleet, Router(**configuration(fleet, strategy="declared")) as router:
        await way(FreeTierChatModel(model=ALIAS, router=router), SAID)


def test_an_argument_wins_over_the_configuration() -> None:
    """What stands nearer to the call counts."""
    fleet = two_providers()

    offline(fleet).invoke("hi", SAID, only=["north"])

    assert [entry.provider for entry in fleet.books.entries] == ["north"]


@pytest.mark.filterwarnings("ignore:.*is in beta")
@pytest.mark.parametrize("way", SYNC[:-1])
def test_a_configuration_names_the_model_and_the_time(way: Way) -> None:
    """What is said in a call's configuration of either holds, on every way into the model."""
    fleet = two_providers()
    model = offline(fleet)

    way(model, {"configurable": {"model": OTHER_MODEL}})

    assert [entry.model for entry in fleet.books.entries] == [OTHER_MODEL]
    with pytest.raises(ConfigError, match="deadline: give a number that is not negative, not -1"):
        way(model, {"configurable": {"timeout": -1}})
    assert len(fleet.books) == 1


def test_a_configured_model_yields_to_an_argument_and_is_traced() -> None:
    """What stands nearer to the call counts, and a run says from its start who is asked."""
    named: RunnableConfig = {"configurable": {"model": OTHER_MODEL}}
    fleet = two_providers()
    model = offline(fleet)
    started: list[Any] = []

    model.invoke("hi", {**named, "callbacks": [Started(started)]})
    model.invoke("hi", named, model=MODEL)

    assert [entry.model for entry in fleet.books.entries] == [OTHER_MODEL, MODEL]
    assert started == [OTHER_MODEL]


def test_a_cache_keeps_configured_models_apart() -> None:
    """An answer of one model is none of another."""
    fleet = two_providers()
    model = offline(fleet).model_copy(update={"cache": InMemoryCache()})

    for name in (MODEL, OTHER_MODEL, OTHER_MODEL):
        model.invoke("hi", {"configurable": {"model": name}})

    assert [entry.model for entry in fleet.books.entries] == [MODEL, OTHER_MODEL]


def test_what_others_keep_in_the_configuration_is_let_be() -> None:
    """A `model` that nobody here has is a word between others: said once, and not heard."""
    others: RunnableConfig = {"configurable": {"model": "theirs", "thread_id": "t"}}

    with pytest.warns(UserWarning, match="'theirs', which nobody here has, so that 'fleet'"):
        answer = offline(two_providers()).invoke("hi", others)

    assert answer.response_metadata["model_name"] == MODEL


def test_a_choice_by_the_same_word_is_langchains() -> None:
    """Alternatives may be chosen by `model`; those that are chosen do not stumble over it."""
    other = two_providers()
    model = offline(two_providers()).configurable_alternatives(
        ConfigurableField(id="model"), default_key="us", them=offline(other)
    )

    with pytest.warns(UserWarning, match="'them', which nobody here has"):
        model.invoke("hi", {"configurable": {"model": "them"}})

    assert len(other.books) == 1


class Started(BaseCallbackHandler):
    """Takes down which model a run says it asks."""

    def __init__(self, names: list[Any]) -> None:
        self._names = names

    def on_chat_model_start(self, *_: Any, metadata: dict[str, Any] | None, **__: Any) -> None:
        """Take note."""
        self._names.append((metadata or {})["ls_model_name"])
