"""Why answers end, from all the words there are for it."""

from __future__ import annotations

from typing import Final

from freetier.dialects.words import one_line
from freetier.values.chat import FinishReason
from freetier.values.faults import Fault, FaultScope, Refused

REASONS: Final = {
    "stop": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "complete": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "tool_call": FinishReason.TOOL_CALLS,
    "tool_use": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
    "sensitive": FinishReason.CONTENT_FILTER,
    "safety": FinishReason.CONTENT_FILTER,
    "recitation": FinishReason.CONTENT_FILTER,
    "prohibited_content": FinishReason.CONTENT_FILTER,
    "blocklist": FinishReason.CONTENT_FILTER,
}

FAILURES: Final = {
    "error": Fault.MALFORMED,
    "network_error": Fault.MALFORMED,
    "abort": Fault.MALFORMED,
    "insufficient_system_resource": Fault.OVERLOADED,
}
"""Words that end an answer which did not come about (Z.ai, OpenRouter, vLLM, DeepSeek)."""

CUTS: Final = frozenset({FinishReason.LENGTH, FinishReason.CONTENT_FILTER})
"""Reasons that end an answer before its last word."""

OVERFLOWS: Final = frozenset({"model_context_window_exceeded"})
"""Words that mean the prompt filled the context, if nothing was said (Z.ai)."""


def reason_of(word: str | None, *, has_calls: bool) -> FinishReason:
    """Return the reason; an answer with calls wants them made, whatever its word is."""
    reason = REASONS.get((word or "").lower(), FinishReason.UNKNOWN)
    if has_calls and reason in (FinishReason.STOP, FinishReason.UNKNOWN):
        return FinishReason.TOOL_CALLS
    if not has_calls and reason is FinishReason.TOOL_CALLS:
        return FinishReason.STOP
    return reason


def failure_of(word: str | None) -> Refused | None:
    """Return the refusal that an end means by itself."""
    fault = FAILURES.get((word or "").lower())
    if fault is None:
        return None
    return Refused(
        fault=fault,
        scope=FaultScope.CANDIDATE,
        detail=f"the answer ended with {word!r}"[:120],
        status=200,
    )


def emptiness_of(word: str | None) -> Refused | None:
    """Return the refusal that an answer without a word means; `None` if it spent its budget."""
    reason = REASONS.get((word or "").lower())
    if (word or "").lower() in OVERFLOWS:
        return _refused(Fault.CONTEXT_TOO_LONG, "the prompt fills the model's context")
    if reason is FinishReason.LENGTH:
        return None
    if reason is FinishReason.CONTENT_FILTER:
        return _refused(Fault.CONTENT_REFUSED, f"the content was refused ({word})"[:120])
    return Refused(
        fault=Fault.EMPTY,
        scope=FaultScope.CANDIDATE,
        detail="the answer holds nothing",
        status=200,
    )


def _refused(fault: Fault, detail: str) -> Refused:
    return Refused(fault=fault, scope=FaultScope.REQUEST, detail=one_line(detail), status=200)
