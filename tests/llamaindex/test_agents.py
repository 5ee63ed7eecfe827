"""Agents of every kind: by function calls, by words, by code, and handing over."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.agent.workflow import (
    AgentOutput,
    AgentStream,
    AgentWorkflow,
    CodeActAgent,
    FunctionAgent,
    ReActAgent,
    ToolCallResult,
)
from llama_index.core.llms import MockLLM
from llama_index.core.tools import FunctionTool

from freetier import NoCandidate
from freetier.testing.said import Call, Said
from freetier_llamaindex import FreeTierLLM, collect_routes

STREAMED = pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])


def population(city: str) -> str:
    """Tell how many people live in a city."""
    return f"{city} has 700,000 people."


def rainfall(city: str) -> str:
    """Tell how much rain a city has."""
    return f"{city} has 2,250 mm of rain."


@STREAMED
async def test_a_function_agent_calls_and_answers(llm: FreeTierLLM, streaming: bool) -> None:
    """`FunctionAgent` calls a tool, reads its answer, and its output names who answered."""
    agent = FunctionAgent(tools=[population], llm=llm, streaming=streaming)
    output = await agent.run("What is the population of 'Oslo'?")

    assert output.response.content == "The tool says: Oslo has 700,000 people."
    assert output.raw["provider"] in {"north", "south"}
    assert [call.tool_kwargs for call in output.tool_calls] == [{"city": "Oslo"}]


@STREAMED
async def test_a_function_agent_calls_in_parallel(llm: FreeTierLLM, streaming: bool) -> None:
    """Several calls of one answer are all run, and all answers go back."""
    agent = FunctionAgent(tools=[population], llm=llm, streaming=streaming)
    handler = agent.run("What is the population of 'Oslo' and 'Bergen'?")
    results = [e async for e in handler.stream_events() if isinstance(e, ToolCallResult)]
    await handler

    assert sorted(result.tool_kwargs["city"] for result in results) == ["Bergen", "Oslo"]


@STREAMED
async def test_a_function_agent_makes_its_first_call_as_told(
    llm: FreeTierLLM, stage: Any, streaming: bool
) -> None:
    """`initial_tool_choice` forces the first call and only that."""
    agent = FunctionAgent(
        tools=[population, rainfall],
        llm=llm,
        streaming=streaming,
        initial_tool_choice="rainfall",
        allow_parallel_tool_calls=False,
    )
    output = await agent.run("Tell me about 'Bergen'.")

    assert output.response.content == "The tool says: Bergen has 2,250 mm of rain."
    assert [body.get("tool_choice") for body in stage.sent] == [
        {"type": "function", "function": {"name": "rainfall"}},
        None,
    ]


async def test_an_agent_shows_its_answer_as_it_comes(llm: FreeTierLLM, stage: Any) -> None:
    """The events of a streaming agent carry text, thoughts and the provider."""
    stage.mind = lambda _body: Said(text="Good morning to you.", reasoning="A greeting.")
    handler = FunctionAgent(tools=[population], llm=llm).run("Good morning.")
    events = [event async for event in handler.stream_events() if isinstance(event, AgentStream)]
    await handler

    assert "".join(event.delta for event in events) == "Good morning to you."
    assert "".join(event.thinking_delta or "" for event in events) == "A greeting."
    assert {event.raw["provider"] for event in events} < {"north", "south"}


@STREAMED
async def test_a_react_agent_reasons_in_words(
    llm: FreeTierLLM, stage: Any, streaming: bool
) -> None:
    """`ReActAgent` needs no function calls: it reads action and answer out of the text."""
    answers = iter(
        [
            "Thought: I need a tool.\nAction: population\nAction Input: {'city': 'Oslo'}",
            "Thought: I can answer now.\nAnswer: 700,000 people.",
        ]
    )
    stage.mind = lambda _body: next(answers)
    agent = ReActAgent(tools=[population], llm=llm, streaming=streaming)
    output = await agent.run("How many people live in Oslo?")

    assert output.response.content == "700,000 people."
    assert all("tools" not in body for body in stage.sent)


@STREAMED
async def test_a_code_agent_runs_what_it_writes(
    llm: FreeTierLLM, stage: Any, streaming: bool
) -> None:
    """`CodeActAgent` runs the code of an answer and goes on with what it printed."""
    answers = iter(["<execute>\nprint(6 * 7)\n</execute>", "It is 42."])
    stage.mind = lambda _body: next(answers)

    async def run(code: str) -> str:
        """Run code."""
        return "42" if "6 * 7" in code else "nothing"

    agent = CodeActAgent(code_execute_fn=run, llm=llm, streaming=streaming)
    output = await agent.run("What is six times seven?")

    assert output.response.content == "It is 42."
    assert "42" in str(stage.last["messages"])


async def test_a_workflow_takes_the_agent_that_calls_functions(llm: FreeTierLLM) -> None:
    """`AgentWorkflow` makes a `FunctionAgent` out of a model that can call."""
    workflow = AgentWorkflow.from_tools_or_functions([population], llm=llm)

    assert isinstance(workflow.agents["Agent"], FunctionAgent)
    output = await workflow.run("What is the population of 'Oslo'?")
    assert output.response.content == "The tool says: Oslo has 700,000 people."


async def test_agents_hand_over(llm: FreeTierLLM, stage: Any) -> None:
    """In a workflow of two agents the first hands over, and every call's route is known."""
    people = FunctionAgent(
        name="people", description="Knows people.", tools=[population], llm=llm,
        can_handoff_to=["rain"],
    )  # fmt: skip
    rain = FunctionAgent(
        name="rain", description="Knows rain.", tools=[rainfall], llm=llm, can_handoff_to=[]
    )

    def mind(body: Any) -> Said:
        if "handoff" in [tool["function"]["name"] for tool in body["tools"]]:
            return Said(calls=(Call("handoff", {"to_agent": "rain", "reason": "It rains."}),))
        if "2,250" not in str(body["messages"]):
            return Said(calls=(Call("rainfall", {"city": "Bergen"}),))
        return Said(text="It rains much in Bergen.")

    stage.mind = mind
    workflow = AgentWorkflow(agents=[people, rain], root_agent="people")
    with collect_routes() as routes:
        output: AgentOutput = await workflow.run("How much rainfall has 'Bergen'?")

    assert output.current_agent_name == "rain"
    assert output.response.content == "It rains much in Bergen."
    assert len(routes) == len(stage.sent) == 3


