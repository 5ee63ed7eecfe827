"""Messages of a history in the words of the core."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    ChatMessage,
    ImageBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from freetier import ConfigError, Message, TextPart, ToolCall
from freetier_llamaindex._calls import with_one_call
from freetier_llamaindex._messages import to_core

KEPT = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
CALL = ToolCall(id="c1", name="add", arguments='{"a": 1}')


def one(message: ChatMessage) -> Message:
    """Convert one message."""
    (converted,) = to_core([message])
    return converted


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("system", "system"), ("developer", "system"), ("user", "user"), ("assistant", "assistant"),
        ("chatbot", "assistant"), ("model", "assistant"), ("tool", "tool"), ("function", "tool"),
    ],
)  # fmt: skip
def test_every_role_has_its_own(role: str, expected: str) -> None:
    """LlamaIndex's eight roles are four."""
    assert one(ChatMessage(role=MessageRole(role), content="Hello")).role == expected


def test_all_roles_of_the_framework_are_known() -> None:
    """A role that a later LlamaIndex brings would be noticed here."""
    assert len(to_core([ChatMessage(role=role, content="x") for role in MessageRole])) == 8


def test_text_alone_stays_text() -> None:
    """One text is a string; several are parts in order; none is empty."""
    two = ChatMessage(blocks=[TextBlock(text="a"), TextBlock(text="b")])

    assert one(ChatMessage(content="Hello")).content == "Hello"
    assert one(two).content == (TextPart("a"), TextPart("b"))
    assert one(ChatMessage(role="user")).content == ""


@pytest.mark.parametrize(
    "message",
    [
        ChatMessage(
            role="assistant",
            blocks=[ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"a": 1})],
            additional_kwargs={"tool_calls": [KEPT]},
        ),
        ChatMessage(
            role="assistant",
            blocks=[ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs='{"a": 1}')],
        ),
        ChatMessage(role="assistant", additional_kwargs={"tool_calls": [KEPT]}),
        ChatMessage(
            role="assistant",
            additional_kwargs={"tool_calls": [SimpleNamespace(model_dump=lambda: KEPT)]},
        ),
    ],
    ids=["both places", "block", "dict", "a vendor's object"],
)
def test_a_call_is_read_once_from_either_place(message: ChatMessage) -> None:
    """Blocks win over `additional_kwargs`, and neither is counted twice."""
    assert one(message).tool_calls == (CALL,)


def test_a_call_without_a_name_is_named() -> None:
    """What cannot be a call is an error that says where it stands."""
    broken = ChatMessage(role="assistant", additional_kwargs={"tool_calls": [{"id": "c1"}]})
    with pytest.raises(ConfigError, match=r"messages\[1\].tool_calls\[0\]: a tool call needs"):
        to_core([ChatMessage(content="Hello"), broken])


def test_a_tools_turn_answers_its_call() -> None:
    """The call's id and the tool's name come from where LlamaIndex keeps them."""
    told = ChatMessage(
        role="tool", content="3", additional_kwargs={"tool_call_id": "c1", "name": "add"}
    )

    assert one(told) == Message(role="tool", content="3", tool_call_id="c1", name="add")


def test_thoughts_and_secrets_travel_apart() -> None:
    """Reasoning leaves the content, and a vendor's secrets are kept for that vendor."""
    message = ChatMessage(
        role="assistant",
        blocks=[ThinkingBlock(content="Hm."), TextBlock(text="Yes.")],
        additional_kwargs={
            "freetier_vendor": {"google/gemini": {"message": {"signature": "abc"}}},
            "refusal": "No.",
        },
    )

    assert one(message) == Message(
        role="assistant",
        content="Yes.",
        reasoning="Hm.",
        refusal="No.",
        vendor={("google", "gemini"): {"message": {"signature": "abc"}}},
    )


@pytest.mark.parametrize("kept", [None, "abc", {"google/gemini": "abc"}, ["abc"]])
def test_secrets_of_another_shape_are_left_alone(kept: Any) -> None:
    """What stands in our place and is not ours does no harm."""
    message = ChatMessage(
        role="assistant", content="Yes.", additional_kwargs={"freetier_vendor": kept}
    )

    assert one(message).vendor == {}


def test_only_messages_are_messages() -> None:
    """A string in the list is named, with its place."""
    with pytest.raises(ConfigError, match=r"messages\[1\]: a str is no message"):
        to_core([ChatMessage(content="Hello"), "there"])  # type: ignore[list-item]


def test_one_call_is_kept_in_both_places() -> None:
    """Dropping calls leaves everything else where it was, and the original untouched."""
    message = ChatMessage(
        role="assistant",
        blocks=[
            TextBlock(text="Both."),
            ToolCallBlock(tool_call_id="c1", tool_name="add"),
            ToolCallBlock(tool_call_id="c2", tool_name="add"),
            ImageBlock(url="https://example.com/cat.png"),
        ],
        additional_kwargs={"tool_calls": [KEPT, {**KEPT, "id": "c2"}], "more": 1},
    )
    kept = with_one_call(message)

    assert [block.block_type for block in kept.blocks] == ["text", "tool_call", "image"]
    assert kept.additional_kwargs == {"tool_calls": [KEPT], "more": 1}
    assert len(message.blocks) == 4
    assert len(message.additional_kwargs["tool_calls"]) == 2
    assert with_one_call(kept) is kept
