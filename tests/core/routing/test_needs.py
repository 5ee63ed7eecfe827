"""What a request asks of a candidate."""

from __future__ import annotations

import pytest

from freetier.routing.needs import Needs, needs
from freetier.routing.tokens import CALL, IMAGE, MESSAGE, REQUEST, TOOL, text_tokens
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
from freetier.values.models import Capability

HELLO = Message(role="user", content="Hello there")
TOOLS = (Tool(name="look", parameters={"type": "object"}),)
CALLED = Message(role="assistant", tool_calls=(ToolCall(id="1", name="look"),))


def asked(*messages: Message, **more) -> Needs:
    """Return the needs of a request."""
    return needs(ChatRequest(messages=messages or (HELLO,), **more))


def with_part(kind: str, **more) -> Message:
    """Return a message with one part that is no text."""
    return Message(role="user", content=(TextPart("see"), MediaPart(kind=kind, **more)))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, set()),
        ({"tools": TOOLS}, {Capability.TOOLS}),
        ({"tools": TOOLS, "tool_choice": ToolChoice("auto")}, {Capability.TOOLS}),
        ({"tools": TOOLS, "tool_choice": ToolChoice("none")}, {Capability.TOOLS}),
        (
            {"tools": TOOLS, "tool_choice": ToolChoice("required")},
            {Capability.TOOLS, Capability.TOOL_CHOICE},
        ),
        (
            {"tools": TOOLS, "tool_choice": ToolChoice("named", "look")},
            {Capability.TOOLS, Capability.TOOL_CHOICE},
        ),
        ({"tool_choice": ToolChoice("required")}, set()),
        (
            {"tools": TOOLS, "parallel_tool_calls": True},
            {Capability.TOOLS, Capability.PARALLEL_TOOLS},
        ),
        ({"tools": TOOLS, "parallel_tool_calls": False}, {Capability.TOOLS}),
        ({"response_format": ResponseFormat(kind="json_object")}, {Capability.JSON_OBJECT}),
        ({"response_format": ResponseFormat(kind="json_schema")}, {Capability.JSON_SCHEMA}),
        (
            {"tools": TOOLS, "response_format": ResponseFormat(kind="json_schema")},
            {Capability.TOOLS, Capability.JSON_SCHEMA, Capability.SCHEMA_WITH_TOOLS},
        ),
        (
            {"tools": TOOLS, "response_format": ResponseFormat(kind="json_object")},
            {Capability.TOOLS, Capability.JSON_OBJECT},
        ),
    ],
)
def test_capabilities_are_what_the_request_uses(request_, expected):
    """No more: a forced call without tools forces nothing."""
    assert asked(**request_).capabilities == expected


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("image", Capability.VISION),
        ("audio", Capability.AUDIO),
        ("video", Capability.VIDEO),
        ("file", Capability.FILES),
    ],
)
def test_media_need_eyes_and_ears(kind, needed):
    """One kind, one capability, one count."""
    found = asked(with_part(kind, data=b"x"))
    assert found.capabilities == {needed}
    assert found.media_tokens == getattr(found, f"{kind}_tokens") > 0


@pytest.mark.parametrize(
    "message", [CALLED, Message(role="tool", content="3", tool_call_id="1")], ids=["call", "answer"]
)
def test_a_history_with_calls_needs_tools(message):
    """A model that knows none cannot read it."""
    assert asked(message).capabilities == {Capability.TOOLS}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"url": "https://x.example/y.png"}, True),
        ({"url": "data:image/png;base64,AA=="}, False),
        ({"data": b"x"}, False),
    ],
)
def test_an_image_by_address_must_be_fetched(part, expected):
    """An address that holds the image itself needs no fetching."""
    assert asked(with_part("image", **part)).image_urls is expected


def test_everything_that_is_sent_is_counted():
    """Texts, frames, tools and the schema; the media beside them."""
    schema = {"type": "object"}
    found = asked(
        with_part("image", data=b"x"),
        CALLED,
        tools=TOOLS,
        response_format=ResponseFormat(kind="json_schema", schema=schema),
        max_tokens=77,
    )
    said = ["see", "look", "{}", "look", '{"type":"object"}', '{"type":"object"}']
    frames = REQUEST + 2 * MESSAGE + CALL + TOOL
    assert found.text_tokens == frames + sum(map(text_tokens, said))
    assert found.image_tokens == IMAGE
    assert found.max_tokens == 77


def test_thoughts_are_counted_apart():
    """They are sent back to few."""
    found = asked(Message(role="assistant", content="Yes.", reasoning="Because of that."))
    assert found.thought_tokens == text_tokens("Because of that.")
    assert found.text_tokens == asked(Message(role="assistant", content="Yes.")).text_tokens


@pytest.mark.parametrize("text", ["hello", "ሰላም ልዑል", "😀" * 9, "0" * 400])
def test_no_tokenizer_makes_more_tokens_than_bytes(text):
    """The upper bound holds the bytes of every text, and room for a template."""
    found = asked(Message(role="user", content=text))
    assert found.text_bound > len(text.encode()) + MESSAGE + REQUEST
    assert found.text_bound >= found.text_tokens
