"""A run's bound on its calls stops an agent that would never stop by itself."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware
from langchain.agents.structured_output import ToolStrategy
from langchain_core.exceptions import ModelError, ModelRateLimitError
from pydantic import BaseModel

from freetier.testing import Call, Fleet, Said, faults
from freetier_langchain import CallBudget, CallBudgetSpent
from tests.langchain.stage import NORTH, SOUTH, offline, provider, two_providers

ASK: Any = {"messages": [("user", "What is the weather in Paris?")]}
CALLS = 7


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"It rains in {city}."


class Weather(BaseModel):
    """The weather of a city."""

    city: str


def stubborn() -> tuple[Any, Fleet]:
    """Return an agent whose weak model calls a tool for ever, and never that of its answer."""
    calls = Said(calls=(Call("get_weather", {"city": "Paris"}),))
    fleet = Fleet(provider(NORTH, answer=calls))
    middleware = [ModelRetryMiddleware(max_retries=3, initial_delay=0, on_failure="error")]
    agent: Any = create_agent(
        offline(fleet), [get_weather], response_format=ToolStrategy(Weather), middleware=middleware
    )
    return agent, fleet


def test_an_agent_that_never_stops_is_stopped() -> None:
    """After as many calls as the run may make; the middleware does not try again."""
    agent, fleet = stubborn()

    with CallBudget(CALLS) as budget, pytest.raises(CallBudgetSpent, match=str(CALLS)):
        agent.invoke(ASK)

    assert len(fleet.books) == CALLS == budget.used
    assert budget.left == 0


def test_a_stream_and_a_task_are_stopped_as_well() -> None:
    """Two runs at once have budgets of their own."""
    agent, fleet = stubborn()

    async def run(calls: int) -> None:
        with CallBudget(calls), pytest.raises(CallBudgetSpent):
            async for _ in agent.astream(ASK, stream_mode="messages"):
                pass

    async def both() -> None:
        await asyncio.gather(run(2), run(CALLS))

    asyncio.run(both())

    assert len(fleet.books) == 2 + CALLS


def test_a_budget_may_be_given_to_calls() -> None:
    """By binding, as an argument, or in the configuration of a run."""
    fleet = two_providers()
    model, budget = offline(fleet), CallBudget(4)

    model.invoke("hi", budget=budget)
    model.bind(budget=budget).invoke("hi")
    model.invoke("hi", config={"configurable": {"budget": budget}})
    list(model.stream("hi", copy.deepcopy({"configurable": {"budget": budget}})))

    with pytest.raises(CallBudgetSpent) as caught:
        model.batch(["a", "b"], budget=budget)
    assert isinstance(caught.value, ModelRateLimitError)
    assert not caught.value.is_retryable
    assert len(fleet.books) == 4


def test_budgets_count_within_each_other() -> None:
    """The smaller one counts; a fail-over is part of one call."""
    fleet = two_providers()
    fleet.always(NORTH, faults.Status(503))
    model = offline(fleet)

    with CallBudget(3) as outer:
        with CallBudget(1):
            assert model.invoke("hi").response_metadata["provider"] == SOUTH
            with pytest.raises(CallBudgetSpent):
                model.invoke("hi")
        model.invoke("hi", budget=outer)

    assert (outer.used, outer.left) == (2, 1)
    assert "2 of 3" in repr(outer)


@pytest.mark.parametrize("calls", [-1, 1.5, "many", True])
def test_a_budget_is_a_number(calls: Any) -> None:
    """What is none is said at once, in LangChain's words for it as well."""
    with pytest.raises(ModelError, match="CallBudget"):
        CallBudget(calls)
    with pytest.raises(ModelError, match="budget"):
        offline(two_providers()).invoke("hi", budget=calls)
