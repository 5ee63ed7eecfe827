"""Tools: one call, several, none but one, and one that must be made."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock
from llama_index.core.tools import FunctionTool

from freetier import ConfigError
from freetier.testing.said import Call, Said
from freetier_llamaindex import FreeTierLLM


def population(city: str) -> str:
    """Tell how many people live in a city."""
    return f"{city} has 700,000 people."


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


POPULATION = FunctionTool.from_defaults(population)
ADD = FunctionTool.from_defaults(add)
ONE = "What is the population of 'Oslo'?"
TWO = "What is the population of 'Oslo' and 'Bergen'?"


def test_a_tool_is_called(llm: FreeTierLLM, stage: Any) -> None:
    """A call stands in a block and in `additional_kwargs`, and is selected."""
    answer = llm.chat_with_tools([POPULATION], user_msg=ONE)

    assert_one_call(llm, answer)
    assert stage.last["tools"][0]["function"]["name"] == "population"
    assert "tool_choice" not in stage.last


async def test_a_tool_is_called_asynchronously(llm: FreeTierLLM) -> None:
    """`achat_with_tools` returns the same."""
    assert_one_call(llm, await llm.achat_with_tools([POPULATION], user_msg=ONE))


def test_a_streamed_call_can_be_read_at_every_moment(llm: FreeTierLLM) -> None:
    """Each response knows the calls so far; the last one has them whole, in both places."""
    parts = list(llm.stream_chat_with_tools([POPULATION], user_msg=ONE))

    for part in parts:
        llm.get_tool_calls_from_response(part, error_on_no_tool_call=False)
    assert_one_call(llm, parts[-1])
    kept = [id(part.message.additional_kwargs["tool_calls"][0]) for part in parts]
    assert len(set(kept)) == len(parts)


async def test_a_streamed_call_can_be_read_asynchronously(llm: FreeTierLLM) -> None:
    """`astream_chat_with_tools` yields the same."""
    stream = await llm.astream_chat_with_tools([POPULATION], user_msg=ONE)
    parts = [part async for part in stream]

    assert_one_call(llm, parts[-1])


def test_several_calls_stay_apart(llm: FreeTierLLM) -> None:
    """Parallel calls have ids and arguments of their own."""
    answer = llm.chat_with_tools([POPULATION], user_msg=TWO, allow_parallel_tool_calls=True)
    calls = llm.get_tool_calls_from_response(answer)

    assert [call.tool_kwargs for call in calls] == [{"city": "Oslo"}, {"city": "Bergen"}]
    assert len({call.tool_id for call in calls}) == 2
    assert len(answer.message.additional_kwargs["tool_calls"]) == 2


def test_refused_parallel_calls_leave_one(llm: FreeTierLLM, stage: Any) -> None:
    """Where parallel calls are refused, the provider is told and one is kept in both places."""
    stage.mind = lambda _body: Said(calls=(Call("add", {"a": 1, "b": 2}), Call("add", {"a": 3})))
    whole = llm.chat_with_tools([ADD], user_msg=TWO)
    streamed = list(llm.stream_chat_with_tools([ADD], user_msg=TWO))[-1]

    assert stage.last["parallel_tool_calls"] is False
    for answer in (whole, streamed):
        (call,) = llm.get_tool_calls_from_response(answer)
        assert call.tool_kwargs == {"a": 1, "b": 2}
        assert len(_blocks(answer)) == len(answer.message.additional_kwargs["tool_calls"]) == 1


def test_a_required_tool_is_forced(llm: FreeTierLLM, stage: Any) -> None:
    """`tool_required` makes the model call, though the message asks for nothing."""
    answer = llm.chat_with_tools([ADD], user_msg="Good morning.", tool_required=True)

    assert stage.last["tool_choice"] == "required"
    assert llm.get_tool_calls_from_response(answer)[0].tool_name == "add"


def test_a_tool_is_chosen_by_name(llm: FreeTierLLM, stage: Any) -> None:
    """`tool_choice` takes a tool's name, as `FunctionAgent` gives it."""
    answer = llm.chat_with_tools([ADD, POPULATION], user_msg="Hello.", tool_choice="population")

    assert stage.last["tool_choice"] == {"type": "function", "function": {"name": "population"}}
    assert llm.get_tool_calls_from_response(answer)[0].tool_name == "population"


