"""Signatures of thoughts: kept with a turn, and put back on the part that carried them.

Gemini 3 refuses a call without the signature it came with; with parallel calls only the
first carries one, and a stream may bring one in a last empty text (glm-notes, 2026-09-28).
The note is that of the OpenAI language: `{"message": {...}, "calls": {call id: {...}}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from freetier.dialects.jsontext import as_dict, as_text
from freetier.values.accounts import Candidate
from freetier.values.chat import Message

SIGNATURE: Final = "thoughtSignature"
THOUGHT, TEXT, END = "thought", "text", "end"
"""The parts beside calls that may be signed: thoughts, the text, an empty text at the end."""


def note(signed: Mapping[str, str], calls: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    """Return what must come back, empty if nothing must.

    Args:
        signed: Signatures of parts that are no calls, by `THOUGHT`, `TEXT` and `END`.
        calls: Signature and Google's id of each call, by our id.
    """
    kept: dict[str, Any] = {"message": {SIGNATURE: dict(signed)}} if signed else {}
    if told := {call_id: dict(fields) for call_id, fields in calls.items() if fields}:
        kept["calls"] = told
    return kept


def returned(message: Message, candidate: Candidate) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the signatures of a turn's parts, and the fields of its calls by our id."""
    data = message.vendor.get((candidate.provider.name, candidate.model.family))
    if not data:
        return {}, {}
    signed = as_dict(as_dict(data.get("message")).get(SIGNATURE))
    texts = {part: as_text(value) for part, value in signed.items() if as_text(value)}
    return texts, {
        call_id: as_dict(fields) for call_id, fields in as_dict(data.get("calls")).items()
    }


def foreign(candidate: Candidate) -> str | None:
    """Return what a call of another provider is signed with, if this one demands it."""
    signatures = candidate.quirks.foreign_signatures.items()
    fits = (word for pattern, word in signatures if fnmatchcase(candidate.model.id, pattern))
    return next(fits, None)
