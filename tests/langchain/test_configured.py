"""Routing options reach the router on every way a call can be made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableConfig

from freetier import Router
from freetier.testing import Fleet
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import ALIAS, SOUTH, configuration, offline, two_providers

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


def test_what_others_keep_in_the_configuration_is_let_be() -> None:
    """`model` and `timeout` there belong to whoever wrote them."""
    others: RunnableConfig = {"configurable": {"model": "theirs", "timeout": "soon"}}

    assert offline(two_providers()).invoke("hi", others).content
