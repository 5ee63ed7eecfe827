"""What people write becomes a request, or one clear error before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.errors import ConfigError
from freetier.shapes.asked import request
from freetier.values.chat import (
    ChatRequest,
    MediaPart,
    Message,
    ResponseFormat,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
)

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
PIXEL = "data:image/png;base64,iVBORw=="


def called(arguments: object) -> list[dict[str, Any]]:
    """Return a message that calls a tool."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return [{"role": "assistant", "tool_calls": [call]}]


def picture(url: object) -> list[dict[str, Any]]:
    """Return a message that is an image at an address."""
    part = {"type": "image_url", "image_url": {"url": url}}
    return [{"role": "user", "content": [part]}]


def test_a_text_is_said_by_the_user() -> None:
    """The shortest way to ask."""
    assert request("Hi", {}).messages == (Message(role="user", content="Hi"),)


def test_openai_messages_are_read() -> None:
    """Roles, parts, calls and their answers keep what they mean."""
    asked = [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "See"},
                {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "AAA=", "format": "mp3"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": PIXEL}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "4"},
    ]
    system, user, assistant, tool = request(asked, {}).messages
    assert (system.role, system.content) == ("system", "Be brief.")
    assert user.content == (
        TextPart("See"),
        MediaPart(kind="image", data=b"\x89PNG", mime="image/png", detail="low"),
        MediaPart(kind="audio", data=b"\x00\x00", mime="audio/mp3"),
        MediaPart(kind="file", data=b"\x89PNG", mime="image/png", name="a.pdf"),
    )
    assert assistant.tool_calls == (ToolCall(id="c1", name="f", arguments="{}"),)
    assert (tool.role, tool.tool_call_id, tool.content) == ("tool", "c1", "4")


def test_fields_are_read_in_openais_shape() -> None:
    """Tools, choices, formats and stops; None means not given."""
    made = request(
        "Hi",
        {
            "model": "fast",
            "tools": [WEATHER],
            "tool_choice": {"type": "function", "function": {"name": "weather"}},
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": True},
            },
            "stop": "END",
            "max_completion_tokens": 9,
            "temperature": None,
        },
    )
    assert made.tools[0].name == "weather"
    assert made.tool_choice == ToolChoice("named", "weather")
    assert made.response_format == ResponseFormat(
        kind="json_schema", name="x", schema={"type": "object"}, strict=True
    )
    assert (made.stop, made.max_tokens, made.temperature) == (("END",), 9, None)


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("auto", ToolChoice("auto")),
        ("any", ToolChoice("required")),
        ("weather", ToolChoice("named", "weather")),
    ],
)
def test_a_choice_may_be_one_word(word: str, choice: ToolChoice) -> None:
    """OpenAI's words, the word others use for a forced call, or a tool's name."""
    assert request("Hi", {"tools": [WEATHER], "tool_choice": word}).tool_choice == choice


def test_a_request_may_be_changed_by_fields() -> None:
    """Fields win over what the request says; unknown ones are passed on where that is wanted."""
    base = ChatRequest(model="a", messages=(Message(role="user", content="Hi"),))
    made = request(base, {"model": "b", "top_k": 3}, extra=True)
    assert (made.model, made.messages, made.extra) == ("b", base.messages, {"top_k": 3})


