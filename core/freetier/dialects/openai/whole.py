"""A whole answer of the OpenAI language into one value."""

from __future__ import annotations

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.openai.decode import Refuse
from freetier.dialects.openai.finish import emptiness_of
from freetier.dialects.openai.reader import Reader, malformed
from freetier.values.chat import (
    Content,
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    UsageReported,
    VendorNote,
)
from freetier.values.faults import Refused
from freetier.values.quirks import Quirks


def content_of(body: bytes, quirks: Quirks, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    if not body.strip():
        return emptiness_of(None) or malformed("no body")
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if is_error(value):
        return refuse(value)
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return malformed("the answer holds no choices")
    events: list[Event | Refused] = []
    reader = Reader(quirks)
    reader.take(value, "message", events)
    events.extend(reader.end())
    return _together(events, reader)


def _together(events: list[Event | Refused], reader: Reader) -> Content | Refused:
    refused = next((event for event in events if isinstance(event, Refused)), None)
    if refused is not None:
        return refused
    return Content(
        text="".join(e.text for e in events if isinstance(e, TextDelta)),
        reasoning="".join(e.text for e in events if isinstance(e, ReasoningDelta)),
        refusal="".join(e.text for e in events if isinstance(e, RefusalDelta)),
        tool_calls=_calls([e for e in events if isinstance(e, ToolCallDelta)]),
        finish_reason=next(
            (e.reason for e in events if isinstance(e, Finished)), FinishReason.UNKNOWN
        ),
        usage=next((e.usage for e in events if isinstance(e, UsageReported)), None),
        vendor=next((e.data for e in events if isinstance(e, VendorNote)), {}),
        id=reader.id,
        upstream_model=reader.upstream_model,
    )


def _calls(pieces: list[ToolCallDelta]) -> tuple[ToolCall, ...]:
    first = [piece for piece in pieces if piece.id is not None]
    return tuple(
        ToolCall(
            id=piece.id or "",
            name=piece.name or "",
            arguments="".join(p.arguments for p in pieces if p.index == piece.index),
        )
        for piece in first
    )
