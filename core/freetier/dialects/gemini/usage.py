"""Token counts of an answer: by part and by modality."""

from __future__ import annotations

from typing import Any

from freetier.dialects.jsontext import as_count, as_dict, as_list
from freetier.values.chat import Usage


def usage_of(fields: dict[str, Any]) -> Usage | None:
    """Read `usageMetadata`; one that counts nothing is none.

    Thoughts come on top of `candidatesTokenCount`, and what tools of Google's own brought
    in on top of `promptTokenCount`; the total counts all.
    """
    given = _count(fields, "promptTokenCount") + _count(fields, "toolUsePromptTokenCount")
    thoughts = as_count(fields.get("thoughtsTokenCount"))
    made = _count(fields, "candidatesTokenCount") + (thoughts or 0)
    total = _count(fields, "totalTokenCount")
    if not (given or made or total):
        return None
    made = max(made, total - given)
    before = fields.get("promptTokensDetails")
    return Usage(
        input_tokens=given,
        output_tokens=made,
        total_tokens=given + made,
        cached_tokens=as_count(fields.get("cachedContentTokenCount")),
        reasoning_tokens=thoughts,
        audio_input_tokens=_of(before, "AUDIO"),
        audio_output_tokens=_of(fields.get("candidatesTokensDetails"), "AUDIO"),
        image_input_tokens=_of(before, "IMAGE"),
        video_input_tokens=_of(before, "VIDEO"),
    )


def _count(fields: dict[str, Any], name: str) -> int:
    return as_count(fields.get(name)) or 0


def _of(details: object, modality: str) -> int | None:
    rows = [as_dict(row) for row in as_list(details)]
    counts = [as_count(row.get("tokenCount")) for row in rows if row.get("modality") == modality]
    return sum(filter(None, counts)) if counts else None