def test_a_tool_is_called_and_run(llm: FreeTierLLM) -> None:
    """`predict_and_call` runs the tool that the model calls."""
    reply = llm.predict_and_call([POPULATION, ADD], user_msg=ONE)

    assert reply.response == "Oslo has 700,000 people."


async def test_a_tool_is_called_and_run_asynchronously(llm: FreeTierLLM) -> None:
    """`apredict_and_call` runs the tools of all calls."""
    reply = await llm.apredict_and_call([POPULATION], user_msg=TWO, allow_parallel_tool_calls=True)

    assert reply.response == "Oslo has 700,000 people.\n\nBergen has 700,000 people."


def test_a_tools_answer_goes_back_with_its_call(llm: FreeTierLLM, stage: Any) -> None:
    """A history with a call and its answer arrives paired, with text as text."""
    asked = ChatMessage(role="user", content=ONE)
    called = llm.chat_with_tools([POPULATION], chat_history=[asked]).message
    (call,) = [block for block in called.blocks if isinstance(block, ToolCallBlock)]
    told = ChatMessage(
        role="tool",
        content="Oslo has 700,000 people.",
        additional_kwargs={"tool_call_id": call.tool_call_id},
    )
    answer = llm.chat_with_tools([POPULATION], chat_history=[asked, called, told])

    assert answer.message.content == "The tool says: Oslo has 700,000 people."
    _, assistant, tool = stage.last["messages"]
    assert assistant["tool_calls"][0]["id"] == tool["tool_call_id"]
    assert len(assistant["tool_calls"]) == 1
    assert tool["content"] == "Oslo has 700,000 people."


def test_no_call_is_an_error_only_where_one_was_expected(llm: FreeTierLLM) -> None:
    """`error_on_no_tool_call` decides."""
    answer = llm.chat_with_tools([ADD], user_msg="Good morning.")

    assert llm.get_tool_calls_from_response(answer, error_on_no_tool_call=False) == []
    with pytest.raises(ValueError, match="calls no tool"):
        llm.get_tool_calls_from_response(answer)


def test_arguments_that_cannot_be_read_are_no_answer(lone_stage: Any) -> None:
    """A call with broken arguments is never handed on in part: the next candidate is asked."""
    answers = iter(
        [Said(calls=(Call("add", '{"a": 1, "b"'),)), Said(calls=(Call("add", {"a": 1, "b": 2}),))]
    )
    lone_stage.mind = lambda _body: next(answers)
    llm = lone_stage.llm()
    answer = llm.chat_with_tools([ADD], user_msg="add(1, 2)")

    assert answer.raw["provider"] == "south"
    assert llm.get_tool_calls_from_response(answer)[0].tool_kwargs == {"a": 1, "b": 2}


def test_what_is_no_tool_is_said_before_anything_is_sent(lone_stage: Any) -> None:
    """A thing that is no tool, and a choice that names none, are errors of the caller."""
    llm = lone_stage.llm()
    with pytest.raises(ConfigError, match=r"tools\[0\]: a str is no tool"):
        llm.chat_with_tools(["population"], user_msg=ONE)  # type: ignore[list-item]
    with pytest.raises(ConfigError, match="tools: give a list of tools, not an int"):
        llm.chat_with_tools(3, user_msg=ONE)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="prompt: give a text, not None"):
        llm.complete(None)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no tool is called 'populate'"):
        llm.chat_with_tools([POPULATION], user_msg=ONE, tool_choice="populate")

    assert len(lone_stage.fleet.books) == 0


def assert_one_call(llm: FreeTierLLM, answer: ChatResponse) -> None:
    """Check the call for Oslo in both places."""
    (call,) = llm.get_tool_calls_from_response(answer)
    assert (call.tool_name, call.tool_kwargs) == ("population", {"city": "Oslo"})
    (block,) = _blocks(answer)
    assert block.tool_kwargs == {"city": "Oslo"}
    assert block.tool_call_id == call.tool_id
    (kept,) = answer.message.additional_kwargs["tool_calls"]
    assert kept["function"]["name"] == "population"
    assert kept["id"] == call.tool_id
    assert answer.raw["finish_reason"] == "tool_calls"
    assert answer.message.content is None


def _blocks(answer: ChatResponse) -> list[ToolCallBlock]:
    return [block for block in answer.message.blocks if isinstance(block, ToolCallBlock)]
