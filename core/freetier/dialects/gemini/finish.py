"""Why Gemini's answers end.

Source: https://ai.google.dev/api/generate-content#FinishReason, read 2026-11.
"""

from __future__ import annotations

from typing import Final

from freetier.dialects.words import one_line
from freetier.values.chat import FinishReason
from freetier.values.faults import Fault, FaultScope, Refused

REASONS: Final = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    "SAFETY": FinishReason.CONTENT_FILTER,
    "RECITATION": FinishReason.CONTENT_FILTER,
    "LANGUAGE": FinishReason.CONTENT_FILTER,
    "BLOCKLIST": FinishReason.CONTENT_FILTER,
    "PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "SPII": FinishReason.CONTENT_FILTER,
    "MODEL_ARMOR": FinishReason.CONTENT_FILTER,
    "IMAGE_SAFETY": FinishReason.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "IMAGE_RECITATION": FinishReason.CONTENT_FILTER,
}

FAILURES: Final = {
    "MALFORMED_FUNCTION_CALL": Fault.MALFORMED,
    "MALFORMED_RESPONSE": Fault.MALFORMED,
    "UNEXPECTED_TOOL_CALL": Fault.MALFORMED,
    "TOO_MANY_TOOL_CALLS": Fault.MALFORMED,
    # Models before Gemini 3.8 say so with status 200 what newer ones refuse with 400.
    "MISSING_THOUGHT_SIGNATURE": Fault.BAD_REQUEST,
}
"""Words that end an answer which did not come about."""

_WORD_MAX = 60  # characters of a word that is told on


def reason_of(word: str | None, *, has_calls: bool) -> FinishReason:
    """Return the reason; an answer with calls wants them made, whatever its word is."""
    reason = REASONS.get(word or "", FinishReason.UNKNOWN)
    if has_calls and reason in (FinishReason.STOP, FinishReason.UNKNOWN):
        return FinishReason.TOOL_CALLS
    return reason


def failure_of(word: str | None, message: str) -> Refused | None:
    """Return the refusal that an end means by itself.

    Args:
        word: The provider's reason.
        message: Its words beside the reason, if any.
    """
    fault = FAILURES.get(word or "")
    if fault is None:
        return None
    scope = FaultScope.REQUEST if fault is Fault.BAD_REQUEST else FaultScope.CANDIDATE
    return _refused(fault, scope, f"the answer ended with {word}: {message}".rstrip(": "))


def emptiness_of(word: str | None) -> Refused | None:
    """Return the refusal that an answer without a word means; `None` if it spent its budget."""
    reason = REASONS.get(word or "")
    if reason is FinishReason.LENGTH:
        return None
    if reason is FinishReason.CONTENT_FILTER:
        return blocked(word or "")
    return _refused(Fault.EMPTY, FaultScope.CANDIDATE, "the answer holds nothing")


def blocked(word: str) -> Refused:
    """Return the refusal of a prompt or an answer for what it says."""
    detail = f"the content was refused ({word[:_WORD_MAX]})"
    return _refused(Fault.CONTENT_REFUSED, FaultScope.REQUEST, detail)


def _refused(fault: Fault, scope: FaultScope, detail: str) -> Refused:
    return Refused(fault=fault, scope=scope, detail=one_line(detail), status=200)
