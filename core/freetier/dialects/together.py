"""The events of a whole answer as one value."""

from __future__ import annotations

from collections.abc import Sequence

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


def together(
    events: Sequence[Event | Refused], answer_id: str | None, upstream_model: str | None
) -> Content | Refused:
    """Return what the events say; the first refusal among them is all that counts.

    Args:
        events: Of one answer, in order.
        answer_id: The provider's id of it.
        upstream_model: The model that the provider says it used.
    """
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
        id=answer_id,
        upstream_model=upstream_model,
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
