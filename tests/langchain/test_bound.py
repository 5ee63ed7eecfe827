"""What was said to a model beforehand stays said when tools or a shape are added."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.load import dumpd
from langchain_core.runnables import ConfigurableField, RunnableBinding
from pydantic import BaseModel

from freetier import Router
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import (
    ALIAS,
    MODEL,
    NORTH,
    OTHER_MODEL,
    SOUTH,
    configuration,
    offline,
    two_providers,
)

Prepared = Callable[[FreeTierChatModel], Any]
Use = Callable[[Any], Any]


class Weather(BaseModel):
    """Where."""

    place: str


def look(place: str) -> str:
    """Look at the sky over a place."""
    return f"It is sunny in {place}."


PREPARED: dict[str, Prepared] = {
    "bind": lambda model: model.bind(only=[SOUTH]),
    "bind twice": lambda model: model.bind(temperature=0).bind(only=[SOUTH]),
    "with_config": lambda model: model.with_config(configurable={"only": [SOUTH]}),
    "configurable_fields": lambda model: model.configurable_fields(
        only=ConfigurableField(id="who")
    ).with_config(configurable={"who": SOUTH}),
    "configurable_fields, bind": lambda model: model.configurable_fields(
        temperature=ConfigurableField(id="warmth")
    ).bind(only=[SOUTH]),
    "configurable_alternatives": lambda model: model.configurable_alternatives(
        ConfigurableField(id="which"), south=lambda: model.model_copy(update={"only": SOUTH})
    ).with_config(configurable={"which": "south"}),
    "configurable_alternatives, bind": lambda model: model.configurable_alternatives(
        ConfigurableField(id="which"), other=model
    ).bind(only=[SOUTH]),
}

USES: dict[str, Use] = {
    "tools": lambda model: model.bind_tools([look], tool_choice="any").invoke("Oslo").tool_calls[0],
    "shape": lambda model: model.with_structured_output(Weather).invoke("Oslo").place,
    "raw": lambda model: model.with_structured_output(Weather, include_raw=True).invoke("Oslo")[
        "parsed"
    ],
    "tools, shape": lambda model: (
        model.bind_tools([look]).with_structured_output(Weather).invoke("Oslo")
    ),
    "stream": lambda model: [*model.bind_tools([look]).stream("hi")],
}


@pytest.mark.parametrize("prepared", PREPARED)
@pytest.mark.parametrize("use", USES)
def test_what_was_said_before_holds(prepared: str, use: str) -> None:
    """Who may answer is no longer open once it was said."""
    fleet = two_providers()

    assert USES[use](PREPARED[prepared](offline(fleet)))

    assert {entry.provider for entry in fleet.books.entries} == {SOUTH}


@pytest.mark.parametrize("prepared", ["bind", "with_config", "configurable_fields"])
def test_fallbacks_keep_what_was_said(prepared: str) -> None:
    """LangChain hands tools to each member of its fallbacks."""
    fleet = two_providers()
    model = PREPARED[prepared](offline(fleet))

    model.with_fallbacks([model]).bind_tools([look], tool_choice="any").invoke("Oslo")

    assert [entry.provider for entry in fleet.books.entries] == [SOUTH]


@pytest.mark.parametrize("use", USES)
def test_without_a_word_the_first_one_answers(use: str) -> None:
    """The control: nobody but the word keeps the first provider out."""
    fleet = two_providers()

    assert USES[use](offline(fleet))

    assert {entry.provider for entry in fleet.books.entries} == {NORTH}


@pytest.mark.parametrize("prepared", PREPARED)
def test_an_agent_keeps_what_was_said(prepared: str) -> None:
    """The agent binds its tools to what it is given."""
    fleet = two_providers()
    agent: Any = create_agent(PREPARED[prepared](offline(fleet)), [look])

    state = agent.invoke({"messages": [("user", "look at Oslo")]})

    assert [type(message).__name__ for message in state["messages"]][-2:] == [
        "ToolMessage",
        "AIMessage",
    ]
    assert {entry.provider for entry in fleet.books.entries} == {SOUTH}


def test_the_nearer_word_counts() -> None:
    """An argument of the shape or the tools wins over what was bound before."""
    fleet = two_providers()
    model = offline(fleet).bind(model=OTHER_MODEL)

    model.bind_tools([look], model=MODEL).invoke("hi")
    model.with_structured_output(Weather, model=MODEL).invoke("Oslo")

    assert [entry.model for entry in fleet.books.entries] == [MODEL, MODEL]


def test_a_shape_takes_the_place_of_tools() -> None:
    """Who wants an object is not given a call of a tool that was bound before."""
    fleet = two_providers()
    bound = offline(fleet).bind_tools([look], tool_choice="any")

    assert isinstance(bound.with_structured_output(Weather).invoke("Oslo"), Weather)  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore:.*is in beta")
def test_a_bound_model_still_gives_events() -> None:
    """LangChain's newest protocol passes through."""
    model = offline(two_providers()).bind(only=[SOUTH]).bind_tools([look])

    assert str(model.stream_events("hi", version="v3").text)


async def test_a_bound_model_answers_tasks() -> None:
    """The same in tasks."""
    fleet = two_providers()
    async with fleet, Router(**configuration(fleet, strategy="declared")) as router:
        model = FreeTierChatModel(model=ALIAS, router=router).bind(only=[SOUTH])
        shaped = model.with_structured_output(Weather)
        found = await asyncio.gather(*(shaped.ainvoke("Oslo") for _ in range(3)))

    assert [type(one) for one in found] == [Weather] * 3
    assert {entry.provider for entry in fleet.books.entries} == {SOUTH}


def test_they_are_stored_under_langchains_names() -> None:
    """A stored chain has no class of ours where LangChain would look for one."""
    model = offline(two_providers())

    names = [
        dumpd(PREPARED[way](model))["id"][-1]
        for way in ("bind", "configurable_fields", "configurable_alternatives")
    ]

    assert names == [
        "RunnableBinding",
        "RunnableConfigurableFields",
        "RunnableConfigurableAlternatives",
    ]
    assert isinstance(model.bind(), RunnableBinding)


def test_a_bound_model_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is pickled like the model, without a key."""
    monkeypatch.setenv("GROQ_API_KEY", "gsk_0123456789")
    model = FreeTierChatModel(model="fast", router=Router.from_env()).bind(temperature=0)

    pickled = pickle.dumps(model)

    assert b"gsk_0123456789" not in pickled
    assert pickle.loads(pickled).kwargs == {"temperature": 0}  # noqa: S301 - our own
