"""The little model does what frameworks' own test suites ask of a model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.testing import Call, small_model

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def tool(name: str, **properties: Any) -> dict[str, Any]:
    """Return a tool whose arguments are all required."""
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


WEATHER = tool("get_weather", location=TEXT)
MAGIC = tool("magic_function", input={**WHOLE, "exclusiveMinimum": -1000, "exclusiveMaximum": 1000})
NO_ARGUMENTS = tool("magic_function_no_args")
ADDER = tool("my_adder_tool", a=WHOLE, b=WHOLE)


def request(prompt: str, *tools: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a request with one user message."""
    body = {"messages": [{"role": "user", "content": prompt}], **members}
    return {**body, "tools": list(tools)} if tools else body


def named(name: str) -> dict[str, Any]:
    """Return the choice of one tool."""
    return {"type": "function", "function": {"name": name}}


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        pytest.param(
            request("What is the value of magic_function(3)? Use the tool.", MAGIC),
            [Call("magic_function", {"input": 3})],
            id="a written call",
        ),
        pytest.param(
            request(
                "What is the value of magic_function_no_args()? Use the tool.",
                NO_ARGUMENTS,
                tool_choice="required",
            ),
            [Call("magic_function_no_args", {})],
            id="no arguments",
        ),
        pytest.param(
            request("Hello!", MAGIC, WEATHER, tool_choice="required"),
            [Call("magic_function", {"input": 1})],
            id="any tool when forced",
        ),
        pytest.param(
            request("Hello!", MAGIC, WEATHER, tool_choice=named("get_weather")),
            [Call("get_weather", {"location": "some location"})],
            id="a named tool",
        ),
        pytest.param(
            request(
                "Using the tool, generate a Pirate greeting.",
                tool("greeting_generator", answer_style=TEXT),
                tool_choice="any",
            ),
            [Call("greeting_generator", {"answer_style": "Pirate"})],
            id="a text from the prompt",
        ),
        pytest.param(
            request("What is the weather in San Francisco, CA?", WEATHER),
            [Call("get_weather", {"location": "San Francisco, CA"})],
            id="by a word of its name",
        ),
        pytest.param(
            request(
                "Create a customer named '你好啊集团' (Hello Group) - a Chinese company",
                tool("unicode_customer", customer_name=TEXT, description=TEXT),
                tool_choice="required",
            ),
            [
                Call(
                    "unicode_customer",
                    {"customer_name": "你好啊集团", "description": "Hello Group"},
                )
            ],
            id="a quoted name first",
        ),
        pytest.param(
            request("What is 3 + 4", ADDER, tool_choice="required"),
            [Call("my_adder_tool", {"a": 3, "b": 4})],
            id="numbers in order",
        ),
        pytest.param(
            request("What is the weather in Oslo and Bergen?", WEATHER),
            [Call("get_weather", {"location": city}) for city in ("Oslo", "Bergen")],
            id="two places, two calls",
        ),
        pytest.param(
            request("Please call magic_function(3) and magic_function(4).", MAGIC),
            [Call("magic_function", {"input": n}) for n in (3, 4)],
            id="two written calls",
        ),
        pytest.param(
            request("Call get_weather and magic_function, please.", MAGIC, WEATHER),
            [
                Call("magic_function", {"input": 1}),
                Call("get_weather", {"location": "some location"}),
            ],
            id="two tools by name",
        ),
        pytest.param(
            request("What is the weather in Oslo and Bergen?", WEATHER, parallel_tool_calls=False),
            [Call("get_weather", {"location": "Oslo"})],
            id="one at a time if told",
        ),
        pytest.param(request("Hello!", MAGIC, WEATHER), [], id="nothing asks for a tool"),
        pytest.param(
            request("What is the weather in Oslo?", WEATHER, tool_choice="none"),
            [],
            id="tools forbidden",
        ),
    ],
)
def test_it_calls_the_tools_a_request_asks_for(body: dict[str, Any], calls: list[Call]) -> None:
    """Which tools, how often, and with which arguments."""
    said = small_model(body)
    assert list(said.calls) == calls
    assert bool(said.text) == (not calls)


def test_it_answers_after_a_tool_has() -> None:
    """Under `auto` a result is told, not asked for again."""
    body = request("What is the weather in Oslo?", WEATHER)
    body["messages"] += [
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "tool_call_id": "1", "content": "It's sunny."},
    ]
    said = small_model(body)
    assert (said.calls, said.text) == ((), "The tool says: It's sunny.")


def test_it_fills_a_json_schema() -> None:
    """The answer is JSON of that shape."""
    schema = {"type": "object", "properties": {"setup": TEXT, "rating": WHOLE}}
    shape = {"type": "json_schema", "json_schema": {"name": "Joke", "schema": schema}}
    said = small_model(request("Rate a joke: 7", response_format=shape))
    assert json.loads(said.text) == {"setup": "some setup", "rating": 7}


def test_it_fills_the_keys_that_the_messages_quote() -> None:
    """JSON mode has no schema, only words."""
    prompt = "Tell me a joke. Return JSON with 'setup' and 'punchline' keys."
    said = small_model(request(prompt, response_format={"type": "json_object"}))
    assert set(json.loads(said.text)) == {"setup", "punchline"}


def test_json_mode_without_keys_is_still_an_object() -> None:
    """There is always an answer."""
    said = small_model(request("Tell me a joke.", response_format={"type": "json_object"}))
    assert set(json.loads(said.text)) == {"answer"}


def test_it_answers_parts_like_text() -> None:
    """Pictures and sounds are accepted and passed over."""
    parts = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}}]
    said = small_model({"messages": [{"role": "user", "content": parts}]})
    assert said.text == "This is a fake answer to: Look:"


def test_it_is_never_speechless() -> None:
    """An empty prompt gets an answer too."""
    assert small_model(request("")).text