@pytest.mark.parametrize(
    ("asked", "given", "words"),
    [
        ([], {}, "messages: the list of messages is empty"),
        ({"role": "user"}, {}, "give a text, or a list of messages"),
        (7, {}, "give a text, or a list of messages"),
        ([3], {}, "messages[0]: an int is no message"),
        ([{"role": "usr", "content": "x"}], {}, "messages[0]: role: unknown role 'usr'"),
        ([{"role": "user"}], {}, "messages[0]: content: is missing"),
        ([{"role": "user", "content": 3}], {}, "messages[0]: content: content is a text"),
        ([{"role": "user", "content": [{"type": "poem"}]}], {}, "unknown part 'poem'"),
        ([{"role": "user", "content": [{"type": "text"}]}], {}, "this text part cannot be read"),
        ([{"role": "assistant", "tool_calls": [{}]}], {}, "a tool call needs function.name"),
        (picture("data:image/png;base64,@@@"), {}, "messages[0].content[0]: the content of this"),
        (picture("data:image/png;base64,"), {}, "this image_url part cannot be sent: it is empty"),
        (picture("file:///etc/passwd"), {}, "give an address such as https://host/name"),
        (picture(""), {}, "give an address such as https://host/name"),
        (picture(None), {}, "this image_url part cannot be read"),
        ("Hi", {"tools": [print]}, "is no tool; give a dict"),
        ("Hi", {"tools": [None]}, "tools[0]: None is no tool"),
        ("Hi", {"tools": 3}, "tools: give a list of tools, not an int"),
        ("Hi", {"tools": {"name": "f"}}, "tools: give a list of tools, not a dict"),
        ("Hi", {"tools": [{"name": "<lambda>"}]}, "tools[0]: function.name: '<lambda>' is no name"),
        ("Hi", {"tools": [{"name": "look up"}]}, "'look up' is no name for a tool"),
        ("Hi", {"tools": [Tool(name="f"), Tool(name="f", strict=True)]}, "tools[1]: function.name"),
        ("Hi", {"model": 3}, "model: give a text, not 3"),
        ("Hi", {"temperature": "hot"}, "temperature: give a number, not 'hot'"),
        ("Hi", {"max_tokens": 1.5}, "max_tokens: give a whole number, not 1.5"),
        ("Hi", {"seed": True}, "seed: give a whole number, not True"),
        ("Hi", {"temperature": float("nan")}, "temperature: give a number, not nan"),
        ("Hi", {"parallel_tool_calls": "no"}, "parallel_tool_calls: give True or False, not 'no'"),
        ("Hi", {"tool_choice": {"function": {}}}, "tool_choice: give auto, none, required"),
        ([{"role": "assistant", "tool_calls": 3}], {}, "tool_calls: give a list, not an int"),
        ([{"role": "user", "content": "x", "name": 3}], {}, "name: give a text, not an int"),
        (called(3), {}, "messages[0].tool_calls[0]: arguments: give JSON text, not an int"),
        ("Hi", {"stop": 3}, "stop: give a text or a list of texts, not an int"),
        ("Hi", {"stop": ["a", 3]}, "stop: give a text or a list of texts"),
        ("Hi", {"tools": [{"type": "web_search"}]}, "run by their vendor"),
        ("Hi", {"tools": [{"type": "function", "function": {}}]}, "a tool needs a name"),
        ("Hi", {"tools": [{"name": "f", "parameters": 3}]}, "must be a JSON schema"),
        ("Hi", {"tool_choice": "f"}, "no tool is called 'f'"),
        ("Hi", {"tool_choice": 3}, "give auto, none, required"),
        ("Hi", {"response_format": {"type": "xml"}}, "give {'type': 'json_object'}"),
        ("Hi", {"max_tokens": 0}, "max_tokens: must be at least 1"),
        ("Hi", {"temprature": 1}, "did you mean 'temperature'?"),
    ],
)
def test_what_cannot_be_sent_is_one_clear_error(
    asked: Any, given: dict[str, Any], words: str
) -> None:
    """It says what, where, and what would help."""
    with pytest.raises(ConfigError) as caught:
        request(asked, given)
    assert words in str(caught.value)


def test_values_are_taken_as_they_are() -> None:
    """Whoever has values already need not write dicts."""
    tool = Tool(name="f")
    choice, shape = ToolChoice("required"), ResponseFormat(kind="json_object")
    made = request(
        [Message(role="user", content="Hi"), "and more"],
        {"tools": [tool], "tool_choice": choice, "response_format": shape},
    )
    assert (made.tools, made.tool_choice, made.response_format) == ((tool,), choice, shape)
    assert made.messages[1] == Message(role="user", content="and more")


def test_a_tool_given_twice_is_sent_once() -> None:
    """Some providers refuse a list that says the same thing twice."""
    made = request("Hi", {"tools": [WEATHER, {"name": "f"}, WEATHER]})
    assert [tool.name for tool in made.tools] == ["weather", "f"]


@pytest.mark.parametrize("name", ["f", "find_all", "a-b", "mcp.server:find", "ns/find", "größe"])
def test_names_that_some_provider_takes_pass(name: str) -> None:
    """What a vendor makes of dots and umlauts is the vendor's."""
    assert request("Hi", {"tools": [{"name": name}]}).tools == (
        Tool(name=name, parameters={"type": "object", "properties": {}}),
    )


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,iVBORw==",
        "data:image/png;base64,iVBORw",
        "data:image/png;base64,iVBO\n  Rw==",
        "data:image/png;charset=x;base64,iVBORw%3D%3D",
        "data:image/png,%89PNG",
    ],
)
def test_content_in_an_address_is_read_however_it_is_written(url: str) -> None:
    """Unfilled, broken into lines, with the marks of addresses, or without base64."""
    (part,) = request(picture(url), {}).messages[0].content
    assert part == MediaPart(kind="image", data=b"\x89PNG", mime="image/png")


def test_a_file_may_be_plain_base64() -> None:
    """Some clients leave out what stands before it; its first bytes tell what it is."""
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": "JVBERi0="}}
    (part,) = request([{"role": "user", "content": [file]}], {}).messages[0].content
    assert part == MediaPart(kind="file", data=b"%PDF-", name="a.pdf")


@pytest.mark.parametrize("arguments", [{"a": 1}, '{"a": 1}'])
def test_arguments_of_a_call_may_be_an_object(arguments: object) -> None:
    """Some clients keep them read, not as text."""
    (call,) = request(called(arguments), {}).messages[0].tool_calls
    assert call == ToolCall(id="c", name="f", arguments='{"a": 1}')
