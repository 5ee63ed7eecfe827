"""Putting the events of one answer together."""

from __future__ import annotations

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
    Usage,
    UsageReported,
    VendorNote,
)
from freetier.values.quick import maker

_content = maker(Content)


class Collector:
    """Takes events one by one and says what the answer holds so far."""

    __slots__ = ("_calls", "_reason", "_reasoning", "_refusal", "_text", "_usage", "_vendor")

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._usage: Usage | None = None
        self._reason = FinishReason.UNKNOWN
        self._vendor: dict[str, object] = {}

    def add(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, TextDelta):
            self._text.append(event.text)
        elif isinstance(event, ToolCallDelta):
            call = self._calls.setdefault(event.index, ["", "", ""])
            call[0] = call[0] or (event.id or "")
            call[1] = call[1] or (event.name or "")
            call[2] += event.arguments
        elif isinstance(event, ReasoningDelta):
            self._reasoning.append(event.text)
        else:
            self._note(event)

    def _note(self, event: Event) -> None:
        if isinstance(event, UsageReported):
            self._usage = event.usage
        elif isinstance(event, Finished):
            self._reason = event.reason
        elif isinstance(event, RefusalDelta):
            self._refusal.append(event.text)
        elif isinstance(event, VendorNote):
            self._vendor.update(event.data)

    @property
    def text(self) -> str:
        """Return the text so far."""
        return "".join(self._text)

    def content(self, *, id: str | None = None, upstream_model: str | None = None) -> Content:  # noqa: A002 - the field's name
        """Return everything so far as one value."""
        return _content(
            text="".join(self._text),
            reasoning="".join(self._reasoning),
            refusal="".join(self._refusal),
            tool_calls=tuple(
                ToolCall(id=call[0], name=call[1], arguments=call[2])
                for _, call in sorted(self._calls.items())
            ),
            finish_reason=self._reason,
            usage=self._usage,
            vendor=self._vendor,
            id=id,
            upstream_model=upstream_model,
        )
