"""Whole answers and streams of Cohere's language into values.

Each event is turned into a piece of the OpenAI language, which is read by its own reader: the
rules for calls, thoughts and ends that come too early are the same.
"""

from __future__ import annotations

from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.jsontext import as_dict, as_list, as_text
from freetier.dialects.openai.finish import emptiness_of
from freetier.dialects.openai.reader import Reader
from freetier.dialects.streams import EventStream, Refuse, malformed
from freetier.dialects.together import together
from freetier.values.chat import Content, Event
from freetier.values.faults import Refused
from freetier.values.quirks import Quirks

REASONS = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR": "error",
    "TIMEOUT": "error",
    "ERROR_TOXIC": "content_filter",
}
"""Their words for an end, and OpenAI's."""

_THOUGHTS = "reasoning_content"
_READ = Quirks(reasoning_fields=(_THOUGHTS,))


class StreamDecoder(EventStream):
    """Turns the bytes of one stream into events.

    Args:
        refuse: Classifies errors inside the stream.
    """

    __slots__ = ()

    def __init__(self, refuse: Refuse) -> None:
        reader = Reader(_READ)

        def take(event: dict[str, Any], events: list[Event | Refused]) -> None:
            why = as_text(as_dict(event.get("delta")).get("error"))
            if why:  # beside the end's word, which only says that there was one
                events.append(refuse({"message": why}))
                return
            reader.take(piece_of(event), "delta", events)

        super().__init__(reader, take, "type", refuse)


def content_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    if not body.strip():
        return emptiness_of(None) or malformed("no body")
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if isinstance(value, dict) and isinstance(value.get("message"), dict):
        reader = Reader(_READ)
        events: list[Event | Refused] = []
        reader.take(_whole(value), "message", events)
        return together([*events, *reader.end()], reader.id, reader.upstream_model)
    if is_error(value) or isinstance(as_dict(value).get("message"), str):
        return refuse(value)
    return malformed("the answer holds no message")


def piece_of(event: dict[str, Any]) -> dict[str, Any]:
    """Return one event of a stream as a piece of the OpenAI language."""
    kind, delta = as_text(event.get("type")), as_dict(event.get("delta"))
    message = as_dict(delta.get("message"))
    piece: dict[str, Any] = {"id": event.get("id")}
    choice: dict[str, Any] = {"delta": {}}
    if kind in {"content-start", "content-delta"}:
        choice["delta"] = _part(as_dict(message.get("content")))
    elif kind == "tool-plan-delta":
        choice["delta"] = {_THOUGHTS: message.get("tool_plan")}
    elif kind in {"tool-call-start", "tool-call-delta"}:
        call = as_dict(message.get("tool_calls"))
        choice["delta"] = {"tool_calls": [{**call, "index": event.get("index")}]}
    elif kind == "message-end":
        choice["finish_reason"] = _reason(delta)
        piece["usage"] = usage_of(delta.get("usage"))
    return {**piece, "choices": [choice]}


def _whole(answer: dict[str, Any]) -> dict[str, Any]:
    message = as_dict(answer.get("message"))
    parts = [_part(as_dict(part)) for part in as_list(message.get("content"))]
    thoughts = [as_text(message.get("tool_plan")), *(as_text(p.get(_THOUGHTS)) for p in parts)]
    words = {
        "content": "".join(as_text(part.get("content")) for part in parts),
        _THOUGHTS: "".join(thoughts),
        "tool_calls": message.get("tool_calls"),
    }
    choice = {"message": words, "finish_reason": _reason(answer)}
    return {
        "id": answer.get("id"),
        "choices": [choice],
        "usage": usage_of(answer.get("usage")),
    }


def _part(part: dict[str, Any]) -> dict[str, Any]:
    """Return a piece of content as words, or as thoughts."""
    if part.get("thinking"):
        return {_THOUGHTS: part["thinking"]}
    return {"content": part["text"]} if part.get("text") else {}


def _reason(told: dict[str, Any]) -> str | None:
    reason = as_text(told.get("finish_reason"))
    return REASONS.get(reason, reason.lower()) or None


def usage_of(value: object) -> dict[str, Any] | None:
    """Return the tokens that were read and written; those that are billed are fewer."""
    told = as_dict(value)
    tokens = as_dict(told.get("tokens") or told.get("billed_units"))
    if tokens:
        tokens = {**tokens, "cached_tokens": told.get("cached_tokens")}
    found = {name: int(n) for name, n in tokens.items() if isinstance(n, int | float)}
    return found or None
