"""LlamaIndex's messages in the words of the core; nothing of a history is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole

from freetier.errors import ConfigError, kind_of
from freetier.values.chat import Json, Message, Part, Role, TextPart
from freetier_llamaindex._blocks import parts, thoughts
from freetier_llamaindex._calls import calls_of

VENDOR = "freetier_vendor"
"""Where a message carries what its provider wants back: `{"provider/family": {...}}`."""

REFUSAL = "refusal"

_ROLES: Mapping[MessageRole, Role] = {
    MessageRole.SYSTEM: "system",
    MessageRole.DEVELOPER: "system",
    MessageRole.USER: "user",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.MODEL: "assistant",
    MessageRole.TOOL: "tool",
    MessageRole.FUNCTION: "tool",
}


def to_core(messages: Sequence[ChatMessage]) -> tuple[Message, ...]:
    """Return a conversation in the words of the core.

    Raises:
        ConfigError: A message or one of its blocks cannot be sent; the text names it.
    """
    return tuple(_message(message, f"messages[{n}]") for n, message in enumerate(messages))


def _message(message: ChatMessage, where: str) -> Message:
    if not isinstance(message, ChatMessage):
        raise ConfigError(f"{kind_of(message)} is no message; give a ChatMessage", where=where)
    role = _ROLES[message.role]
    kwargs = message.additional_kwargs
    name = kwargs.get("name")
    said: dict[str, Any] = {
        "role": role,
        "content": _content(parts(message.blocks, where)),
        "name": name if isinstance(name, str) else None,
    }
    if role == "assistant":
        said["tool_calls"] = calls_of(message, where)
        said["reasoning"] = thoughts(message.blocks)
        said["refusal"] = kwargs.get(REFUSAL)
        said["vendor"] = _passport(kwargs.get(VENDOR))
    elif role == "tool":
        said["tool_call_id"] = kwargs.get("tool_call_id") or None
    return Message(**said)


def _content(found: tuple[Part, ...]) -> str | tuple[Part, ...]:
    """Return parts in order, or a plain text where there is but one."""
    match found:
        case ():
            return ""
        case (TextPart(text),):
            return text
    return found


def _passport(kept: object) -> dict[tuple[str, str], Json]:
    if not isinstance(kept, Mapping):
        return {}
    entries = (
        (str(key).partition("/"), data) for key, data in kept.items() if isinstance(data, Mapping)
    )
    return {(provider, family): data for (provider, _, family), data in entries}
