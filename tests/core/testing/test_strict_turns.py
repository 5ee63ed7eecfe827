"""Messages must be a conversation: known roles, whole parts, calls and answers in pairs."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.testing import STYLES
from freetier.testing.rejection import Rejection
from freetier.testing.strict_turns import check_turns

USER = {"role": "user", "content": "hi"}
SYSTEM = {"role": "system", "content": "be brief"}


def call(name: str) -> dict[str, Any]:
    """Return a tool call with that id."""
    return {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}}


def calling(*ids: str) -> dict[str, Any]:
    """Return a turn that calls tools."""
    return {"role": "assistant", "content": None, "tool_calls": [call(name) for name in ids]}


def result(name: str) -> dict[str, Any]:
    """Return a tool's answer."""
    return {"role": "tool", "tool_call_id": name, "content": "42"}


def kind(messages: object, style: str = "openai", *, strict: bool = True) -> str | None:
    """Return the kind of rejection; None if the messages are taken."""
    try:
        check_turns({"messages": messages}, STYLES[style].fields, strict=strict)
    except Rejection as no:
        return no.kind
    return None


@pytest.mark.parametrize(
    "messages",
    [
        [USER],
        [SYSTEM, SYSTEM, USER, USER],
        [USER, calling("a"), result("a")],
        [USER, calling("a", "b"), result("b"), result("a"), USER],
        [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:x"}}]}],
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "x"}}]}],
        [{"role": "user", "content": [{"type": "file", "file": {"file_data": "x"}}]}],
        [{"role": "user", "content": "hi", "name": "ada"}],
        [{"role": "developer", "content": "x"}, USER],
    ],
)
def test_conversations_are_taken(messages: list[Any]) -> None:
    """Also two of a role in a row, media, and parallel calls answered in any order."""
    assert kind(messages) is None


@pytest.mark.parametrize(
    "messages",
    [
        None,
        [],
        "hi",
        ["hi"],
        [{"role": "robot", "content": "x"}],
        [{"role": "user"}],
        [{"role": "assistant", "content": None}],
        [{"role": "user", "content": 3}],
        [{"role": "user", "content": [{"type": "smell"}]}],
        [{"role": "user", "content": [{"type": "text"}]}],
        [{"role": "user", "content": [{"type": "text", "text": 3}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "ftp://x"}}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}],
        [{"role": "assistant", "content": None, "tool_calls": ["x"]}, result("a")],
        [{"role": "assistant", "content": None, "tool_calls": [{**call("a"), "id": ""}]}],
        [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{**call("a"), "function": {"name": "f", "arguments": {}}}],
            },
            result("a"),
        ],
        [USER, result("a")],
        [USER, calling("a")],
        [USER, calling("a"), USER],
        [USER, calling("a", "b"), result("a")],
        [USER, calling("a"), result("b")],
        [USER, calling("a"), result("a"), result("a")],
        [USER, calling("a", "a"), result("a"), result("a")],
    ],
)
def test_what_is_no_conversation_is_refused(messages: object) -> None:
    """Whether strict or not."""
    assert kind(messages) == "bad_request"
    assert kind(messages, strict=False) == "bad_request"


@pytest.mark.parametrize(
    ("style", "messages", "expected"),
    [
        ("groq", [{"role": "developer", "content": "x"}], "bad_request"),
        ("groq", [{"role": "user", "content": "x", "name": "ada"}], "extra_field"),
        (
            "groq",
            [USER, {"role": "assistant", "content": "x", "reasoning_content": "y"}],
            "extra_field",
        ),
        ("mistral", [USER, calling("call_123"), result("call_123")], "bad_call_id"),
        ("mistral", [USER, calling("abcDEF123"), result("abcDEF123")], None),
        (
            "mistral",
            [USER, calling("abcDEF123"), result("abcDEF123"), USER],
            "bad_request",
        ),
        ("mistral", [{"role": "user", "content": "x", "name": "ada"}], "extra_field"),
        ("nvidia", [SYSTEM, SYSTEM, USER], "bad_request"),
        ("openrouter", [{"role": "user", "content": "x", "mood": "good"}], None),
        ("openai", [{"role": "user", "content": "x", "mood": "good"}], "extra_field"),
    ],
)
def test_each_vendor_has_its_own_manners(
    style: str, messages: list[Any], expected: str | None
) -> None:
    """Roles always; members, ids and order only if strict."""
    assert kind(messages, style) == expected
    is_common = expected == "bad_request" and messages[0]["role"] == "developer"
    assert kind(messages, style, strict=False) == (expected if is_common else None)
