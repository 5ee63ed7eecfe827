"""Requests in Cohere's own language, against the members that its reference lists."""

from __future__ import annotations

import json

from freetier.catalog import provider
from freetier.dialects.cohere.encode import encode
from freetier.values.accounts import Account, Candidate, Secret
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
from freetier.values.models import Model

WHOM = Candidate(
    key="a/m",
    account=Account(id="a", provider="cohere-native", secret=Secret("k")),
    model=Model(id="command-a", canonical="m"),
    provider=provider("cohere-native"),
)
KNOWN = {
    "stream", "model", "messages", "tools", "strict_tools", "documents", "citation_options",
    "response_format", "safety_mode", "max_tokens", "stop_sequences", "temperature", "seed",
    "frequency_penalty", "presence_penalty", "k", "p", "logprobs", "tool_choice", "thinking",
    "priority",
}  # fmt: skip
TURN = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls", "tool_plan", "citations"},
    "tool": {"role", "content", "tool_call_id"},
}
SCHEMA = {"$schema": "x", "type": "object", "properties": {}, "additionalProperties": False}
HI = (Message(role="user", content="hi"),)


def sent(request: ChatRequest, *, stream: bool = False):
    """Return the address and the body, whose members are all known ones."""
    encoded = encode(request, WHOM, stream=stream)
    body = json.loads(encoded.request.body)
    assert set(body) <= KNOWN
    for message in body["messages"]:
        assert set(message) <= TURN[message["role"]]
    return encoded.request.url, body, encoded.dropped


def test_parameters_have_names_of_their_own():
    """And what it does not know is left out, and said to be."""
    asked = ChatRequest(
        messages=HI, max_tokens=9, temperature=0.1, top_p=0.5, stop=("X",), seed=3,
        parallel_tool_calls=True, extra={"user": "u", "k": 4},
    )  # fmt: skip
    url, body, dropped = sent(asked, stream=True)
    assert url == "https://api.cohere.com/v2/chat"
    assert (body["stream"], body["p"], body["stop_sequences"]) == (True, 0.5, ["X"])
    assert (body["max_tokens"], body["seed"], body["k"]) == (9, 3, 4)
    assert "user" in dropped


def test_tools_and_choices():
    """Forced, forbidden, or free; one tool alone where it is named."""
    tools = (Tool(name="f", parameters=SCHEMA, strict=True), Tool(name="g"))
    for choice, word in (("required", "REQUIRED"), ("none", "NONE"), ("auto", None)):
        _, body, _ = sent(ChatRequest(messages=HI, tools=tools, tool_choice=ToolChoice(choice)))
        assert body.get("tool_choice") == word
    named = ChatRequest(messages=HI, tools=tools, tool_choice=ToolChoice("named", "f"))
    _, body, _ = sent(named)
    assert body["tool_choice"] == "REQUIRED"
    assert [tool["function"]["name"] for tool in body["tools"]] == ["f"]
    parameters = body["tools"][0]["function"]["parameters"]
    assert parameters == {"type": "object", "properties": {}}


def test_shapes_of_answers():
    """Any object, or a schema beside the same word."""
    any_ = ChatRequest(messages=HI, response_format=ResponseFormat(kind="json_object"))
    assert sent(any_)[1]["response_format"] == {"type": "json_object"}
    shape = ResponseFormat(kind="json_schema", schema={"type": "object"}, strict=True)
    body = sent(ChatRequest(messages=HI, response_format=shape))[1]
    assert body["response_format"] == {"type": "json_object", "json_schema": {"type": "object"}}


def test_efforts_are_thinking_or_none():
    """It is switched on or off."""
    for effort, kind in (("none", "disabled"), ("minimal", "disabled"), ("high", "enabled")):
        body = sent(ChatRequest(messages=HI, reasoning_effort=effort))[1]
        assert body["thinking"] == {"type": kind}


def test_never_both_penalties():
    """Cohere takes one of them at a time."""
    _, body, dropped = sent(ChatRequest(messages=HI, presence_penalty=0.5, frequency_penalty=0.25))
    assert body["frequency_penalty"] == 0.25
    assert "presence_penalty" not in body
    assert dropped == ("presence_penalty",)


def test_a_conversation_with_a_call_and_a_picture():
    """The thoughts before a call go back as its plan."""
    call = ToolCall(id="c1", name="f", arguments='{"a":1}')
    picture = MediaPart(kind="image", data=b"\x89PNG....")
    talk = (
        Message(role="system", content="brief"),
        Message(role="user", content=(TextPart("see"), picture)),
        Message(role="assistant", reasoning="Look.", tool_calls=(call,)),
        Message(role="tool", tool_call_id="c1", content="4"),
    )
    _, body, _ = sent(ChatRequest(messages=talk))
    kinds = [part["type"] for part in body["messages"][1]["content"]]
    assert kinds == ["text", "image_url"]
    assert body["messages"][2]["tool_plan"] == "Look."
    assert body["messages"][3] == {"role": "tool", "content": "4", "tool_call_id": "c1"}
