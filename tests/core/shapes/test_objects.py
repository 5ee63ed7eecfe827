"""Answers in OpenAI's shape read as the objects of OpenAI's own client do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier import ConfigError, Router
from freetier.testing import Call, FakeProvider, Fleet, Said, VirtualClock

ADD = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
ASK: dict[str, Any] = {"model": "own/m", "messages": [{"role": "user", "content": "1 and 2?"}]}


def mind(body: dict[str, Any]) -> Said | str:
    """Call the tool once, if there is one."""
    if body.get("tools") and body["messages"][-1]["role"] != "tool":
        return Said(calls=(Call("add", {"a": 1, "b": 2}), Call("add", {"a": 3, "b": 4})))
    return "It is three."


def client() -> Any:
    """Return what stands where OpenAI's client would stand."""
    fleet, clock = Fleet(FakeProvider("own", "generic", answer=mind)), VirtualClock()
    return Router(fleet.config(), transport=fleet.transport(clock), clock=clock).chat.completions


def test_what_was_not_said_reads_as_none() -> None:
    """`if message.tool_calls:` is how everybody asks; a misspelt name is still an error."""
    made = client().create(**ASK)
    message = made.choices[0].message
    assert message.tool_calls is None
    assert message.function_call is None
    assert made.system_fingerprint is None
    assert made.usage.prompt_tokens_details is None
    assert "tool_calls" not in message
    with pytest.raises(AttributeError, match="toolcalls"):
        _ = message.toolcalls


def test_dumps_are_those_of_openais_objects() -> None:
    """All fields, or without what is None, or only what was said."""
    message = client().create(**ASK).choices[0].message
    assert message.model_dump()["tool_calls"] is None
    said = {"role": "assistant", "content": "It is three."}
    assert message.model_dump(exclude_none=True) == said
    assert message.model_dump(mode="json", exclude_unset=True) == {**said, "refusal": None}
    assert message.to_dict() == json.loads(message.to_json())
    assert json.loads(message.model_dump_json(indent=2)) == message.model_dump()


@pytest.mark.parametrize("dumped", [False, True])
def test_an_answer_goes_back_as_a_message(dumped: bool) -> None:
    """As it is, or dumped; as in every loop over tools."""
    completions = client()
    message = completions.create(**ASK, tools=[ADD]).choices[0].message
    assert [json.loads(call.function.arguments)["a"] for call in message.tool_calls] == [1, 3]
    results = [{"role": "tool", "tool_call_id": c.id, "content": "3"} for c in message.tool_calls]
    turn = message.model_dump() if dumped else message
    again = {**ASK, "messages": [*ASK["messages"], turn, *results]}
    assert completions.create(**again, tools=[ADD]).choices[0].message.content == "It is three."


class Turn:
    """An object of OpenAI's client: no dict, but it can be dumped as one."""

    def model_dump(self) -> dict[str, Any]:
        """Return the message."""
        return {"role": "assistant", "content": "Three.", "tool_calls": None}


def test_objects_of_openais_client_are_messages() -> None:
    """Whoever changes his client half-way keeps his history."""
    asked = {**ASK, "messages": [*ASK["messages"], Turn(), {"role": "user", "content": "Sure?"}]}
    assert client().create(**asked).choices[0].message.content == "It is three."


@pytest.mark.parametrize("tools", [None, [ADD]])
def test_every_chunk_has_a_choice_unless_usage_was_asked_for(tools: Any) -> None:
    """`chunk.choices[0].delta.content or ""` is how everybody reads; usage is on the last one."""
    chunks = list(client().create(**ASK, tools=tools, stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == ("" if tools else "It is three.")
    assert [chunk.choices[0].delta.role for chunk in chunks[:2]] == ["assistant", None]
    assert [chunk.usage is None for chunk in chunks[-2:]] == [True, False]
    calls = [c for chunk in chunks for c in chunk.choices[0].delta.tool_calls or ()]
    assert [call.index for call in calls if call.id] == ([0, 1] if tools else [])


async def test_usage_that_was_asked_for_comes_last_and_without_a_choice() -> None:
    """As OpenAI sends it for `stream_options`, for tasks as well."""
    stream = await client().acreate(**ASK, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_what_would_be_no_parameter_is_refused() -> None:
    """Headers of one request have no place in a body."""
    with pytest.raises(ConfigError, match=r"extra_headers: .* per account"):
        client().create(**ASK, extra_headers={"a": "b"})
    with pytest.raises(ConfigError, match="stream_options: give"):
        client().create(**ASK, stream=True, stream_options=True)
