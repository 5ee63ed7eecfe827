"""The events of a whole answer as one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
from freetier.values.quick import maker

_content = maker(Content)


def together(
    events: Sequence[Event | Refused], answer_id: str | None, upstream_model: str | None
) -> Content | Refused:
    """Return what the events say; the first refusal among them is all that counts.

    Args:
        events: Of one answer, in order.
        answer_id: The provider's id of it.
        upstream_model: The model that the provider says it used.
    """
    said: dict[type, list[Any]] = {}
    for event in events:
        if isinstance(event, Refused):
            return event
        said.setdefault(type(event), []).append(event)
    ends, used, notes = (said.get(kind) for kind in (Finished, UsageReported, VendorNote))
    return _content(
        text=_text(said.get(TextDelta)),
        reasoning=_text(said.get(ReasoningDelta)),
        refusal=_text(said.get(RefusalDelta)),
        tool_calls=_calls(said.get(ToolCallDelta, [])),
        finish_reason=ends[0].reason if ends else FinishReason.UNKNOWN,
        usage=used[0].usage if used else None,
        vendor=notes[0].data if notes else {},
        id=answer_id,
        upstream_model=upstream_model,
    )


def _text(pieces: list[Any] | None) -> str:
    return "".join([piece.text for piece in pieces]) if pieces else ""


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
