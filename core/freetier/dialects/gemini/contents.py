"""The conversation as the array `contents`, and what the system says apart from it.

Calls are matched with their answers before they come here (`openai.history`); here each
turn of calls is followed by all its answers in one turn, in the order of the calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from freetier.dialects.gemini.parts import WirePart, wire_parts
from freetier.dialects.gemini.signatures import END, SIGNATURE, TEXT, THOUGHT, foreign, returned
from freetier.dialects.jsontext import Unreadable, read
from freetier.dialects.openai.history import Turn, turns
from freetier.dialects.openai.parts import text_of
from freetier.values.accounts import Candidate
from freetier.values.chat import Json, Message, ToolCall

GO_ON = "Go on."
"""What the user says where the model would have to continue its own turn."""

BEFORE = "(The conversation so far is not shown.)"
"""What the user says where a conversation begins with a call, which must follow a user."""

_GAP = "\n\n"
Content = dict[str, Any]


def wire_contents(messages: tuple[Message, ...], candidate: Candidate) -> tuple[list[Content], str]:
    """Return the turns for a candidate, and the system's words.

    Raises:
        ValueError: The conversation is empty, or holds something that cannot be said.
    """
    system = _GAP.join(filter(None, (text_of(m.content) for m in messages if m.role == "system")))
    talk = [message for message in messages if message.role != "system"]
    contents = _joined(_contents(turns(talk, candidate.quirks), candidate))
    if not contents:
        if not system:
            raise ValueError("the conversation is empty")
        return [_content("user", [{"text": system}])], ""
    if contents[0]["role"] == "model" and _has(contents[0], "functionCall"):
        contents.insert(0, _content("user", [{"text": BEFORE}]))
    if candidate.quirks.requires_user_last and contents[-1]["role"] == "model":
        contents.append(_content("user", [{"text": GO_ON}]))
    return contents, system


def _contents(talk: Sequence[Turn], candidate: Candidate) -> list[Content]:
    out: list[Content] = []
    names: dict[str, tuple[int, ToolCall, str | None]] = {}
    for turn in talk:
        message = turn.message
        if message.role == "assistant":
            _, calls = returned(message, candidate)
            places = zip(turn.call_ids, message.tool_calls, strict=True)
            names = {
                wire: (place, call, calls.get(call.id, {}).get("id"))
                for place, (wire, call) in enumerate(places)
            }
            parts = _said(message, candidate)
            out += [_content("model", parts)] if parts else []
        elif message.role == "tool":
            out.append(_answer(message, names))
        else:
            # A user's empty turn keeps its place: else the model would answer itself.
            out.append(_content("user", wire_parts(message.content) or [{"text": " "}]))
    return out


def _said(message: Message, candidate: Candidate) -> list[WirePart]:
    """Return the parts of a model's turn, each with the signature it came with."""
    signed, calls = returned(message, candidate) if message.vendor else ({}, {})
    text = text_of(message.content) or message.refusal or ""
    parts: list[WirePart] = []
    if THOUGHT in signed:
        parts.append({"text": message.reasoning or "", "thought": True, SIGNATURE: signed[THOUGHT]})
    if text:
        parts.append({"text": text, **({SIGNATURE: signed[TEXT]} if TEXT in signed else {})})
    parts += [_call(call, calls.get(call.id, {})) for call in message.tool_calls]
    if message.tool_calls and (stand_in := foreign(candidate)):
        parts[-len(message.tool_calls)].setdefault(SIGNATURE, stand_in)
    if parts and END in signed:
        parts.append({"text": "", SIGNATURE: signed[END]})
    return parts


def _call(call: ToolCall, kept: Json) -> WirePart:
    function: WirePart = {"name": call.name, "args": _object(call.arguments)}
    if kept.get("id"):
        function["id"] = kept["id"]
    part: WirePart = {"functionCall": function}
    return {**part, SIGNATURE: kept[SIGNATURE]} if kept.get(SIGNATURE) else part


def _answer(message: Message, names: dict[str, tuple[int, ToolCall, str | None]]) -> Content:
    """Return what a tool said; its place among the answers is that of its call."""
    place, call, google_id = names[message.tool_call_id or ""]
    said = text_of(message.content)
    try:
        value = read(said.encode("utf-8", "replace"))
    except Unreadable:
        value = said
    response = value if isinstance(value, dict) else {"result": value}
    function: WirePart = {"name": call.name, "response": response}
    if google_id:
        function["id"] = google_id
    return {**_content("user", [{"functionResponse": function}]), "place": place}


def _joined(contents: list[Content]) -> list[Content]:
    """Join turns of one role; answers of tools stay apart from words, which count as others."""
    groups = groupby(contents, key=lambda content: (content["role"], "place" in content))
    return [_content(role, _in_order(group)) for (role, _), group in groups]


def _in_order(contents: Iterable[Content]) -> list[WirePart]:
    placed = sorted(contents, key=lambda content: int(content.get("place", 0)))
    return [part for content in placed for part in content["parts"]]


def _content(role: str, parts: list[WirePart]) -> Content:
    return {"role": role, "parts": parts}


def _has(content: Content, field: str) -> bool:
    return any(field in part for part in content["parts"])


def _object(arguments: str) -> object:
    """Return the arguments of a call as the object that they must be."""
    if not arguments.strip():
        return {}
    try:
        value = read(arguments.encode("utf-8", "replace"))
    except Unreadable:
        value = arguments
    return value if isinstance(value, dict) else {"value": value}
