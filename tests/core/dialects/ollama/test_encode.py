"""Requests in Ollama's own language, against the members that its documentation lists."""

from __future__ import annotations

import json

import pytest

from freetier.catalog import provider
from freetier.dialects.ollama import OllamaDialect
from freetier.dialects.ollama.encode import encode
from freetier.values.accounts import Account, Candidate
from freetier.values.chat import (
    ChatRequest,
    MediaPart,
    Message,
    ResponseFormat,
    TextPart,
    Tool,
    ToolCall,
)
from freetier.values.faulttable import FaultTable
from freetier.values.models import Model
from freetier.values.vectors import EmbedRequest

WHOM = Candidate(
    key="a/m",
    account=Account(id="a", provider="ollama-native"),
    model=Model(id="gemma3:4b", canonical="m", context=8192),
    provider=provider("ollama-native"),
)
KNOWN = {"model", "messages", "tools", "format", "options", "stream", "keep_alive", "think"}
TURN = {"role", "content", "thinking", "images", "tool_calls", "tool_name"}
HI = (Message(role="user", content="hi"),)


def sent(request: ChatRequest, *, stream: bool = False):
    """Return the address and the body, whose members are all known ones."""
    request_ = encode(request, WHOM, stream=stream).request
    body = json.loads(request_.body)
    assert set(body) <= KNOWN
    assert all(set(message) <= TURN for message in body["messages"])
    return request_.url, body


def test_the_context_is_as_large_as_the_account_says():
    """So that a long prompt is not cut without a word."""
    asked = ChatRequest(messages=HI, max_tokens=5, temperature=0.1, seed=2, stop=("X",))
    url, body = sent(asked, stream=True)
    assert url == "http://localhost:11434/api/chat"
    assert body["stream"] is True
    assert body["options"] == {
        "num_ctx": 8192, "num_predict": 5, "temperature": 0.1, "seed": 2, "stop": ["X"],
    }  # fmt: skip


def test_a_conversation_with_a_call_and_a_picture():
    """Arguments are values, an answer names its tool, a picture stands beside the words."""
    call = ToolCall(id="c1", name="f", arguments='{"a":1}')
    bad = ToolCall(id="c2", name="g", arguments="{")
    talk = (
        Message(
            role="user",
            content=(TextPart("see"), MediaPart(kind="image", data=b"\x89PNG")),
        ),
        Message(role="assistant", reasoning="Look.", tool_calls=(call, bad)),
        Message(role="tool", tool_call_id="c1", content="4"),
        Message(role="tool", tool_call_id="c2", content="5"),
    )
    _, body = sent(ChatRequest(messages=talk, tools=(Tool(name="f"),)))
    user, assistant, first, second = body["messages"]
    assert user == {"role": "user", "content": "see", "images": ["iVBORw=="]}
    assert [c["function"]["arguments"] for c in assistant["tool_calls"]] == [{"a": 1}, {}]
    assert assistant["thinking"] == "Look."
    assert (first["tool_name"], second["tool_name"]) == ("f", "g")


def test_shapes_and_thoughts():
    """A schema, any object, and whether it thinks."""
    shape = ResponseFormat(kind="json_schema", schema={"type": "object"})
    assert sent(ChatRequest(messages=HI, response_format=shape))[1]["format"] == {"type": "object"}
    any_ = ResponseFormat(kind="json_object")
    assert sent(ChatRequest(messages=HI, response_format=any_))[1]["format"] == "json"
    assert sent(ChatRequest(messages=HI, reasoning_effort="none"))[1]["think"] is False
    assert sent(ChatRequest(messages=HI, reasoning_effort="low"))[1]["think"] is True


def test_a_sound_cannot_be_said():
    """The router goes on with the text as the reason."""
    part = MediaPart(kind="audio", data=b"ID3", mime="audio/mpeg")
    with pytest.raises(ValueError, match="text and images only"):
        sent(ChatRequest(messages=(Message(role="user", content=(part,)),)))


def test_texts_and_their_vectors():
    """Too long a text is an error there, not cut."""
    dialect = OllamaDialect(FaultTable())
    request = EmbedRequest(inputs=("a", "b"), dimensions=2)
    sent_ = dialect.encode_texts(request, WHOM).request
    assert sent_.url == "http://localhost:11434/api/embed"
    assert json.loads(sent_.body) == {
        "model": "gemma3:4b", "input": ["a", "b"], "truncate": False, "dimensions": 2,
    }  # fmt: skip
    body = b'{"model":"m","embeddings":[[1,0],[0,1]],"prompt_eval_count":4}'
    found = dialect.vectors(WHOM, body)
    assert (found.vectors, found.usage.input_tokens) == (((1.0, 0.0), (0.0, 1.0)), 4)
