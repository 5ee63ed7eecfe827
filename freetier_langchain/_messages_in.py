"""LangChain's messages as ours: only what any provider may see, whoever said it before.

Thoughts leave the content (they travel apart), calls that could not be read stay calls so
that the answers to them keep their place, and what only one vendor understands is dropped
from a model's turn and refused in a person's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from freetier import MediaPart, Message, TextPart, ToolCall
from freetier.values.quick import maker
from freetier_langchain._blocks import Declined, Piece, Thought, ToolResult, read
from freetier_langchain._errors import ModelMisconfigured

_message = maker(Message)

VENDOR = "freetier_vendor"
"""Where a message carries what its provider wants back: `{"provider/family": {...}}`."""

REASONING = "reasoning_content"
REFUSAL = "refusal"

Role = Literal["system", "user", "assistant", "tool"]
Content = str | tuple[TextPart | MediaPart, ...]

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
}


def to_core(messages: Iterable[BaseMessage]) -> tuple[Message, ...]:
    """Return a conversation in the words of the core.

    Raises:
        ModelMisconfigured: A message cannot be sent to a chat model.
    """
    return tuple(turn for message in messages for turn in _turns(message))


def _turns(message: BaseMessage) -> Iterator[Message]:
    match message:
        case ToolMessage():
            yield _tool(message.tool_call_id, message.content, message.name)
        case AIMessage():
            yield _assistant(message)
        case HumanMessage() | SystemMessage() | ChatMessage():
            yield from _said(message, _role(message))
        case _:
            raise ModelMisconfigured(
                f"a {type(message).__name__} cannot be sent to a chat model", where="messages"
            )


def _role(message: HumanMessage | SystemMessage | ChatMessage) -> Role:
    if isinstance(message, HumanMessage):
        return "user"
    if isinstance(message, SystemMessage):
        return "system"
    if message.role not in _ROLES:
        raise ModelMisconfigured(
            f"unknown role {message.role!r}; there are {', '.join(_ROLES)}", where="messages"
        )
    return _ROLES[message.role]


def _said(message: BaseMessage, role: Role) -> Iterator[Message]:
    """Yield the tools' answers that a turn holds, then the turn itself if anything is left."""
    if isinstance(message.content, str):
        yield _message(role=role, content=message.content, name=message.name)
        return
    pieces = _pieces(message.content, is_strict=role != "assistant")
    results = [piece for piece in pieces if isinstance(piece, ToolResult)]
    for result in results:
        yield _tool(result.call_id, result.content)
    content = _content(pieces)
    if content or not results:
        yield Message(role=role, content=content, name=message.name)


def _tool(call_id: str, content: object, name: str | None = None) -> Message:
    pieces = _pieces(content, is_strict=True)
    return Message(role="tool", content=_content(pieces), tool_call_id=call_id, name=name)


def _assistant(message: AIMessage) -> Message:
    pieces = _pieces(message.content, is_strict=False)
    kwargs = message.additional_kwargs
    return Message(
        role="assistant",
        content="".join(piece.text for piece in pieces if isinstance(piece, TextPart)),
        name=message.name,
        tool_calls=tuple(_calls(message, pieces)),
        reasoning=_kept(kwargs, REASONING) or _joined(pieces, Thought),
        refusal=_kept(kwargs, REFUSAL) or _joined(pieces, Declined),
        vendor=_passport(kwargs.get(VENDOR)),
    )


def _pieces(content: object, *, is_strict: bool) -> list[Piece]:
    blocks = content if isinstance(content, list) else [content]
    pieces = []
    for block in blocks:
        piece = read(block) if isinstance(block, str | Mapping) else None
        if piece is not None:
            pieces.append(piece)
        elif is_strict:
            kind = block.get("type") if isinstance(block, Mapping) else type(block).__name__
            raise ModelMisconfigured(
                f"a content block of the type {kind!r} cannot be sent to every provider; give "
                "text, an image, a sound or a file",
                where="messages",
            )
    return pieces


def _content(pieces: Sequence[Piece]) -> Content:
    """Return parts in order, or a plain text where there is but one."""
    parts = tuple(piece for piece in pieces if isinstance(piece, TextPart | MediaPart))
    match parts:
        case ():
            return ""
        case (TextPart(text),):
            return text
    return parts


def _calls(message: AIMessage, pieces: Iterable[Piece]) -> Iterator[ToolCall]:
    """Yield the calls of a turn, each once, also those whose arguments could not be read."""
    told = {call["id"] for call in (*message.tool_calls, *message.invalid_tool_calls)}
    for n, call in enumerate(message.tool_calls):
        arguments = json.dumps(call["args"], ensure_ascii=False, default=str)
        yield ToolCall(id=call["id"] or f"call_{n}", name=call["name"], arguments=arguments)
    for n, invalid in enumerate(message.invalid_tool_calls):
        yield ToolCall(
            id=invalid["id"] or f"invalid_{n}",
            name=invalid["name"] or "",
            arguments=invalid["args"] or "",
        )
    for piece in pieces:
        if isinstance(piece, ToolCall) and piece.id not in told:
            yield piece


def _kept(kwargs: Mapping[str, Any], name: str) -> str | None:
    value = kwargs.get(name)
    return value if isinstance(value, str) and value else None


def _joined(pieces: Iterable[Piece], kind: type[Thought | Declined]) -> str | None:
    return "\n".join(piece.text for piece in pieces if isinstance(piece, kind)) or None


def _passport(kept: object) -> dict[tuple[str, str], Mapping[str, Any]]:
    if not isinstance(kept, Mapping):
        return {}
    entries = (
        (str(key).partition("/"), data) for key, data in kept.items() if isinstance(data, Mapping)
    )
    return {(provider, family): data for (provider, _, family), data in entries}
