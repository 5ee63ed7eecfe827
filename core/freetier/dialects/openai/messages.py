"""The conversation as the array `messages`, as a provider's quirks want it."""

from __future__ import annotations

import re
from typing import Any

from freetier.dialects.openai.history import Turn, turns
from freetier.dialects.openai.parts import text_of, wire_content
from freetier.dialects.openai.vendor import returned
from freetier.values.accounts import Candidate
from freetier.values.chat import Message
from freetier.values.quirks import Quirks

WireMessage = dict[str, Any]

GO_ON = "Go on."
"""What the user says where a provider cannot continue its own turn."""

HEARD = "OK."
"""What the assistant says where a user's turn may not follow a tool's."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_GAP = "\n\n"


def wire_messages(messages: tuple[Message, ...], candidate: Candidate) -> list[WireMessage]:
    """Return the conversation for a candidate.

    Raises:
        ValueError: It is empty, or holds something that cannot be said to this provider.
    """
    quirks = candidate.quirks
    out = [wire for turn in turns(messages, quirks) if (wire := _wire(turn, candidate, quirks))]
    if not out:
        raise ValueError("the conversation is empty")
    if quirks.system_first:
        out = _with_system_first(out, quirks.developer_role)
    if quirks.merge_turns:
        out = _with_merged_turns(out)
    if not quirks.user_after_tool:
        out = _with_a_word_between(out)
    if quirks.prefill_field and out[-1]["role"] == "assistant" and "tool_calls" not in out[-1]:
        out[-1][quirks.prefill_field] = True
    if quirks.requires_user_last and out[-1]["role"] not in ("user", "tool"):
        out.append({"role": "user", "content": GO_ON})
    return out


def _wire(turn: Turn, candidate: Candidate, quirks: Quirks) -> WireMessage | None:
    """Return one message; `None` if it says nothing and nobody waits for it."""
    message = turn.message
    if message.role == "assistant":
        return _assistant(turn, candidate, quirks)
    if message.role == "system":
        text = text_of(message.content)
        return {"role": quirks.developer_role, "content": text} if text else None
    # A user's empty turn keeps its place: without it the assistant would answer itself.
    content = wire_content(message.content, quirks) or " "
    if message.role == "tool":
        return {"role": "tool", "content": content, "tool_call_id": message.tool_call_id}
    return {"role": message.role, "content": content, **_named(message, quirks)}


def _named(message: Message, quirks: Quirks) -> WireMessage:
    is_sent = message.name and quirks.names and _NAME.fullmatch(message.name)
    return {"name": message.name} if is_sent else {}


def _assistant(turn: Turn, candidate: Candidate, quirks: Quirks) -> WireMessage | None:
    message = turn.message
    text = text_of(message.content) or message.refusal or ""
    fields, signed = returned(message, candidate) if message.vendor else ({}, {})
    wire: WireMessage = {"role": "assistant", **fields, **_named(message, quirks)}
    if text or (turn.call_ids and quirks.null_content):
        wire["content"] = text or None
    if turn.call_ids:
        calls = zip(message.tool_calls, turn.call_ids, strict=True)
        wire["tool_calls"] = [
            {
                "id": wire_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments or "{}"},
                **signed.get(call.id, {}),
            }
            for call, wire_id in calls
        ]
        if quirks.replay_reasoning and message.reasoning:
            # DeepSeek wants thoughts back on turns with calls, and refuses them on others.
            wire[quirks.replay_reasoning] = message.reasoning
    return wire if text or turn.call_ids else None


def _with_system_first(messages: list[WireMessage], role: str) -> list[WireMessage]:
    texts = [message["content"] for message in messages if message["role"] == role]
    others = [message for message in messages if message["role"] != role]
    return [{"role": role, "content": _GAP.join(texts)}, *others] if texts else others


def _with_merged_turns(messages: list[WireMessage]) -> list[WireMessage]:
    out: list[WireMessage] = []
    for message in messages:
        last = out[-1] if out else {}
        if message["role"] != "tool" and last.get("role") == message["role"]:
            out[-1] = _joined(last, message)
        else:
            out.append(message)
    return out


def _with_a_word_between(messages: list[WireMessage]) -> list[WireMessage]:
    out: list[WireMessage] = []
    for message in messages:
        if message["role"] == "user" and out and out[-1]["role"] == "tool":
            out.append({"role": "assistant", "content": HEARD})
        out.append(message)
    return out


def _joined(first: WireMessage, second: WireMessage) -> WireMessage:
    """Join two turns of one role; who spoke is lost where the names differ."""
    joined = {**first, **second}
    contents = [m["content"] for m in (first, second) if m.get("content")]
    if all(isinstance(content, str) for content in contents):
        joined["content"] = _GAP.join(contents) or None
    else:
        joined["content"] = [part for content in contents for part in _as_parts(content)]
    if first.get("name") != second.get("name"):
        joined.pop("name", None)
    return joined


def _as_parts(content: Any) -> list[WireMessage]:  # noqa: ANN401 - text or parts
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