async def test_a_function_agent_says_what_it_misses(toolless_stage: Any) -> None:
    """An alias without a candidate that calls functions is refused by the agent, and named."""
    agent = FunctionAgent(tools=[population], llm=toolless_stage.llm())
    for runs in (agent, AgentWorkflow(agents=[agent])):
        with pytest.raises(ValueError, match="LLM must be a FunctionCallingLLM: no candidate of"):
            await runs.run("What is the population of 'Oslo'?")

    assert len(toolless_stage.fleet.books) == 0


async def test_what_an_agent_raises_about_others_stays_as_it_is(toolless_stage: Any) -> None:
    """Only its complaint about a model of ours is completed."""
    with pytest.raises(ValueError, match=r"^LLM must be a FunctionCallingLLM$"):
        await FunctionAgent(tools=[population], llm=MockLLM()).run("What?")

    class Mine(FunctionAgent):
        async def take_step(self, *_args: Any, **_kwargs: Any) -> Any:
            raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        await Mine(tools=[population], llm=toolless_stage.llm()).run("What?")


async def test_an_agent_that_needs_no_calls_is_taken_instead(toolless_stage: Any) -> None:
    """`AgentWorkflow` makes a `ReActAgent` out of an alias that cannot call."""
    workflow = AgentWorkflow.from_tools_or_functions([population], llm=toolless_stage.llm())
    assert isinstance(workflow.agents["Agent"], ReActAgent)

    toolless_stage.mind = lambda _body: "Thought: I can answer now.\nAnswer: 700,000 people."
    output = await workflow.run("How many people live in Oslo?")
    assert output.response.content == "700,000 people."


def test_tools_that_nobody_calls_are_refused_with_the_reason(toolless_stage: Any) -> None:
    """Given to the model itself, they end in an error that names each candidate's lack."""
    llm = toolless_stage.llm()
    with pytest.raises(NoCandidate, match="north-1/bravo-9b: no tools"):
        llm.chat_with_tools([FunctionTool.from_defaults(population)], user_msg="Oslo?")

    assert len(toolless_stage.fleet.books) == 0


ACTION = "Thought: I need a tool.\nAction: population\nAction Input: {'city': 'Oslo'}"


def test_tools_are_called_by_words_where_nobody_can_call(toolless_stage: Any) -> None:
    """`predict_and_call` of a model without function calls goes the way of `ReActAgent`."""
    toolless_stage.mind = lambda _body: ACTION
    tool = FunctionTool.from_defaults(population)
    reply = toolless_stage.llm().predict_and_call([tool], user_msg="How many live in Oslo?")

    assert reply.response == "Oslo has 700,000 people."


async def test_tools_are_called_by_words_asynchronously(toolless_stage: Any) -> None:
    """So does `apredict_and_call`."""
    toolless_stage.mind = lambda _body: ACTION
    tool = FunctionTool.from_defaults(population)
    reply = await toolless_stage.llm().apredict_and_call([tool], user_msg="How many in Oslo?")

    assert reply.response == "Oslo has 700,000 people."
